# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/services_info.py. One task asks all hosts at the same time."""

from __future__ import annotations

from ..plugin_utils._action.base import Result
from ..plugin_utils._action.many_hosts import ManyHostsAction
from ..plugin_utils._domain.resources.windows import services_info


class ActionModule(ManyHostsAction):
    ARGUMENT_SPEC = services_info.SERVICES_INFO_SPEC

    def act(self, options: services_info.ServicesInfoOptions) -> Result:
        wanted = {
            name: services_info.wanted_of(name, options) for name in dict.fromkeys(options["hosts"])
        }
        known = options["known"]
        seen = services_info.remembered(wanted, known) | self.on_each(
            [name for name in wanted if name not in known],
            None,
            lambda name, session: wanted[name].read(session),
        )
        return {
            "changed": False,
            "late": services_info.late(wanted, seen),
            "hosts": services_info.told(wanted, seen),
        }
