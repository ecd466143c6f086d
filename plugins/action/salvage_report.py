# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/salvage_report.py. Connects to nothing."""

from __future__ import annotations

from ..plugin_utils._action.base import PChatAction, Result, show
from ..plugin_utils._domain.outage import salvage_report


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = salvage_report.SALVAGE_REPORT_SPEC

    def act(self, options: salvage_report.ReportOptions) -> Result:
        document = salvage_report.report_of(options)
        lines = list(salvage_report.lines_of(document))
        show(lines)
        return {"changed": False, "document": document, "lines": lines}
