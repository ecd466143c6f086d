# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/windows_logins.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.sqlserver import windows_logins


class ActionModule(ResourceAction):
    RESOURCE = windows_logins.WindowsLogins
    ARGUMENT_SPEC = windows_logins.WINDOWS_LOGINS_SPEC
