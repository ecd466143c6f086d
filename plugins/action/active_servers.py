# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/active_servers.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.lync import active_servers


class ActionModule(ResourceAction):
    RESOURCE = active_servers.ActiveServers
    ARGUMENT_SPEC = active_servers.ACTIVE_SERVERS_SPEC
