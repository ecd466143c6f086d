# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/members_info.py. One task reads all hosts at the same time."""

from __future__ import annotations

from ..plugin_utils._action.base import PChatError, Result
from ..plugin_utils._action.many_hosts import ManyHostsAction
from ..plugin_utils._domain.estate import members_info


class ActionModule(ManyHostsAction):
    ARGUMENT_SPEC = members_info.MEMBERS_INFO_SPEC

    def act(self, options: members_info.MembersInfoOptions) -> Result:
        estate = options["estate"]
        seen = self.on_each(
            estate["hosts"],
            None,
            lambda name, session: members_info.read_member(session, name, options),
            estate["instance"],
        )
        facts = {
            name: members_info.unread(told, estate["fqdn"][name])
            if isinstance(told, PChatError)
            else told
            for name, told in seen.items()
        }
        return {"changed": False, "facts": facts}
