"""Catalog and management views of the server: principals, permissions, configuration, services, sessions, messages, procedures."""
from __future__ import annotations

import datetime as dt
import typing as t

from .errors import MESSAGES, SqlError
from .functions_server import system_object_id
from .principals import ENDPOINT_CLASS, Login
from .registry import PROCEDURES, VIEWS, procedure, view
from .security import SERVER_CLASS
from .types import TYPE_IDS, parse_type

if t.TYPE_CHECKING:
    from .session import SqlSession

Rows = t.Iterable[dict[str, t.Any]]
_KINDS = {"S": "SQL_LOGIN", "U": "WINDOWS_LOGIN", "G": "WINDOWS_GROUP", "R": "SERVER_ROLE"}
_PERMISSION_CODES = {
    "CONNECT": "CO  ",
    "CONTROL": "CL  ",
    "ALTER": "AL  ",
    "VIEW DEFINITION": "VW  ",
    "TAKE OWNERSHIP": "TO  ",
    "CONNECT SQL": "COSQ",
    "VIEW SERVER STATE": "VWSS",
    "VIEW ANY DATABASE": "VWDB",
    "VIEW ANY DEFINITION": "VWAD",
    "CONTROL SERVER": "CL  ",
    "ALTER ANY LOGIN": "ALLG",
    "ALTER ANY DATABASE": "ALDB",
    "ALTER ANY ENDPOINT": "ALHE",
    "CREATE ANY DATABASE": "CRDB",
    "ALTER SERVER STATE": "ALSS",
}


def _visible(session: SqlSession) -> list[Login]:
    """Without VIEW ANY DEFINITION one sees oneself, sa and the fixed roles."""
    everyone = sorted(session.instance.principals.all.values(), key=lambda login: login.principal_id)
    if session.has_role("securityadmin"):
        return everyone
    return [login for login in everyone if login.type == "R" or login.principal_id == 1 or login.name.lower() == session.login.lower()]


def _principal(login: Login) -> dict[str, t.Any]:
    return {"name": login.name, "principal_id": login.principal_id, "sid": login.sid, "type": login.type, "type_desc": _KINDS[login.type],
            "is_disabled": login.is_disabled, "create_date": login.create_date, "modify_date": login.create_date,
            "default_database_name": None if login.type == "R" else login.default_database,
            "default_language_name": None if login.type == "R" else "us_english", "is_fixed_role": login.type == "R" and login.name != "public",
            "owning_principal_id": 1 if login.type == "R" else None}


_PRINCIPAL = """name nvarchar(128), principal_id int, sid varbinary(85), type char(1), type_desc nvarchar(60), is_disabled bit, create_date datetime,
    modify_date datetime, default_database_name nvarchar(128), default_language_name nvarchar(128), credential_id int"""


@view("sys.server_principals", _PRINCIPAL + ", owning_principal_id int since 11, is_fixed_role bit since 11")
def server_principals(session: SqlSession) -> Rows:
    return [_principal(login) for login in _visible(session)]


@view("sys.sql_logins", _PRINCIPAL + ", is_policy_checked bit, is_expiration_checked bit, password_hash varbinary(256)")
def sql_logins(session: SqlSession) -> Rows:
    for login in _visible(session):
        if login.type == "S":
            row = _principal(login)
            del row["is_fixed_role"], row["owning_principal_id"]
            yield {**row, "is_policy_checked": True, "is_expiration_checked": False}


@view(
    "sys.syslogins",
    "sid varbinary(85), name nvarchar(128), loginname nvarchar(128), dbname nvarchar(128), isntname int, isntuser int, isntgroup int, "
    "sysadmin int, hasaccess int, denylogin int",
)
def syslogins(session: SqlSession) -> Rows:
    admins = session.instance.principals.members["sysadmin"]
    return [{"sid": login.sid, "name": login.name, "loginname": login.name, "dbname": login.default_database, "isntname": int(login.type != "S"),
             "isntuser": int(login.type == "U"), "isntgroup": int(login.type == "G"), "sysadmin": int(login.name.lower() in admins), "hasaccess": 1,
             "denylogin": 0} for login in _visible(session) if login.type != "R"]


@view("sys.server_role_members", "role_principal_id int, member_principal_id int")
def server_role_members(session: SqlSession) -> Rows:
    principals = session.instance.principals
    for role, members in principals.members.items():
        for name in sorted(members):
            member = principals.find(name)
            if member is not None:
                yield {"role_principal_id": principals.all[role].principal_id, "member_principal_id": member.principal_id}


