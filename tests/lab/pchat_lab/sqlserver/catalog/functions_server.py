"""Functions and @@ variables that look at the session, the server, its databases and principals."""

from __future__ import annotations

import datetime as dt
import typing as t
import zlib

from ..language.errors import SqlError
from ..language.registry import function
from ..language.values import datetime_ticks
from ..server.database import Database

if t.TYPE_CHECKING:
    from ..language.session import SqlSession

_LEVELS: dict[tuple[int, ...], tuple[tuple[int, str], ...]] = {
    (10, 50): ((1600, "RTM"), (2500, "SP1"), (4000, "SP2"), (6000, "SP3")),
    (11, 0): ((2100, "RTM"), (3000, "SP1"), (5058, "SP2"), (6020, "SP3"), (7001, "SP4")),
    (12, 0): ((2000, "RTM"), (4100, "SP1"), (5000, "SP2"), (6024, "SP3")),
    (13, 0): ((1601, "RTM"), (4001, "SP1"), (5026, "SP2")),
}


def product_level(version: tuple[int, ...]) -> str:
    """RTM, SP1 ... by build number (Microsoft's build lists)."""
    level = "RTM"
    for build, name in _LEVELS.get(version[:2], ()):
        if version[2] >= build:
            level = name
    return level


# --- the session


def version_text(session: SqlSession) -> str:
    """@@VERSION."""
    instance = session.instance
    return (
        f"Microsoft SQL Server {instance.product_year} ({product_level(instance.version)}) - "
        f"{instance.version_text} (X64) \n\t"
        f"Copyright (c) Microsoft Corporation\n\t{instance.edition} on Windows NT "
        f"{'.'.join(instance.machine.windows.split('.')[:2])} <X64> "
        f"(Build {instance.machine.windows.split('.')[-1]}: )\n"
    )


def _globals() -> None:
    plain: dict[str, tuple[t.Callable[[SqlSession], t.Any], str]] = {
        "@@SPID": (lambda session: session.spid, "smallint"),
        "@@ERROR": (lambda session: session.last_error, "int"),
        "@@ROWCOUNT": (lambda session: session.rowcount, "int"),
        "@@TRANCOUNT": (lambda session: session.transactions, "int"),
        "@@SERVERNAME": (lambda session: session.instance.server_name, "nvarchar(128)"),
        "@@SERVICENAME": (lambda session: session.instance.name or "MSSQLSERVER", "nvarchar(128)"),
        "@@IDENTITY": (lambda session: session.identity, "numeric(38,0)"),
        "@@VERSION": (version_text, "nvarchar(300)"),
        "@@LOCK_TIMEOUT": (
            lambda session: 30000 if session.options.get("LockTimeout") else -1,
            "int",
        ),
        "@@NESTLEVEL": (lambda session: session.depth, "int"),
        "@@FETCH_STATUS": (lambda session: 0, "int"),
        "@@LANGUAGE": (lambda session: "us_english", "nvarchar(128)"),
        "@@MICROSOFTVERSION": (
            lambda session: (
                (session.instance.major << 24)
                + (session.instance.version[1] << 16)
                + session.instance.version[2]
            ),
            "int",
        ),
    }
    for name, (run, kind) in plain.items():
        function(name, returns=kind)(run)


_globals()


@function("XACT_STATE", returns="smallint")
def xact_state(session: SqlSession) -> int:
    return -1 if session.doomed else int(session.transactions > 0)


@function("SCOPE_IDENTITY", returns="numeric(38,0)")
def scope_identity(session: SqlSession) -> int | None:
    return session.identity


@function("ROWCOUNT_BIG", returns="bigint")
def rowcount_big(session: SqlSession) -> int:
    return session.rowcount


@function("HOST_NAME")
def host_name(session: SqlSession) -> str:
    return session.client.name


@function("APP_NAME")
def app_name(session: SqlSession) -> str:
    return session.program


def _error_functions() -> None:
    readers: dict[str, t.Callable[[SqlError], t.Any]] = {
        "NUMBER": lambda failure: failure.number,
        "SEVERITY": lambda failure: failure.severity,
        "STATE": lambda failure: failure.state,
        "MESSAGE": lambda failure: failure.message,
        "LINE": lambda failure: failure.line,
        "PROCEDURE": lambda failure: failure.procedure,
    }
    for name, read in readers.items():

        def run(session: SqlSession, read: t.Callable[[SqlError], t.Any] = read) -> t.Any:
            # Only the last error of several is seen here, e.g. 3013 and not its cause.
            return read(session.caught[-1].all()[-1]) if session.caught else None

        function(f"ERROR_{name}")(run)


_error_functions()


# --- time


