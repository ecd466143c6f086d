# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judges what the hosts of a pool told; connects to nothing."""

from __future__ import annotations

from ..plugin_utils._action.base import PChatAction
from ..plugin_utils._domain.estate import preflight


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = preflight.PREFLIGHT_SPEC

    def act(self, options):
        return {"changed": False, **preflight.judge(options)}