@view(
    "sys.server_permissions",
    """class tinyint, class_desc nvarchar(60), major_id int, minor_id int, grantee_principal_id int, grantor_principal_id int,
    type char(4), permission_name nvarchar(128), state char(1), state_desc nvarchar(60)""",
)
def server_permissions(session: SqlSession) -> Rows:
    visible = {login.principal_id for login in _visible(session)}
    states = {"G": "GRANT", "D": "DENY", "W": "GRANT_WITH_GRANT_OPTION"}
    classes = {SERVER_CLASS: "SERVER", ENDPOINT_CLASS: "ENDPOINT"}
    rows = [{"class": SERVER_CLASS, "class_desc": "SERVER", "major_id": 0, "minor_id": 0, "grantee_principal_id": login.principal_id,
             "grantor_principal_id": 1, "type": "COSQ", "permission_name": "CONNECT SQL", "state": "G", "state_desc": "GRANT"}
            for login in session.instance.principals.all.values() if login.type != "R" and login.principal_id in visible]
    rows += [{"class": p.class_, "class_desc": classes[p.class_], "major_id": p.major_id, "minor_id": 0, "grantee_principal_id": p.grantee_id,
              "grantor_principal_id": p.grantor_id, "type": _PERMISSION_CODES[p.permission], "permission_name": p.permission, "state": p.state,
              "state_desc": states[p.state]} for p in session.instance.principals.permissions if p.grantee_id in visible]
    return rows


# --- configuration and services

_OPTIONS = {"xp_cmdshell": (16390, 0, 1), "show advanced options": (518, 0, 1), "remote admin connections": (1576, 0, 1),
            "backup compression default": (1579, 0, 1), "backup checksum default": (1584, 0, 1), "contained database authentication": (16393, 0, 1)}


@view("sys.configurations", """configuration_id int, name nvarchar(35), value sql_variant, minimum sql_variant, maximum sql_variant,
    value_in_use sql_variant, description nvarchar(255), is_dynamic bit, is_advanced bit""")
def configurations(session: SqlSession) -> Rows:
    late = {"contained database authentication": 11, "backup checksum default": 12}
    for name, (number, low, high) in _OPTIONS.items():
        if session.instance.major >= late.get(name, 0):
            value = session.instance.configuration[name]
            yield {
                "configuration_id": number,
                "name": name,
                "value": value,
                "minimum": low,
                "maximum": high,
                "value_in_use": value,
                "description": name,
                "is_dynamic": True,
                "is_advanced": name != "show advanced options",
            }


@procedure("sp_configure", database="master", parameters="@configname varchar(35) = NULL, @configvalue int = NULL", writes=False)
def sp_configure(session: SqlSession, args: dict[str, t.Any]) -> int:
    """assumed: options take effect at once; RECONFIGURE is accepted as its confirmation."""
    known = session.instance.configuration
    name = args["@configname"]
    if name is not None and name.lower() not in known:
        raise SqlError(15123, f"The configuration option '{name}' does not exist, or it may be an advanced option.")
    if args["@configvalue"] is not None:
        session.require_sysadmin()
        session.wrote = True
        old, known[name.lower()] = known[name.lower()], args["@configvalue"]
        session.info(f"Configuration option '{name}' changed from {old} to {args['@configvalue']}. Run the RECONFIGURE statement to install.", 15457)
        return 0
    session.emit_rows("name nvarchar(35), minimum int, maximum int, config_value int, run_value int",
                      ({"name": option, "minimum": _OPTIONS[option][1], "maximum": _OPTIONS[option][2], "config_value": known[option],
                        "run_value": known[option]} for option in known if name is None or option == name.lower()))
    return 0


@view(
    "sys.dm_server_services",
    """servicename nvarchar(256), startup_type int, startup_type_desc nvarchar(256), status int, status_desc nvarchar(256),
    process_id int, last_startup_time datetimeoffset, service_account nvarchar(256), filename nvarchar(256), is_clustered nvarchar(1),
    cluster_nodename nvarchar(256)""",
    since="10.50.2500",
)
def dm_server_services(session: SqlSession) -> Rows:
    _view_server_state(session)
    instance = session.instance
    modes = {"Auto": (2, "Automatic"), "Manual": (3, "Manual"), "Disabled": (4, "Disabled")}
    for service in (instance.engine_service, instance.agent_service):
        running = service.status == "Running"
        yield {
            "servicename": service.display_name,
            "startup_type": modes[service.start_mode][0],
            "startup_type_desc": modes[service.start_mode][1],
            "status": 4 if running else 1,
            "status_desc": service.status,
            "process_id": 2000 if running else None,
            "last_startup_time": service.started_at.replace(tzinfo=None) if service.started_at else None,
            "service_account": service.account,
            "filename": f'"{instance.data_folder.rpartition(chr(92))[0]}\\Binn\\sqlservr.exe" -s{instance.name or "MSSQLSERVER"}',
            "is_clustered": "N",
        }


