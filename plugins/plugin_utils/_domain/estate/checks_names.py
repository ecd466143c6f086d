"""Names in an inventory that nobody reads: typing errors, most of all. FOR INTERNAL COLLECTION USE
ONLY.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from .contract import GROUPS, MADE_BY_PLAYBOOKS, SET_BY_PLAYBOOKS, VARIABLES
from .written import ERROR, WARNING, InventoryFinding, Written

#: How alike two names are that are taken for one, from 0 to 1.
ALIKE = 0.85
#: The names that begin so are the collection's own.
PREFIX = "pchat_"


def name_findings(written: Written) -> Iterator[InventoryFinding]:
    """Groups and variables that look like ours and are not, and groups without a host."""
    yield from _groups(written)
    yield from _hosts_without_pool(written)
    yield from _variables(written)


def known_variables(written: Written) -> set[str]:
    """All names that the collection reads."""
    return {variable.name for variable in VARIABLES} | set(written.roles)


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that was probably meant."""
    plain = name.lower().replace("-", "_")
    found = difflib.get_close_matches(plain, sorted(known), n=1, cutoff=ALIKE)
    return found[0] if found else None


def _groups(written: Written) -> Iterator[InventoryFinding]:
    known = {group.name for group in GROUPS}
    for name, hosts in written.groups.items():
        if name in known and not hosts:
            text = (
                f"The group {name} has no hosts, so it says nothing. Put its hosts in, or take"
                " it out."
            )
            yield InventoryFinding(WARNING, "empty_group", name, text)
        meant = None if name in known | MADE_BY_PLAYBOOKS else nearest(name, known)
        if meant:
            text = (
                f"The group {name} is read by nobody: its hosts have no function by it. If"
                f" {meant} is meant, write that."
            )
            yield InventoryFinding(ERROR, "unknown_group", name, text)


def _hosts_without_pool(written: Written) -> Iterator[InventoryFinding]:
    ours = {group.name for group in GROUPS}
    for name, host in written.hosts.items():
        functions = sorted(host.groups & ours)
        if functions and "pchat_pool" not in host.names:
            text = (
                f"{name} is in {', '.join(functions)} and has no pchat_pool, so no pool knows of"
                " it. Set pchat_pool for it, best in a group that holds every host of the pool."
            )
            yield InventoryFinding(ERROR, "no_pool", name, text)


def _variables(written: Written) -> Iterator[InventoryFinding]:
    known = known_variables(written)
    for name, hosts in _set_variables(written).items():
        if name in known or name in SET_BY_PLAYBOOKS:
            continue
        meant = nearest(name, known)
        if meant:
            text = (
                f"{name} ({_of(hosts)}) is no variable of the collection, so it does nothing,"
                f" and {meant} keeps its default. If {meant} is meant, write that."
            )
            yield InventoryFinding(ERROR, "unknown_variable", name, text)
        elif name.startswith(PREFIX):
            text = (
                f"{name} ({_of(hosts)}) is no variable of the collection, so it does nothing."
                " Take it out, or let variables of your own begin otherwise."
            )
            yield InventoryFinding(WARNING, "unknown_variable", name, text)


def _set_variables(written: Written) -> dict[str, list[str]]:
    """Variable -> hosts that have it; without those of Ansible itself."""
    found: dict[str, list[str]] = {}
    for host, about in written.hosts.items():
        for name in sorted(about.names):
            if not name.startswith("ansible_"):
                found.setdefault(name, []).append(host)
    return found


def _of(hosts: list[str]) -> str:
    if len(hosts) == 1:
        return f"set for {hosts[0]}"
    return f"set for {hosts[0]} and {len(hosts) - 1} more"
