# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/salvaged_copy.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.sqlserver import salvaged_copy


class ActionModule(ResourceAction):
    RESOURCE = salvaged_copy.SalvagedCopy
    ARGUMENT_SPEC = salvaged_copy.SALVAGED_COPY_SPEC
