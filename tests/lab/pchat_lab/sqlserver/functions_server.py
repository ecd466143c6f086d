"""Functions and @@ variables that look at the session, the server, its databases and principals."""
from __future__ import annotations

import datetime as dt
import typing as t
import zlib

from ..world.network import Account
from .database import Database
from .errors import SqlError
from .principals import windows_sid
from .registry import PROCEDURES, VIEWS, function
from .tables import key_of
from .values import datetime_ticks

if t.TYPE_CHECKING:
    from .session import SqlSession

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

def _globals() -> None:
    plain: dict[str, tuple[t.Callable[[SqlSession], t.Any], str]] = {
        "@@SPID": (lambda s: s.spid, "smallint"), "@@ERROR": (lambda s: s.last_error, "int"), "@@ROWCOUNT": (lambda s: s.rowcount, "int"),
        "@@TRANCOUNT": (lambda s: s.transactions, "int"), "@@SERVERNAME": (lambda s: s.instance.server_name, "nvarchar(128)"),
        "@@SERVICENAME": (lambda s: s.instance.name or "MSSQLSERVER", "nvarchar(128)"), "@@IDENTITY": (lambda s: s.identity, "numeric(38,0)"),
        "@@VERSION": (lambda s: version_text(s), "nvarchar(300)"), "@@LOCK_TIMEOUT": (lambda s: 30000 if s.options.get("LockTimeout") else -1, "int"),
        "@@NESTLEVEL": (lambda s: s.depth, "int"), "@@FETCH_STATUS": (lambda s: 0, "int"), "@@LANGUAGE": (lambda s: "us_english", "nvarchar(128)"),
        "@@MICROSOFTVERSION": (lambda s: (s.instance.major << 24) + (s.instance.version[1] << 16) + s.instance.version[2], "int")}
    for name, (run, kind) in plain.items():
        function(name, returns=kind)(run)


_globals()


def version_text(session: SqlSession) -> str:
    """@@VERSION."""
    instance = session.instance
    return (f"Microsoft SQL Server {instance.product_year} ({product_level(instance.version)}) - {instance.version_text} (X64) \n\t"
            f"Copyright (c) Microsoft Corporation\n\t{instance.edition} on Windows NT {'.'.join(instance.machine.windows.split('.')[:2])} <X64> "
            f"(Build {instance.machine.windows.split('.')[-1]}: )\n")


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
        "NUMBER": lambda e: e.number, "SEVERITY": lambda e: e.severity, "STATE": lambda e: e.state, "MESSAGE": lambda e: e.message,
        "LINE": lambda e: e.line, "PROCEDURE": lambda e: e.procedure}
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


# --- principals

def _account(session: SqlSession, name: str) -> Account:
    return session.account if name.lower() == session.login.lower() else session.world.account(name)


@function("SUSER_ID", returns="int")
def suser_id(session: SqlSession, name: str | None = None) -> int | None:
    found = session.instance.principals.find(name if name is not None else session.login)
    return found.principal_id if found is not None else None


@function("SUSER_NAME")
def suser_name(session: SqlSession, number: int | None = None) -> str | None:
    if number is None:
        return session.login
    found = session.instance.principals.by_id(number)
    return found.name if found is not None else None


@function("SUSER_SID", returns="varbinary(85)")
def suser_sid(session: SqlSession, name: str | None = None, parameter2: int = 1) -> bytes | None:
    wanted = name if name is not None else session.login
    found = session.instance.principals.find(wanted)
    if found is not None:
        return found.sid
    return windows_sid(wanted) if session.instance.principals.windows_kind(wanted) else None


@function("SUSER_SNAME")
def suser_sname(session: SqlSession, sid: bytes | None = None) -> str | None:
    if sid is None:
        return session.login
    for login in session.instance.principals.all.values():
        if login.sid == sid:
            return login.name
    names = [*(account.name for account in session.world.accounts.values()), *(m.machine_account for m in session.world.machines.values())]
    return next((name for name in names if windows_sid(name) == sid), None)


@function("ORIGINAL_LOGIN")
def original_login(session: SqlSession) -> str:
    return session.login


@function("SYSTEM_USER")
def system_user(session: SqlSession) -> str:
    return session.login


@function("USER_NAME")
def user_name(session: SqlSession, number: int | None = None) -> str | None:
    if number is None:
        return "dbo" if session.is_sysadmin else "guest"
    from .security import users_of
    return next((user.name for user in users_of(session.current()) if user.principal_id == number), None)


@function("IS_SRVROLEMEMBER", returns="int")
def is_srvrolemember(session: SqlSession, role: str, login: str | None = None) -> int | None:
    """1, 0, or NULL for a role or login that does not exist."""
    principals = session.instance.principals
    if role is None or role.lower() not in principals.members:
        return None
    if login is not None and principals.find(login) is None and login.lower() != session.login.lower():
        return None
    return int(principals.is_in_role(_account(session, login or session.login), role))


@function("IS_MEMBER", returns="int")
def is_member(session: SqlSession, name: str) -> int | None:
    if name is not None and name.lower() == "db_owner":
        return int(session.is_sysadmin or session.current().owner.lower() == session.login.lower())
    short = (name or "").rpartition("\\")[2]
    return int(session.account.is_in(short) or session.account.is_in(name)) if "\\" in (name or "") else None


