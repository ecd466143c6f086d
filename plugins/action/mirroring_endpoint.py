# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/mirroring_endpoint.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.sqlserver import mirroring_endpoint


class ActionModule(ResourceAction):
    RESOURCE = mirroring_endpoint.MirroringEndpoint
    ARGUMENT_SPEC = mirroring_endpoint.MIRRORING_ENDPOINT_SPEC
