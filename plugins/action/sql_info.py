# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/sql_info.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.sqlserver import sql_info


class ActionModule(ResourceAction):
    RESOURCE = sql_info.SqlInfo
    ARGUMENT_SPEC = sql_info.SQL_INFO_SPEC
