# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/log_chain_info.py."""
from __future__ import annotations

from ..plugin_utils._action import ResourceAction
from ..plugin_utils._domain import log_chain


class ActionModule(ResourceAction):
    RESOURCE = log_chain.LogChainInfo
    ARGUMENT_SPEC = log_chain.LOG_CHAIN_INFO_SPEC
