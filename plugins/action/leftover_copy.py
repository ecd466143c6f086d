# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/leftover_copy.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.sqlserver import leftover_copy


class ActionModule(ResourceAction):
    RESOURCE = leftover_copy.LeftoverCopy
    ARGUMENT_SPEC = leftover_copy.LEFTOVER_COPY_SPEC
