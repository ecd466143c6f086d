# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes on the controller; connects to nothing. See plugins/modules/operation_record.py."""

from __future__ import annotations

import socket
import time

from ..plugin_utils._action.base import PChatAction, Refused, Result, show
from ..plugin_utils._action.controller_file import append_line
from ..plugin_utils._domain.outage import operation_record


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = operation_record.OPERATION_RECORD_SPEC

    def act(self, options: operation_record.RecordOptions) -> Result:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = operation_record.line_of(options, now, socket.gethostname())
        lines = _written(options, line)
        show(lines)
        done = operation_record.all_done(options, now)
        return {"changed": False, "line": line, "lines": lines, "done": done}


def _written(options: operation_record.RecordOptions, line: str) -> list[str]:
    """What is to be said of it: nothing, where the file has taken the line or there is none."""
    try:
        if options["path"]:
            append_line(options["path"], line)
    except Refused as refusal:
        if options["required"]:
            raise
        return [operation_record.gone_on_without(str(refusal), options)]
    return []