def _view_server_state(session: SqlSession) -> None:
    from .errors import error
    login = session.instance.principals.find(session.login)
    granted = login is not None and any(p.permission == "VIEW SERVER STATE" and p.grantee_id == login.principal_id and p.state in "GW"
                                        for p in session.instance.principals.permissions)
    if not session.is_sysadmin and not granted:
        raise error(300, "VIEW SERVER STATE", "server", "master")


@view("sys.servers", """server_id int, name nvarchar(128), product nvarchar(128), provider nvarchar(128), data_source nvarchar(4000), is_linked bit,
    is_remote_login_enabled bit, is_data_access_enabled bit, modify_date datetime""")
def servers(session: SqlSession) -> Rows:
    name = session.instance.server_name
    return [{"server_id": 0, "name": name, "product": "SQL Server", "provider": "SQLNCLI", "data_source": name, "is_linked": False,
             "is_remote_login_enabled": True, "is_data_access_enabled": False, "modify_date": session.instance.databases["master"].create_date}]


@view("sys.dm_os_sys_info", "sqlserver_start_time datetime, cpu_count int, ms_ticks bigint")
def dm_os_sys_info(session: SqlSession) -> Rows:
    _view_server_state(session)
    instance = session.instance
    return [
        {
            "sqlserver_start_time": instance.started_at,
            "cpu_count": 4,
            "ms_ticks": int((instance.local_now() - instance.started_at).total_seconds() * 1000),
        }
    ]


# --- sessions

def _sessions(session: SqlSession) -> list[dict[str, t.Any]]:
    """Everybody who is connected, T-SQL sessions and programs; without VIEW SERVER STATE only oneself."""
    from .principals import windows_sid
    rows: list[dict[str, t.Any]] = []
    for one in session.instance.sessions.values():
        rows.append(
            {
                "spid": one.spid,
                "login": one.login,
                "host": one.client.name,
                "program": one.program,
                "database": one.database,
                "at": one.login_time,
                "running": one is session,
                "transactions": one.transactions,
            }
        )
    for user in session.instance.attached:
        rows.append({"spid": user.spid, "login": user.login, "host": user.host, "program": user.program, "database": user.database.name,
                     "at": user.login_time, "running": False, "transactions": 0})
    for row in rows:
        database = session.instance.databases.get(row["database"].lower())
        row["dbid"], row["sid"] = (database.database_id if database else 0), windows_sid(row["login"])
    return sorted((row for row in rows if session.is_sysadmin or row["spid"] == session.spid), key=lambda row: row["spid"])


@view(
    "sys.dm_exec_sessions",
    """session_id smallint, login_time datetime, host_name nvarchar(128), program_name nvarchar(128), host_process_id int,
    client_version int, client_interface_name nvarchar(32), security_id varbinary(85), login_name nvarchar(128), nt_domain nvarchar(128),
    nt_user_name nvarchar(128), status nvarchar(30), cpu_time int, memory_usage int, last_request_start_time datetime, last_request_end_time datetime,
    is_user_process bit, language nvarchar(128), original_login_name nvarchar(128), database_id smallint since 11, authenticating_database_id int since 11,
    open_transaction_count int since 11""",
)
def dm_exec_sessions(session: SqlSession) -> Rows:
    for row in _sessions(session):
        domain, _, user = row["login"].partition("\\")
        yield {"session_id": row["spid"], "login_time": row["at"], "host_name": row["host"], "program_name": row["program"], "host_process_id": 4000,
               "client_version": 6, "client_interface_name": ".Net SqlClient Data Provider", "security_id": row["sid"], "login_name": row["login"],
               "nt_domain": domain, "nt_user_name": user, "status": "running" if row["running"] else "sleeping", "cpu_time": 0, "memory_usage": 2,
               "last_request_start_time": row["at"], "last_request_end_time": row["at"], "is_user_process": True, "language": "us_english",
               "original_login_name": row["login"], "database_id": row["dbid"], "authenticating_database_id": 1,
               "open_transaction_count": row["transactions"]}


