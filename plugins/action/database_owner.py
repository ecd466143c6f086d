# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/database_owner.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.sqlserver import database_owner


class ActionModule(ResourceAction):
    RESOURCE = database_owner.DatabaseOwner
    ARGUMENT_SPEC = database_owner.DATABASE_OWNER_SPEC
