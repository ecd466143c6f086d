# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/mirroring_endpoint.py."""
from __future__ import annotations

from ..plugin_utils._action import ResourceAction
from ..plugin_utils._domain import endpoint


class ActionModule(ResourceAction):
    RESOURCE = endpoint.MirroringEndpoint
    ARGUMENT_SPEC = endpoint.MIRRORING_ENDPOINT_SPEC
