# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/database.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.lync import database


class ActionModule(ResourceAction):
    RESOURCE = database.LyncDatabase
    ARGUMENT_SPEC = database.DATABASE_SPEC
