# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judges what the hosts of a pool told; connects to nothing."""

from __future__ import annotations

from ..plugin_utils._action.base import PChatAction, Result
from ..plugin_utils._domain.estate import preflight, seen


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = preflight.PREFLIGHT_SPEC

    def act(self, options: seen.PreflightOptions) -> Result:
        return {"changed": False, **preflight.judge(options)}
