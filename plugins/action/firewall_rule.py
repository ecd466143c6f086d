# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/firewall_rule.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.windows import firewall_rule


class ActionModule(ResourceAction):
    RESOURCE = firewall_rule.FirewallRule
    ARGUMENT_SPEC = firewall_rule.FIREWALL_RULE_SPEC
