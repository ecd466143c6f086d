# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/log_copy.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.sqlserver import log_copy


class ActionModule(ResourceAction):
    RESOURCE = log_copy.LogCopy
    ARGUMENT_SPEC = log_copy.LOG_COPY_SPEC
