# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads on the controller; connects to nothing. See plugins/modules/operation_record_info.py."""

from __future__ import annotations

from ..plugin_utils._action.base import PChatAction, Result, show
from ..plugin_utils._action.controller_file import text_of
from ..plugin_utils._domain.outage import operation_record_info


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = operation_record_info.OPERATION_RECORD_INFO_SPEC

    def act(self, options: operation_record_info.RecordInfoOptions) -> Result:
        known = operation_record_info.operations(text_of(options["path"]), options["pool"])
        shown = known[-max(options["last"], 1) :]
        lines = [f"Operations in {options['path']}, {len(shown)} of {len(known)}:"]
        lines += operation_record_info.lines(shown)
        show(lines)
        return {"changed": False, "operations": shown, "lines": lines}
