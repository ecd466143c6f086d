"""Variables of a pool that are missing, in the wrong place, or contradict each other. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ..._engine.errors import Refused
from ..calls.tsql import quote
from .contract import HOST, SQL_GROUPS, VARIABLES
from .estate_info import site_of
from .written import ERROR, WARNING, InventoryFinding, Written, WrittenHost, WrittenPool

_HOST_VARIABLES = {variable.name for variable in VARIABLES if variable.whose == HOST}
#: UNC names, and local folders.
_SHARES = ("log_shipping_primary_share", "mirror_seed_share", "log_shipping_secondary_source")
_FOLDERS = ("log_shipping_secondary_copy_folder",)
_UNC = re.compile(r"\\\\([^\\]+)\\([^\\]+)")


def value_findings(written: Written, pool: WrittenPool) -> Iterator[InventoryFinding]:
    """All that is to be said of the variables of one pool."""
    yield from _unreadable(pool)
    yield from _missing(written, pool)
    yield from _of_one_pool(written, pool)
    yield from _instances(pool)
    yield from _same_machine(pool)
    yield from _paths(pool)
    yield from _share_in_the_site_that_is_lost(pool)
    yield from _backup_site(pool)
    yield from _connections(pool)


def _unreadable(pool: WrittenPool) -> Iterator[InventoryFinding]:
    """Each variable once, however many hosts have it."""
    told: set[str] = set()
    for name, host in pool.hosts.items():
        for variable, why in host.unreadable.items():
            if variable in told:
                continue
            told.add(variable)
            text = (
                f"{variable} has no value for {name}: {why.rstrip('.')}. What stands on it would"
                " fail half-way. Correct the expression, or set what it names."
            )
            yield InventoryFinding(ERROR, "bad_template", variable, text)


def _missing(written: Written, pool: WrittenPool) -> Iterator[InventoryFinding]:
    needed = [name for name, about in written.roles.items() if about.required]
    for variable in needed:
        if any(variable in host.names for host in pool.hosts.values()):
            continue
        text = (
            f"{variable} is not set for {pool.name}, and a build needs it: docs/inventory.md says"
            " what it is. Set it for all hosts of the pool."
        )
        yield InventoryFinding(ERROR, "missing_variable", variable, text)


def _of_one_pool(written: Written, pool: WrittenPool) -> Iterator[InventoryFinding]:
    """Variables that are the same for all hosts of a pool: one management host speaks for it, and
    which one it is depends on who answers.
    """
    for variable in _pool_variables(written, pool):
        readers = _readers(written, pool, variable)
        have = [host for host in readers if variable in pool.hosts[host].names]
        values = {_shown(pool.hosts[host], variable) for host in readers}
        if not have:
            yield _unread(variable, pool.declared["management"])
        elif len(values) > 1:
            yield _differing(variable, pool, readers)


def _pool_variables(written: Written, pool: WrittenPool) -> list[str]:
    """Those that are set for any of its hosts."""
    known = (set(written.roles) | {"pchat_compliance"}) - _HOST_VARIABLES - {"pchat_pool"}
    found: set[str] = set()
    for host in pool.hosts.values():
        found |= host.names & known
    return sorted(found)


def _readers(written: Written, pool: WrittenPool, variable: str) -> list[str]:
    """The hosts for which the variable is read."""
    about = written.roles.get(variable)
    if about is None or about.on_every_host:
        return list(pool.hosts)
    return pool.declared["management"]


def _unread(variable: str, speakers: list[str]) -> InventoryFinding:
    where = " and ".join(speakers) or "a host of pchat_management"
    text = (
        f"{variable} is set, but not for {where}, where it is read: a management host speaks for"
        " the pool. Set it for all hosts of the pool."
    )
    return InventoryFinding(ERROR, "unread_variable", variable, text)


def _differing(variable: str, pool: WrittenPool, readers: list[str]) -> InventoryFinding:
    by_value: dict[str, str] = {}
    for host in readers:
        by_value.setdefault(_shown(pool.hosts[host], variable), host)
    told = ", ".join(f"{value} for {host}" for value, host in by_value.items())
    text = (
        f"{variable} is not the same for all hosts of {pool.name}: {told}. What a run does would"
        " depend on who speaks for the pool. Set it once, for all hosts of the pool."
    )
    return InventoryFinding(ERROR, "differing_variable", variable, text)


def _shown(host: WrittenHost, variable: str) -> str:
    if variable not in host.names:
        return "nothing"
    return json.dumps(host.values.get(variable), sort_keys=True, default=str)


def _instances(pool: WrittenPool) -> Iterator[InventoryFinding]:
    """An instance of a host that holds no SQL Server is read by nobody."""
    for name, host in pool.hosts.items():
        if host.values.get("pchat_sql_instance") and not host.groups & SQL_GROUPS.keys():
            text = (
                f"pchat_sql_instance is set for {name}, which is in no group of SQL Servers, so"
                " nobody reads it. Set it for the SQL Servers only."
            )
            yield InventoryFinding(WARNING, "unread_variable", name, text)


def _same_machine(pool: WrittenPool) -> Iterator[InventoryFinding]:
    seen: dict[tuple[str, str], str] = {}
    for name in pool.declared["hosts"]:
        fqdn = pool.declared["fqdn"][name]
        instance = pool.declared["instance"][name].lower()
        other = seen.setdefault((fqdn, instance), name)
        if other != name:
            text = (
                f"{other} and {name} are the same machine ({fqdn}), which would be asked twice"
                " and taken for two. Use one name, in all its groups, or correct pchat_fqdn."
            )
            yield InventoryFinding(ERROR, "same_machine", name, text)


def _paths(pool: WrittenPool) -> Iterator[InventoryFinding]:
    for variable in (*_SHARES, *_FOLDERS):
        value = pool.value(variable)
        if not isinstance(value, str) or not value:
            continue
        if variable in _SHARES and not _UNC.match(value):
            text = (
                f"{variable} is {value!r}, which is no UNC name, so the other SQL Servers could"
                " not reach it. Give it like '\\\\server\\share', in single quotes in YAML."
            )
            yield InventoryFinding(ERROR, "bad_path", variable, text)
            continue
        try:
            quote.path(value)
        except Refused as refusal:
            yield InventoryFinding(ERROR, "bad_path", variable, f"{variable}: {refusal}")


def _share_in_the_site_that_is_lost(pool: WrittenPool) -> Iterator[InventoryFinding]:
    variable = "log_shipping_primary_share"
    found = _UNC.match(str(pool.value(variable) or ""))
    if found and site_of(pool.declared, found[1]) == "primary":
        text = (
            f"{variable} is on {found[1]}, in the primary data centre: it would be lost together"
            " with what it is to save. Put the share into the backup data centre."
        )
        yield InventoryFinding(WARNING, "share_in_primary_site", variable, text)


def _backup_site(pool: WrittenPool) -> Iterator[InventoryFinding]:
    declared = pool.declared
    if declared["servers"]["primary"] and not declared["servers"]["backup"]:
        text = (
            f"No chat server of {pool.name} stands in the backup data centre: after a failover"
            " nobody could chat. Name those that stand by there."
        )
        yield InventoryFinding(WARNING, "no_backup_hosts", "pchat_servers", text)
    sites = {declared["site"][name] for name in declared["management"]}
    if sites == {"primary"}:
        text = (
            f"No management host of {pool.name} stands in the backup data centre: when the primary"
            " one is lost, nobody is left to be asked. Add a Front End Server of the other one."
        )
        yield InventoryFinding(WARNING, "no_backup_hosts", "pchat_management", text)


def _connections(pool: WrittenPool) -> Iterator[InventoryFinding]:
    wrong: dict[str, list[str]] = {}
    for name, host in pool.hosts.items():
        connection = str(host.values.get("ansible_connection") or "ssh")
        if connection.rpartition(".")[2] not in ("psrp", "winrm"):
            wrong.setdefault(connection, []).append(name)
    for connection, hosts in wrong.items():
        text = (
            f"ansible_connection of {', '.join(hosts)} is {connection}, and the cmdlets of this"
            " collection travel over WinRM only. Set it to psrp (or winrm) for all hosts."
        )
        yield InventoryFinding(ERROR, "connection_unusable", "ansible_connection", text)
