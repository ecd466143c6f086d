# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the inventory declares about one pool; connects to nothing."""

from __future__ import annotations

import typing as t

from ..plugin_utils._action.base import PChatAction, Result, plain
from ..plugin_utils._domain.estate.estate_info import OTHER_GROUPS, SQL_GROUPS, Member, estate_of


class EstateInfoOptions(t.TypedDict):
    """``active_servers``: FQDNs of those that are to accept clients."""

    pool: str
    active_servers: list[str]


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = {
        "pool": {"type": "str", "required": True},
        "active_servers": {"type": "list", "elements": "str", "default": []},
    }

    def act(self, options: EstateInfoOptions) -> Result:
        return {
            "changed": False,
            "estate": estate_of(
                options["pool"], self._members(options["pool"]), options["active_servers"]
            ),
        }

    def _members(self, pool: str) -> list[Member]:
        """Inventory hosts whose pchat_pool is this pool, in inventory order."""
        groups = self._vars["groups"]
        names: dict[str, None] = {}
        for group in (*OTHER_GROUPS, *SQL_GROUPS, "all"):
            names.update(dict.fromkeys(groups.get(group, [])))
        members = []
        for name in names:
            theirs = self.variables_of(name)
            if str(theirs.get("pchat_pool", "")).lower() != pool.lower():
                continue
            members.append(
                Member(
                    plain(name),
                    plain(str(theirs.get("pchat_fqdn") or name)),
                    frozenset(map(plain, theirs["group_names"])),
                    plain(str(theirs.get("pchat_sql_instance") or "")),
                )
            )
        return members
