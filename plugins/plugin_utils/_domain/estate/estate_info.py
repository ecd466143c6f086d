"""What the inventory declares about one pool: which host is what, and where. FOR INTERNAL
COLLECTION USE ONLY.

Groups follow place and function; nothing here says who is principal *now*, that is always observed.
"""

from __future__ import annotations

import re
import typing as t

from ..._engine.errors import Refused
from ..documents.declared import Declared
from .contract import (
    MAX_ACTIVE,
    MAX_SERVERS,
    NEEDED,
    OTHER_GROUPS,
    PLACES,
    SQL_GROUPS,
)

__all__ = [
    "MAX_ACTIVE",
    "MAX_SERVERS",
    "OTHER_GROUPS",
    "SQL_GROUPS",
    "Member",
    "Problem",
    "declared_of",
    "estate_of",
    "is_fqdn",
    "site_of",
]

#: ASCII only: the release notes of Lync Server 2013 rule other computer and domain names out.
_FQDN = re.compile(
    r"(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)


class Member(t.NamedTuple):
    """One inventory host of the pool.

    ``instance`` is its SQL Server instance name ('' = default).
    """

    name: str
    fqdn: str
    groups: frozenset[str]
    instance: str = ""


def is_fqdn(text: str) -> bool:
    """Whether the text is a fully qualified name: at least two labels, ASCII only."""
    return bool(_FQDN.fullmatch(text))


class Problem(t.NamedTuple):
    """Something that stands against an inventory. ``code``: stable, listed in docs/errors.md."""

    code: str
    text: str


def estate_of(pool: str, members: t.Sequence[Member], active: t.Sequence[str] = ()) -> Declared:
    """The pool's estate as plain data. Refuses (``inventory``) with *all* findings."""
    declared, problems = declared_of(pool, members, active)
    if problems:
        told = [problem.text for problem in problems]
        raise Refused(
            f"The inventory of pool {pool} cannot be used: "
            + "; ".join(told)
            + ". Nothing was read or changed.",
            code="inventory",
            findings=told,
        )
    return declared


def declared_of(
    pool: str, members: t.Sequence[Member], active: t.Sequence[str] = ()
) -> tuple[Declared, list[Problem]]:
    """The pool's estate, and all that stands against it: with a problem, it is not to be used."""
    problems: list[Problem] = []
    if not is_fqdn(pool):
        text = f"pchat_pool is {pool!r}, which is not a fully qualified domain name"
        problems.append(Problem("not_qualified", text))
    sql = {slot: _only(group, members, problems) for group, slot in SQL_GROUPS.items()}
    _check_sql(sql, problems)
    site = {member.name: _place(member, sql, problems) for member in members}
    management = _names_in("pchat_management", members)
    management.sort(key=lambda name: site[name] != "primary")
    if not management:
        text = (
            "no host of this pool is in the group pchat_management (a Front End server with the"
            " Lync management tools)"
        )
        problems.append(Problem("missing_function", text))
    servers = [member for member in members if "pchat_servers" in member.groups]
    _check_servers(servers, active, problems)
    for member in members:
        _check_member(member, problems)
    declared: Declared = {
        "pool": pool.lower(),
        "management": management,
        "servers": {
            "primary": [server.name for server in servers if site[server.name] == "primary"],
            "backup": [server.name for server in servers if site[server.name] == "backup"],
        },
        "sql": sql,
        "file_servers": _names_in("pchat_file_servers", members),
        "hosts": [member.name for member in members],
        "fqdn": {member.name: member.fqdn.lower() for member in members},
        "instance": {member.name: member.instance for member in members},
        "site": site,
    }
    return declared, problems


def _names_in(group: str, members: t.Sequence[Member]) -> list[str]:
    return [member.name for member in members if group in member.groups]


def _check_member(member: Member, problems: list[Problem]) -> None:
    if not is_fqdn(member.fqdn):
        text = (
            f"{member.name}: {member.fqdn!r} is not a fully qualified domain name; set"
            " pchat_fqdn (short names time out)"
        )
        problems.append(Problem("not_qualified", text))
    if not member.groups & {*SQL_GROUPS, *OTHER_GROUPS}:
        text = (
            f"{member.name} has pchat_pool but is in no function group"
            f" ({', '.join([*OTHER_GROUPS, *SQL_GROUPS])})"
        )
        problems.append(Problem("no_function", text))


def _only(group: str, members: t.Sequence[Member], problems: list[Problem]) -> str | None:
    names = _names_in(group, members)
    if len(names) > 1:
        text = f"{', '.join(names)} are all in {group}; a pool has one host there"
        problems.append(Problem("double_function", text))
    return names[0] if names else None


def _check_sql(sql: dict[str, str | None], problems: list[Problem]) -> None:
    for group, slot in SQL_GROUPS.items():
        if sql[slot] is None and group in NEEDED:
            text = f"no host of this pool is in {group}: {NEEDED[group]}"
            problems.append(Problem("missing_function", text))
    if sql["backup_witness"] and not sql["backup_mirror"]:
        text = (
            "pchat_sql_backup_witness is set without pchat_sql_backup_mirror: a witness serves a"
            " mirrored pair"
        )
        problems.append(Problem("missing_function", text))
    taken: dict[str, str] = {}
    for slot, name in sql.items():
        if name is None:
            continue
        if name in taken:
            text = (
                f"{name} is both {taken[name]} and {slot} SQL Server; one instance holds one copy"
            )
            problems.append(Problem("double_function", text))
        taken.setdefault(name, slot)


def _place(member: Member, sql: dict[str, str | None], problems: list[Problem]) -> str:
    found = [place for group, place in PLACES.items() if group in member.groups]
    implied = {slot: "backup" if slot.startswith("backup") else "primary" for slot in sql}
    for slot, name in sql.items():
        if name == member.name and found and implied[slot] not in found:
            text = f"{member.name} is the {slot} SQL Server but stands in pchat_site_{found[0]}"
            problems.append(Problem("wrong_place", text))
    if len(found) > 1:
        text = (
            f"{member.name} is in both {' and '.join(PLACES)}; a machine stands in one data centre"
        )
        problems.append(Problem("wrong_place", text))
    if found:
        return found[0]
    slots = [slot for slot, name in sql.items() if name == member.name]
    if slots:
        return implied[slots[0]]
    text = (
        f"{member.name} is in neither {' nor '.join(PLACES)}; which data centre it stands in"
        " decides what a failover may use"
    )
    problems.append(Problem("wrong_place", text))
    return "primary"


def _check_servers(
    servers: t.Sequence[Member], active: t.Sequence[str], problems: list[Problem]
) -> None:
    if not servers:
        problems.append(Problem("missing_function", "no host of this pool is in pchat_servers"))
    if len(servers) > MAX_SERVERS:
        text = f"{len(servers)} hosts are in pchat_servers; a pool has at most {MAX_SERVERS}"
        problems.append(Problem("too_many_servers", text))
    if len(set(map(str.lower, active))) > MAX_ACTIVE:
        text = f"{len(active)} servers are to be active; a pool has at most {MAX_ACTIVE}"
        problems.append(Problem("too_many_active", text))
    by_name = {server.name.lower(): server.fqdn.lower() for server in servers}
    fqdns = {server.fqdn.lower() for server in servers}
    for name in active:
        if name.lower() in fqdns or name.lower() not in by_name:
            continue
        text = (
            f"{name} is to be active under its name in the inventory; Lync knows servers by their"
            f" fully qualified names: write {by_name[name.lower()]}"
        )
        problems.append(Problem("not_a_member", text))
    strangers = sorted(name for name in active if name.lower() not in fqdns | by_name.keys())
    if strangers:
        are = "is" if len(strangers) == 1 else "are"
        text = f"{', '.join(strangers)} {are} to be active but not in pchat_servers of this pool"
        problems.append(Problem("not_a_member", text))


def site_of(declared: Declared, fqdn: str | None) -> str | None:
    """The data centre of the inventory's host with this name; None when it has none."""
    wanted = (fqdn or "").lower()
    for name, known in declared["fqdn"].items():
        if known.lower() == wanted:
            return declared["site"][name]
    return None