@view("sys.dm_exec_connections", """session_id int, connect_time datetime, net_transport nvarchar(40), protocol_type nvarchar(40),
    encrypt_option nvarchar(40), auth_scheme nvarchar(40), client_net_address varchar(48), client_tcp_port int, local_net_address varchar(48),
    local_tcp_port int""")
def dm_exec_connections(session: SqlSession) -> Rows:
    _view_server_state(session)
    instance = session.instance
    for row in _sessions(session):
        yield {
            "session_id": row["spid"],
            "connect_time": row["at"],
            "net_transport": "Shared memory" if row["host"] == instance.machine.name else "TCP",
            "protocol_type": "TSQL",
            "encrypt_option": "FALSE",
            "auth_scheme": "NTLM",
            "client_net_address": row["host"],
            "local_tcp_port": None if row["host"] == instance.machine.name else instance.port,
        }


@view(
    "sys.dm_exec_requests",
    """session_id smallint, request_id int, start_time datetime, status nvarchar(30), command nvarchar(32), database_id smallint,
    user_id int, blocking_session_id smallint, wait_type nvarchar(60), wait_time int, percent_complete real, estimated_completion_time bigint,
    total_elapsed_time int""",
)
def dm_exec_requests(session: SqlSession) -> Rows:
    for row in _sessions(session):
        if row["running"]:
            yield {
                "session_id": row["spid"],
                "request_id": 0,
                "start_time": row["at"],
                "status": "running",
                "command": "SELECT",
                "database_id": row["dbid"],
                "user_id": 1,
                "blocking_session_id": 0,
                "wait_time": 0,
                "percent_complete": 0.0,
                "estimated_completion_time": 0,
                "total_elapsed_time": 0,
            }


@view("sys.sysprocesses", """spid smallint, kpid smallint, blocked smallint, dbid smallint, uid smallint, login_time datetime, last_batch datetime,
    open_tran smallint, status nchar(30), sid binary(86), hostname nchar(128), program_name nchar(128), hostprocess nchar(10), cmd nchar(16),
    nt_domain nchar(128), nt_username nchar(128), loginame nchar(128)""")
def sysprocesses(session: SqlSession) -> Rows:
    """Agent's own connection is among them while it runs, as on a real server."""
    instance = session.instance
    rows = _sessions(session)
    if instance.agent_running and session.is_sysadmin:
        rows.insert(0, {"spid": 50, "login": f"NT SERVICE\\{instance.agent_service_name}", "host": instance.machine.name,
                        "program": "SQLAgent - Generic Refresher", "database": "msdb", "at": instance.started_at, "running": False, "transactions": 0,
                        "dbid": 4, "sid": b""})
    for row in rows:
        domain, _, user = row["login"].partition("\\")
        yield {"spid": row["spid"], "kpid": 0, "blocked": 0, "dbid": row["dbid"], "uid": 1, "login_time": row["at"], "last_batch": row["at"],
               "open_tran": row["transactions"], "status": "runnable" if row["running"] else "sleeping", "sid": row["sid"], "hostname": row["host"],
               "program_name": row["program"], "hostprocess": "4000", "cmd": "SELECT" if row["running"] else "AWAITING COMMAND", "nt_domain": domain,
               "nt_username": user, "loginame": row["login"]}


@view(
    "sys.sysdatabases", "name nvarchar(128), dbid smallint, sid varbinary(85), status int, crdate datetime, cmptlevel tinyint, filename nvarchar(260)"
)
def sysdatabases(session: SqlSession) -> Rows:
    from .catalog_databases import owner_sid
    return [{"name": d.name, "dbid": d.database_id, "sid": owner_sid(session, d), "status": {"RESTORING": 32, "OFFLINE": 512}.get(d.state, 65536),
             "crdate": d.create_date, "cmptlevel": d.compatibility_level, "filename": d.files[0].path if d.files else None}
            for d in session.instance.databases.values()]


