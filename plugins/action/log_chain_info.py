# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/log_chain_info.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.outage import log_chain_info


class ActionModule(ResourceAction):
    RESOURCE = log_chain_info.LogChainInfo
    ARGUMENT_SPEC = log_chain_info.LOG_CHAIN_INFO_SPEC
