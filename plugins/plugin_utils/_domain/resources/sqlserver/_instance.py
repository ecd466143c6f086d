"""What the SQL Server resources share: scopes, options, and rows turned into canonical facts. FOR
INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ...._engine.model import LATER, ArgumentSpec, OptionSpec, Record
from ...calls.tsql import quote
from ...calls.tsql.catalog import DatabaseRow, DatabaseUserRow, InstanceRow, ServiceRow

Row = t.TypeVar("Row")

INSTANCE_OPTION: ArgumentSpec = {"sql_instance": {"type": "str", "default": ""}}
STATE_OPTION: OptionSpec = {"type": "str", "choices": ["present", "absent"], "default": "present"}


class InstanceOptions(t.TypedDict):
    """``sql_instance``: '' for the default instance of the host."""

    sql_instance: str


class DatabaseOptions(InstanceOptions):
    """A database of an instance."""

    database: str


#: What is known of a database that is not there: nothing.
ABSENT: DatabaseRow = {
    "name": "",
    "database_state": None,
    "recovery_model": None,
    "user_access": None,
    "is_read_only": None,
    "is_auto_close_on": None,
    "mirroring_guid": None,
    "mirroring_role": None,
    "mirroring_state": None,
    "mirroring_partner": None,
    "mirroring_safety": None,
    "mirroring_witness": None,
    "mirroring_witness_state": None,
    "mirroring_timeout": None,
    "mirroring_role_sequence": None,
    "redo_lsn": None,
    "recovery_fork": None,
    "fork_point_lsn": None,
    "first_recovery_fork": None,
    "family": None,
    "last_log_backup_lsn": None,
    "sessions": None,
    "owner": None,
    "owner_sid": None,
}
#: The user of a database whose SID is that of the owner where the database was made.
DBO = "dbo"
#: States of a copy that takes log (``catalog.databases``).
WAITS_FOR_LOG = ("RESTORING", "STANDBY")


def instance_scope(options: InstanceOptions, host: str) -> str:
    """``sql/<fqdn>[\\instance]`` in lower case."""
    name = str(options.get("sql_instance") or "")
    if not name:
        return f"sql/{host}"
    quote.plain_name(name)
    return f"sql/{host}\\{name.lower()}"


def database_scope(options: DatabaseOptions, host: str) -> str:
    """``sql/<fqdn>[\\instance]/<database>`` in lower case."""
    return f"{instance_scope(options, host)}/{quote.plain_name(options['database'])}".lower()


def rows_of(_shape: type[Row], records: Sequence[Record]) -> list[Row]:
    """The records that a statement returned, by the shape that stands beside the statement.

    Nothing is checked: columns are named in the statement itself, and the lab answers every one of
    them.
    """
    return t.cast("list[Row]", records)


def one(rows: Sequence[Row]) -> Row | None:
    """The first row, if there is one."""
    if not rows:
        return None
    return rows[0]


#: SIDs of what exists on every machine alike: SYSTEM, LOCAL SERVICE, NETWORK SERVICE; and how those
#: of virtual accounts (NT SERVICE) begin.
_MACHINE_SIDS = {f"0X0101000000000005{number:02X}000000" for number in (18, 19, 20)}
_VIRTUAL_SID = "0X010600000000000550000000"


def login_of(service: ServiceRow, domain: str, machine: str) -> str:
    """The login that another instance must let in for a service's account: identities of the
    machine itself arrive as the machine account.

    Names are translated on servers in other languages, SIDs are not, and LocalSystem is how the
    service control manager calls it everywhere (Well-known SIDs; Set Up Login Accounts for Database
    Mirroring names it for Network Service, field practice for the others). A local user
    (``.\\name``) stays as it is: no other machine knows it.
    """
    if _is_the_machine(service):
        return f"{domain}\\{machine.upper()}$"
    return str(service.get("domain_form") or service["account"])


def _is_the_machine(service: ServiceRow) -> bool:
    account = str(service["account"]).lower()
    if account == "localsystem" or account.startswith("nt service\\"):
        return True
    sid = str(service.get("sid") or "").upper()
    return sid in _MACHINE_SIDS or sid.startswith(_VIRTUAL_SID)


def is_local_user(login: str, machine: str) -> bool:
    """Whether no other machine knows this account."""
    owner, _unused, name = login.partition("\\")
    return bool(name) and owner.lower() in (".", machine.lower())


#: The programs of the two services, whatever the services are called in the language of the server.
ENGINE = "sqlservr.exe"
AGENT = "sqlagent"
_RUNNING = 4


def service_row(rows: Sequence[ServiceRow], program: str) -> ServiceRow | None:
    """The row of sys.dm_server_services whose program this is."""
    for row in rows:
        file_name = str(row["program"]).lower().rpartition("\\")[2]
        if program in file_name:
            return row
    return None


def runs(service: ServiceRow) -> bool:
    """By the number of its state (sys.dm_server_services)."""
    return int(service["status"]) == _RUNNING


def is_express(instance: InstanceRow | None) -> bool:
    """Express editions have no SQL Server Agent and cannot be partners of a mirror (Editions and
    supported features).
    """
    return instance is not None and str(instance.get("edition")).startswith("Express")


def agent_runs(rows: Sequence[ServiceRow], instance: InstanceRow | None) -> bool:
    """Whether SQL Server Agent runs; an Express edition has the service and not the program."""
    if is_express(instance):
        return False
    agent = service_row(rows, AGENT)
    return agent is not None and runs(agent)


def split_address(address: str) -> str:
    """The host in TCP://host:port, in lower case."""
    return address.removeprefix("TCP://").removeprefix("tcp://").rpartition(":")[0].lower()


def same(one_value: object, other: object) -> bool:
    """Names and addresses compare without case."""
    return str(one_value or "").lower() == str(other or "").lower()


def database_row(records: Sequence[Record], database: str) -> DatabaseRow:
    """What ``catalog.databases`` tells of one of them; ``ABSENT`` when it is not there."""
    for row in rows_of(DatabaseRow, records):
        if same(row["name"], database):
            return row
    return ABSENT


def is_lsn(value: object) -> bool:
    """A number, as the header of a backup tells it, or one that only an earlier step of the same
    check run will know.
    """
    return str(value).isdecimal() or value == LATER


def described(state: str | None, role: str | None) -> str:
    """A copy in words: ``RESTORING and mirrored``, ``absent``."""
    if role:
        return f"{state or 'absent'} and mirrored"
    return state or "absent"


def sid_of_dbo(users: Sequence[DatabaseUserRow]) -> str | None:
    """Of the owner where the database was made; None of a copy that cannot be opened."""
    for user in users:
        if user["name"] == DBO:
            return user["sid"]
    return None