@procedure("sp_who2", database="master", parameters="@loginame sysname = NULL", writes=False)
def sp_who2(session: SqlSession, args: dict[str, t.Any]) -> int:
    session.emit_rows(
        "SPID char(5), Status nvarchar(30), Login nvarchar(128), HostName nvarchar(128), BlkBy char(5), DBName nvarchar(128), "
        "Command nvarchar(16), CPUTime int, DiskIO int, LastBatch nvarchar(30), ProgramName nvarchar(128), SPID2 char(5)",
        (
            {
                "SPID": str(row["spid"]).ljust(5),
                "Status": "RUNNABLE" if row["running"] else "sleeping",
                "Login": row["login"],
                "HostName": row["host"],
                "BlkBy": "  .",
                "DBName": row["database"],
                "Command": "SELECT" if row["running"] else "AWAITING COMMAND",
                "CPUTime": 0,
                "DiskIO": 0,
                "LastBatch": row["at"].strftime("%m/%d %H:%M:%S"),
                "ProgramName": row["program"],
                "SPID2": str(row["spid"]).ljust(5),
            }
            for row in _sessions(session)
            if args["@loginame"] is None or row["login"].lower() == args["@loginame"].lower()
        ),
    )
    return 0


# --- messages, error log, procedures

@view("sys.messages", "message_id int, language_id smallint, severity tinyint, is_event_logged bit, text nvarchar(2048)")
def messages(session: SqlSession) -> Rows:
    from .statements import user_message
    return [{"message_id": number, "language_id": 1033, "severity": text.severity, "is_event_logged": False, "text": user_message(session, number)}
            for number, text in sorted(MESSAGES.items())]


def _error_log(session: SqlSession, args: dict[str, t.Any]) -> int:
    if not session.has_role("securityadmin"):
        from .errors import error
        raise error(15247)
    words = [w.casefold() for w in (args["@p3"], args["@p4"]) if w]
    rows: list[dict[str, t.Any]] = []
    for when, text in session.instance.error_log:
        if (args["@p1"] or 0) == 0 and (args["@p2"] or 1) == 1 and all(w in text.casefold() for w in words):
            rows.append({"LogDate": when, "ProcessInfo": "Server", "Text": text})
    session.emit_rows("LogDate datetime, ProcessInfo nvarchar(12), Text nvarchar(3999)", rows)
    return 0


for _name in ("sp_readerrorlog", "xp_readerrorlog"):
    procedure(_name, database="master", parameters="@p1 int = 0, @p2 int = NULL, @p3 nvarchar(255) = NULL, @p4 nvarchar(255) = NULL",
              writes=False)(_error_log)


def _procedures(session: SqlSession) -> list[tuple[int, t.Any]]:
    here = session.current().name.lower()
    return [(system_object_id(f"proc:{key}"), found) for key, found in PROCEDURES.items() if found.database in (here, "master")]


_OBJECT = """name nvarchar(128), object_id int, principal_id int, schema_id int, parent_object_id int, type char(2), type_desc nvarchar(60),
    create_date datetime, modify_date datetime, is_ms_shipped bit"""


@view("sys.all_objects", _OBJECT)
def all_objects(session: SqlSession) -> Rows:
    """Procedures and catalog views that this server has, and user tables."""
    from .catalog_databases import objects
    born = dt.datetime(2014, 2, 20)
    for number, found in _procedures(session):
        extended = found.name.startswith("xp_")
        yield {
            "name": found.name,
            "object_id": number,
            "schema_id": 4 if found.database == "master" else 1,
            "parent_object_id": 0,
            "type": "X " if extended else "P ",
            "type_desc": "EXTENDED_STORED_PROCEDURE" if extended else "SQL_STORED_PROCEDURE",
            "create_date": born,
            "modify_date": born,
            "is_ms_shipped": True,
        }
    for key, one in VIEWS.items():
        if key.startswith("sys.") and one.columns_at(session.instance.version):
            yield {"name": one.name.partition(".")[2], "object_id": system_object_id(key), "schema_id": 4, "parent_object_id": 0, "type": "V ",
                   "type_desc": "VIEW", "create_date": born, "modify_date": born, "is_ms_shipped": True}
    for row in objects(session):
        yield {key: value for key, value in row.items() if key not in ("is_published", "is_schema_published")}


@view("sys.all_parameters", """object_id int, name nvarchar(128), parameter_id int, system_type_id tinyint, user_type_id int, max_length smallint,
    precision tinyint, scale tinyint, is_output bit, has_default_value bit, default_value sql_variant""")
def all_parameters(session: SqlSession) -> Rows:
    for number, found in _procedures(session):
        for position, parameter in enumerate(found.parameters, start=1):
            kind = parse_type(parameter.type or "sql_variant")
            yield {"object_id": number, "name": parameter.name, "parameter_id": position, "system_type_id": TYPE_IDS[kind.name],
                   "user_type_id": TYPE_IDS[kind.name], "max_length": kind.max_length, "precision": kind.precision or 0, "scale": kind.scale,
                   "is_output": parameter.output, "has_default_value": False}
