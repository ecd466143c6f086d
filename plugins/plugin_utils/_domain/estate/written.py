"""What somebody wrote into an inventory, as Ansible merged it: the shapes that are judged.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ..documents.declared import Declared

#: A run of the playbooks is refused for it, or does something else than was meant.
ERROR = "error"
#: Worth a look: it is not read, or a failover would be worse for it.
WARNING = "warning"


class InventoryFinding(t.NamedTuple):
    """``urgency``: ERROR or WARNING. ``code``: stable, listed in docs/errors.md. ``where``: a
    host, a group, a variable or a pool.
    """

    urgency: str
    code: str
    where: str
    text: str


class WrittenHost(t.NamedTuple):
    """``names``: of all its variables. ``values``: of those that the collection reads.
    ``unreadable``: variable -> why it has no value.
    """

    groups: frozenset[str]
    names: frozenset[str]
    values: Mapping[str, t.Any]
    unreadable: Mapping[str, str]


class RoleVariable(t.NamedTuple):
    """``required``: a build needs it. ``on_every_host``: it is read for each host, not only by the
    management host that speaks for the pool.
    """

    required: bool
    on_every_host: bool


class Written(t.NamedTuple):
    """``hosts``: by name, in the order of the inventory; ``groups``: their hosts. ``roles``: the
    variables that roles document.
    """

    hosts: Mapping[str, WrittenHost]
    groups: Mapping[str, Sequence[str]]
    roles: Mapping[str, RoleVariable]


class WrittenPool(t.NamedTuple):
    """One pool. ``hosts``: those whose ``pchat_pool`` names it."""

    name: str
    declared: Declared
    hosts: Mapping[str, WrittenHost]

    def value(self, variable: str) -> t.Any:
        """As the management host reads it that speaks first; None where it is not set."""
        for name in self.declared["management"]:
            return self.hosts[name].values.get(variable)
        return None
