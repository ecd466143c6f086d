# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/dr_intent.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.sqlserver import dr_intent


class ActionModule(ResourceAction):
    RESOURCE = dr_intent.DrIntent
    ARGUMENT_SPEC = dr_intent.DR_INTENT_SPEC