@function("HAS_PERMS_BY_NAME", returns="int")
def has_perms_by_name(session: SqlSession, securable: str | None, kind: str | None, permission: str, *_: t.Any) -> int:
    from .security import SERVER_CLASS
    if session.is_sysadmin:
        return 1
    login = session.instance.principals.find(session.login)
    return int(securable is None and login is not None and any(
        (p.class_, p.permission, p.grantee_id) == (SERVER_CLASS, permission.upper(), login.principal_id) and p.state in "GW"
        for p in session.instance.principals.permissions))


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
        "servername": i.server_name,
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


def _database(session: SqlSession, name: t.Any) -> Database | None:
    if isinstance(name, int):
        return next((d for d in session.instance.databases.values() if d.database_id == name), None)
    return session.instance.databases.get((name or "").rstrip().lower())


@function("DB_ID", returns="smallint")
def db_id(session: SqlSession, *name: t.Any) -> int | None:
    found = _database(session, name[0] if name else session.database)
    return found.database_id if found is not None else None


@function("DB_NAME")
def db_name(session: SqlSession, *number: t.Any) -> str | None:
    found = _database(session, number[0] if number else session.database)
    return found.name if found is not None else None


@function("HAS_DBACCESS", returns="int")
def has_dbaccess(session: SqlSession, name: t.Any) -> int | None:
    found = _database(session, name)
    if found is None:
        return None
    try:
        found.require_open(session)
    except SqlError:
        return 0
    return int(session.is_sysadmin or found.is_system or found.owner.lower() == session.login.lower())


@function("DATABASEPROPERTYEX")
def databasepropertyex(session: SqlSession, name: t.Any, wanted: t.Any) -> t.Any:
    d = _database(session, name)
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


def _parts(name: str) -> tuple[str, str, str]:
    words = [word.strip("[]") for word in name.split(".")]
    database, schema, last = ["", "", "", *words][-3:]
    return database, schema, last


@function("OBJECT_ID", returns="int")
def object_id(session: SqlSession, name: str | None, kind: str | None = None) -> int | None:
    """Of a user table, temporary table, catalog view or procedure; NULL when there is none or its database is closed."""
    if name is None:
        return None
    database, schema, last = _parts(name)
    wanted = (kind or "").strip().upper()
    if last.startswith("#"):
        return -100 - len(last) if last.lower() in session.temp_tables and wanted in ("", "U") else None
    home = session.instance.databases.get((database or session.database).lower())
    if home is None or home.state != "ONLINE":
        return None
    table = home.content.get(key_of(schema or "dbo", last))
    if table is not None and wanted in ("", "U"):
        return t.cast(int, table.object_id)
    low = last.lower()
    for key in (f"{home.name.lower()}.{schema.lower() or 'dbo'}.{low}", f"sys.{low}"):
        view = VIEWS.get(key)
        if view is not None and view.columns_at(session.instance.version) and (key.startswith(home.name.lower()) or schema.lower() == "sys"):
            return system_object_id(key) if wanted in ("", "V", "U") else None
    procedure = PROCEDURES.get(low)
    if procedure is not None and wanted in ("", "P", "X", "PC") and (procedure.database == home.name.lower() or schema.lower() == "sys"
                                                                     or procedure.database == "master"):
        return system_object_id(f"proc:{low}")
    return None


def system_object_id(key: str) -> int:
    """A stable negative id, as system objects have."""
    return -(zlib.crc32(key.encode()) % 2 ** 30) - 1


@function("OBJECT_NAME")
def object_name(session: SqlSession, number: int | None, database_id: int | None = None) -> str | None:
    from .tables import tables_of
    home = _database(session, database_id) if database_id is not None else session.current()
    found = next((table.name for table in tables_of(home) if table.object_id == number), None) if home is not None else None
    if found is not None or number is None:
        return found
    return next((p.name for key, p in PROCEDURES.items() if system_object_id(f"proc:{key}") == number), None)


@function("SCHEMA_NAME")
def schema_name(session: SqlSession, number: int | None = 1) -> str | None:
    return {1: "dbo", 4: "sys"}.get(number if number is not None else 1)


@function("SCHEMA_ID", returns="int")
def schema_id(session: SqlSession, name: str | None = "dbo") -> int | None:
    return {"dbo": 1, "sys": 4}.get((name or "").lower())


@function("COL_LENGTH", returns="smallint")
def col_length(session: SqlSession, table: str, column: str) -> int | None:
    """For user tables and catalog views; NULL when either does not exist."""
    from .types import parse_type
    database, schema, last = _parts(table or "")
    home = session.instance.databases.get((database or session.database).lower())
    found = home.content.get(key_of(schema or "dbo", last)) if home is not None else None
    if found is not None:
        return next((c.type.max_length for c in found.columns if c.name.lower() == (column or "").lower()), None)
    for key in (f"{(database or session.database).lower()}.{schema.lower() or 'dbo'}.{last.lower()}", f"sys.{last.lower()}"):
        view = VIEWS.get(key)
        if view is not None:
            return next((parse_type(kind).max_length for name, kind in view.columns_at(session.instance.version).items()
                         if name.lower() == (column or "").lower()), None)
    return None