@function("GETDATE", returns="datetime")
def getdate(session: SqlSession) -> dt.datetime:
    return datetime_ticks(session.instance.local_now())


@function("GETUTCDATE", returns="datetime")
def getutcdate(session: SqlSession) -> dt.datetime:
    return datetime_ticks(session.instance.utc_now())


@function("SYSDATETIME", returns="datetime2")
def sysdatetime(session: SqlSession) -> dt.datetime:
    return session.instance.local_now()


@function("SYSUTCDATETIME", returns="datetime2")
def sysutcdatetime(session: SqlSession) -> dt.datetime:
    return session.instance.utc_now()


# --- the server and its databases


@function("DEFAULT_DOMAIN")
def default_domain(session: SqlSession) -> str:
    return session.instance.machine.domain


@function("SERVERPROPERTY")
def serverproperty(session: SqlSession, name: str | None) -> t.Any:
    """NULL for a property that this version does not have, as documented."""
    i = session.instance
    late = i.major >= 11
    values: dict[str, t.Any] = {
        "productversion": i.version_text,
        "productlevel": product_level(i.version),
        "edition": i.edition,
        "engineedition": i.engine_edition,
        "servername": i.network_name,
        "machinename": i.machine.name,
        "instancename": i.name or None,
        "computernamephysicalnetbios": i.machine.name,
        "isclustered": 0,
        "isintegratedsecurityonly": 1,
        "issingleuser": 0,
        "collation": i.collation,
        "processid": 1000 + zlib.crc32(i.server_name.encode()) % 9000,
        "ishadrenabled": 0 if late else None,
        "hadrmanagerstatus": 2 if late else None,
        "instancedefaultdatapath": i.data_folder + "\\" if late else None,
        "instancedefaultlogpath": i.log_folder + "\\" if late else None,
        "licensetype": "DISABLED",
        "numlicenses": None,
        "isfulltextinstalled": 1,
        "resourceversion": i.version_text,
        "sqlcharsetname": "iso_1",
        "sqlsortordername": "nocase_iso",
        "lcid": 1033,
        "comparisonstyle": 196609,
        "filestreamconfiguredlevel": 0,
        "filestreameffectivelevel": 0,
        "buildclrversion": "v4.0.30319" if late else "v2.0.50727",
        "islocaldb": 0 if late else None,
        "productmajorversion": str(i.major) if i.major >= 12 else None,
        "productminorversion": str(i.version[1]) if i.major >= 12 else None,
        "productbuild": str(i.version[2]) if i.major >= 12 else None,
    }
    return values.get((name or "").lower())


def database_named(session: SqlSession, name: t.Any) -> Database | None:
    """By name or number, in whatever state; None when there is none."""
    if isinstance(name, int):
        return next((d for d in session.instance.databases.values() if d.database_id == name), None)
    return session.instance.databases.get((name or "").rstrip().lower())


@function("DB_ID", returns="smallint")
def db_id(session: SqlSession, *name: t.Any) -> int | None:
    found = database_named(session, name[0] if name else session.database)
    return found.database_id if found is not None else None


@function("DB_NAME")
def db_name(session: SqlSession, *number: t.Any) -> str | None:
    found = database_named(session, number[0] if number else session.database)
    return found.name if found is not None else None


@function("HAS_DBACCESS", returns="int")
def has_dbaccess(session: SqlSession, name: t.Any) -> int | None:
    found = database_named(session, name)
    if found is None:
        return None
    try:
        found.require_open(session)
    except SqlError:
        return 0
    return int(
        session.is_sysadmin or found.is_system or found.owner.lower() == session.login.lower()
    )


@function("DATABASEPROPERTYEX")
def databasepropertyex(session: SqlSession, name: t.Any, wanted: t.Any) -> t.Any:
    d = database_named(session, name)
    if d is None or wanted is None:
        return None
    open_now = d.state == "ONLINE"
    values: dict[str, t.Any] = {
        "status": d.state,
        "recovery": d.recovery_model,
        "useraccess": d.user_access,
        "updateability": "READ_ONLY" if d.is_read_only or d.is_in_standby else "READ_WRITE",
        "isinstandby": int(d.is_in_standby),
        "isautoclose": int(d.is_auto_close_on),
        "collation": d.collation if open_now else None,
        "version": {10: 661, 11: 706, 12: 782}.get(d.instance.major, 852) if open_now else None,
        "isautoshrink": 0,
        "isautocreatestatistics": 1,
        "isautoupdatestatistics": 1,
        "isfulltextenabled": 1,
        "ispublished": 0,
        "issubscribed": 0,
        "istornpagedetectionenabled": 0,
    }
    return values.get(wanted.lower())
