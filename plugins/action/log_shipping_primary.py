# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/log_shipping_primary.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.sqlserver import log_shipping_primary


class ActionModule(ResourceAction):
    RESOURCE = log_shipping_primary.LogShippingPrimary
    ARGUMENT_SPEC = log_shipping_primary.LOG_SHIPPING_PRIMARY_SPEC
