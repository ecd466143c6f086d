"""What the SQL Server resources share: scopes, options, and rows turned into canonical facts. FOR
INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t

from ...._engine.errors import Refused
from ...._engine.model import LATER, Record, State
from ...calls.tsql import quote

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


#: SIDs of what exists on every machine alike: SYSTEM, LOCAL SERVICE, NETWORK SERVICE; and how those
#: of virtual accounts (NT SERVICE) begin.
_MACHINE_SIDS = {f"0X0101000000000005{number:02X}000000" for number in (18, 19, 20)}
_VIRTUAL_SID = "0X010600000000000550000000"


def login_of(service: Record, domain: str, machine: str) -> str:
    """The login that another instance must let in for a service's account: identities of the
    machine itself arrive as the machine account.

    ``service``: a row of ``sql_read.services``. Names are translated on servers in other languages,
    SIDs are not, and LocalSystem is how the service control manager calls it everywhere (Well-known
    SIDs; Set Up Login Accounts for Database Mirroring names it for Network Service, field practice
    for the others). A local user (``.\\name``) stays as it is: no other machine knows it.
    """
    account = str(service["account"])
    sid = str(service.get("sid") or "").upper()
    if (
        account.lower() == "localsystem"
        or account.lower().startswith("nt service\\")
        or sid in _MACHINE_SIDS
        or sid.startswith(_VIRTUAL_SID)
    ):
        return f"{domain}\\{machine.upper()}$"
    return str(service.get("domain_form") or account)


def is_local_user(login: str, machine: str) -> bool:
    """Whether no other machine knows this account."""
    owner, _unused, name = login.partition("\\")
    return bool(name) and owner.lower() in (".", machine.lower())


#: The programs of the two services, whatever the services are called in the language of the server.
ENGINE = "sqlservr.exe"
AGENT = "sqlagent"
_RUNNING = 4


def service_row(rows: list[Record], program: str) -> Record | None:
    """The row of sys.dm_server_services whose program this is."""
    return next(
        (row for row in rows if program in str(row["program"]).lower().rpartition("\\")[2]), None
    )


def runs(service: Record) -> bool:
    return int(service["status"]) == _RUNNING


def split_address(address: str) -> str:
    """The host in TCP://host:port, in lower case."""
    return address.removeprefix("TCP://").removeprefix("tcp://").rpartition(":")[0].lower()


def same(one_value: t.Any, other: t.Any) -> bool:
    """Names and addresses compare without case."""
    return str(one_value or "").lower() == str(other or "").lower()


def require_sysadmin_sees(row: Record | None, database: str) -> Record:
    """The row of a database that must exist."""
    if row is None:
        raise Refused(
            f"There is no database {database} on this instance. Install it first"
            " (Install-CsDatabase), or check the name.",
            code="no_database",
            database=database,
        )
    return row


def database_row(rows: list[Record], database: str) -> Record | None:
    return next((r for r in rows if same(r["name"], database)), None)


def is_lsn(value: object) -> bool:
    """A number, as the header of a backup tells it, or one that only an earlier step of the same
    check run will know.
    """
    return str(value).isdecimal() or value == LATER
