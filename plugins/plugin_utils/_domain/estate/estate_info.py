"""What the inventory declares about one pool: which host is what, and where. FOR INTERNAL
COLLECTION USE ONLY.

Groups follow place and function; nothing here says who is principal *now*, that is always observed.
"""

from __future__ import annotations

import re
import typing as t

from ..._engine.errors import Refused
from ..documents.declared import Declared

#: Function group -> slot of ``Declared['sql']``. Each holds at most one host of a pool.
SQL_GROUPS = {
    "pchat_sql_primary": "primary",
    "pchat_sql_mirror": "mirror",
    "pchat_sql_witness": "witness",
    "pchat_sql_backup": "backup",
    "pchat_sql_backup_mirror": "backup_mirror",
    "pchat_sql_backup_witness": "backup_witness",
}
PLACES = {"pchat_site_primary": "primary", "pchat_site_backup": "backup"}
OTHER_GROUPS = ("pchat_management", "pchat_servers", "pchat_file_servers")
#: Documented limits of a Persistent Chat pool (Topologies for Persistent Chat Server; Capacity
#: planning).
MAX_SERVERS = 8
MAX_ACTIVE = 4
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


def estate_of(pool: str, members: t.Sequence[Member], active: t.Sequence[str] = ()) -> Declared:
    """The pool's estate as plain data. Refuses (``inventory``) with *all* findings."""
    problems: list[str] = []
    if not is_fqdn(pool):
        problems.append(f"pchat_pool is {pool!r}, which is not a fully qualified domain name")
    sql = {slot: _only(group, members, problems) for group, slot in SQL_GROUPS.items()}
    _check_sql(sql, problems)
    site = {member.name: _place(member, sql, problems) for member in members}
    management = _names_in("pchat_management", members)
    management.sort(key=lambda name: site[name] != "primary")
    if not management:
        problems.append(
            "no host of this pool is in the group pchat_management (a Front End server with the"
            " Lync management tools)"
        )
    servers = [member for member in members if "pchat_servers" in member.groups]
    _check_servers(servers, active, problems)
    for member in members:
        _check_member(member, problems)
    if problems:
        raise Refused(
            f"The inventory of pool {pool} cannot be used: "
            + "; ".join(problems)
            + ". Nothing was read or changed.",
            code="inventory",
            findings=problems,
        )
    return {
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


def _names_in(group: str, members: t.Sequence[Member]) -> list[str]:
    return [member.name for member in members if group in member.groups]


def _check_member(member: Member, problems: list[str]) -> None:
    if not is_fqdn(member.fqdn):
        problems.append(
            f"{member.name}: {member.fqdn!r} is not a fully qualified domain name; set"
            " pchat_fqdn (short names time out)"
        )
    if not member.groups & {*SQL_GROUPS, *OTHER_GROUPS}:
        problems.append(
            f"{member.name} has pchat_pool but is in no function group"
            f" ({', '.join([*OTHER_GROUPS, *SQL_GROUPS])})"
        )


def _only(group: str, members: t.Sequence[Member], problems: list[str]) -> str | None:
    names = _names_in(group, members)
    if len(names) > 1:
        problems.append(f"{', '.join(names)} are all in {group}; a pool has one host there")
    return names[0] if names else None


def _check_sql(sql: dict[str, str | None], problems: list[str]) -> None:
    for slot, why in (
        ("primary", "the pool's databases live there"),
        ("mirror", "it holds the copy that survives the loss of one SQL Server"),
        ("backup", "log shipping needs its secondary"),
    ):
        if sql[slot] is None:
            problems.append(f"no host of this pool is in pchat_sql_{slot}: {why}")
    if sql["backup_witness"] and not sql["backup_mirror"]:
        problems.append(
            "pchat_sql_backup_witness is set without pchat_sql_backup_mirror: a witness serves a"
            " mirrored pair"
        )
    taken: dict[str, str] = {}
    for slot, name in sql.items():
        if name is None:
            continue
        if name in taken:
            problems.append(
                f"{name} is both {taken[name]} and {slot} SQL Server; one instance holds one copy"
            )
        taken.setdefault(name, slot)


def _place(member: Member, sql: dict[str, str | None], problems: list[str]) -> str:
    found = [place for group, place in PLACES.items() if group in member.groups]
    implied = {slot: "backup" if slot.startswith("backup") else "primary" for slot in sql}
    for slot, name in sql.items():
        if name == member.name and found and implied[slot] not in found:
            problems.append(
                f"{member.name} is the {slot} SQL Server but stands in pchat_site_{found[0]}"
            )
    if len(found) > 1:
        problems.append(
            f"{member.name} is in both {' and '.join(PLACES)}; a machine stands in one data centre"
        )
    if found:
        return found[0]
    slots = [slot for slot, name in sql.items() if name == member.name]
    if slots:
        return implied[slots[0]]
    problems.append(
        f"{member.name} is in neither {' nor '.join(PLACES)}; which data centre it stands in"
        " decides what a failover may use"
    )
    return "primary"


def _check_servers(
    servers: t.Sequence[Member], active: t.Sequence[str], problems: list[str]
) -> None:
    if not servers:
        problems.append("no host of this pool is in pchat_servers")
    if len(servers) > MAX_SERVERS:
        problems.append(
            f"{len(servers)} hosts are in pchat_servers; a pool has at most {MAX_SERVERS}"
        )
    if len(set(map(str.lower, active))) > MAX_ACTIVE:
        problems.append(f"{len(active)} servers are to be active; a pool has at most {MAX_ACTIVE}")
    by_name = {server.name.lower(): server.fqdn.lower() for server in servers}
    fqdns = {server.fqdn.lower() for server in servers}
    for name in active:
        if name.lower() in fqdns or name.lower() not in by_name:
            continue
        problems.append(
            f"{name} is to be active under its name in the inventory; Lync knows servers by their"
            f" fully qualified names: write {by_name[name.lower()]}"
        )
    strangers = sorted(name for name in active if name.lower() not in fqdns | by_name.keys())
    if strangers:
        are = "is" if len(strangers) == 1 else "are"
        problems.append(
            f"{', '.join(strangers)} {are} to be active but not in pchat_servers of this pool"
        )


def site_of(declared: Declared, fqdn: str | None) -> str | None:
    """The data centre of the inventory's host with this name; None when it has none."""
    wanted = (fqdn or "").lower()
    for name, known in declared["fqdn"].items():
        if known.lower() == wanted:
            return declared["site"][name]
    return None
