# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judges the collection's assumptions by what hosts told; connects to nothing."""

from __future__ import annotations

from ..plugin_utils._action.base import PChatAction, Result
from ..plugin_utils._domain.fidelity import fidelity_report


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = fidelity_report.FIDELITY_REPORT_SPEC

    def act(self, options: fidelity_report.Asked) -> Result:
        return {"changed": False, **fidelity_report.report(options)}
