# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judges the collection's assumptions by what hosts told; connects to nothing."""
from __future__ import annotations

from ..plugin_utils._action import PChatAction
from ..plugin_utils._domain.fidelity import report


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = report.FIDELITY_REPORT_SPEC

    def act(self, options):
        return {"changed": False, **report.report(options)}
