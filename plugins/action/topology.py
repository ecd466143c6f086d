# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/topology.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.lync import topology


class ActionModule(ResourceAction):
    RESOURCE = topology.Topology
    ARGUMENT_SPEC = topology.TOPOLOGY_SPEC
