"""What the SQL Server resources share: scopes, options, and rows turned into canonical facts. FOR INTERNAL COLLECTION USE ONLY."""
from __future__ import annotations

import typing as t

from .._engine.errors import Refused
from .._engine.model import LATER, Record, State
from .calls import quote

INSTANCE_OPTION: State = {"sql_instance": {"type": "str", "default": ""}}
STATE_OPTION: State = {"type": "str", "choices": ["present", "absent"], "default": "present"}


def instance_scope(options: State, host: str) -> str:
    """``sql/<fqdn>[\\instance]`` in lower case."""
    name = str(options.get("sql_instance") or "")
    if name:
        quote.plain_name(name)
    return f"sql/{host}" + (f"\\{name}" if name else "").lower()


def database_scope(options: State, host: str) -> str:
    return f"{instance_scope(options, host)}/{quote.plain_name(options['database'])}".lower()


def one(rows: list[Record]) -> Record | None:
    return rows[0] if rows else None


def login_of(account: str, domain: str, machine: str) -> str:
    """The login that another instance must let in for a service account: local identities arrive as the machine account.

    sql-docs: Set Up Login Accounts for Database Mirroring; Microsoft's pages name it for Network Service, field practice for the others.
    """
    low = account.lower()
    if low.startswith(("nt service\\", "nt authority\\")) or low in ("localsystem", "local system", "networkservice", "localservice"):
        return f"{domain}\\{machine.upper()}$"
    return account


def split_address(address: str) -> str:
    """The host in TCP://host:port, in lower case."""
    return address.removeprefix("TCP://").removeprefix("tcp://").rpartition(":")[0].lower()


def same(one_value: t.Any, other: t.Any) -> bool:
    """Names and addresses compare without case."""
    return str(one_value or "").lower() == str(other or "").lower()


def require_sysadmin_sees(row: Record | None, database: str) -> Record:
    """The row of a database that must exist."""
    if row is None:
        raise Refused(f"There is no database {database} on this instance. Install it first (Install-CsDatabase), or check the name.",
                      code="no_database", database=database)
    return row


def database_row(rows: list[Record], database: str) -> Record | None:
    return next((r for r in rows if same(r["name"], database)), None)


def is_lsn(value: object) -> bool:
    """A number, as the header of a backup tells it, or one that only an earlier step of the same check run will know."""
    return str(value).isdecimal() or value == LATER
