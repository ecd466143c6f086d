# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes on the controller; connects to nothing. See plugins/modules/operation_record.py."""

from __future__ import annotations

import socket
import time

from ..plugin_utils._action.base import PChatAction, Result
from ..plugin_utils._action.controller_file import append_line
from ..plugin_utils._domain.outage import operation_record


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = operation_record.OPERATION_RECORD_SPEC

    def act(self, options: operation_record.RecordOptions) -> Result:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = operation_record.line_of(options, now, socket.gethostname())
        append_line(options["path"], line)
        return {"changed": False, "line": line}
