"""Catalog and management views of the server: principals, permissions, configuration, services,
sessions, messages, procedures.
"""

from __future__ import annotations

import typing as t

from ..language.errors import SqlError, error
from ..language.registry import procedure, view
from ..server.principals import ENDPOINT_CLASS, Login
from ..server.security import SERVER_CLASS

if t.TYPE_CHECKING:
    from ..language.session import SqlSession

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
    everyone = sorted(
        session.instance.principals.all.values(), key=lambda login: login.principal_id
    )
    if session.has_role("securityadmin"):
        return everyone
    return [
        login
        for login in everyone
        if login.type == "R"
        or login.principal_id == 1
        or login.name.lower() == session.login.lower()
    ]


def _principal(login: Login) -> dict[str, t.Any]:
    return {
        "name": login.name,
        "principal_id": login.principal_id,
        "sid": login.sid,
        "type": login.type,
        "type_desc": _KINDS[login.type],
        "is_disabled": login.is_disabled,
        "create_date": login.create_date,
        "modify_date": login.create_date,
        "default_database_name": None if login.type == "R" else login.default_database,
        "default_language_name": None if login.type == "R" else "us_english",
        "is_fixed_role": login.type == "R" and login.name != "public",
        "owning_principal_id": 1 if login.type == "R" else None,
    }


_PRINCIPAL = """name nvarchar(128), principal_id int, sid varbinary(85), type char(1),
    type_desc nvarchar(60), is_disabled bit, create_date datetime, modify_date datetime,
    default_database_name nvarchar(128), default_language_name nvarchar(128), credential_id int"""


@view(
    "sys.server_principals",
    _PRINCIPAL + ", owning_principal_id int since 11, is_fixed_role bit since 11",
)
def server_principals(session: SqlSession) -> Rows:
    return [_principal(login) for login in _visible(session)]


@view(
    "sys.sql_logins",
    _PRINCIPAL + ", is_policy_checked bit, is_expiration_checked bit, password_hash varbinary(256)",
)
def sql_logins(session: SqlSession) -> Rows:
    for login in _visible(session):
        if login.type == "S":
            row = _principal(login)
            del row["is_fixed_role"], row["owning_principal_id"]
            yield {**row, "is_policy_checked": True, "is_expiration_checked": False}


@view(
    "sys.syslogins",
    "sid varbinary(85), name nvarchar(128), loginname nvarchar(128), dbname nvarchar(128), "
    "isntname int, isntuser int, isntgroup int, "
    "sysadmin int, hasaccess int, denylogin int",
)
def syslogins(session: SqlSession) -> Rows:
    admins = session.instance.principals.members["sysadmin"]
    return [
        {
            "sid": login.sid,
            "name": login.name,
            "loginname": login.name,
            "dbname": login.default_database,
            "isntname": int(login.type != "S"),
            "isntuser": int(login.type == "U"),
            "isntgroup": int(login.type == "G"),
            "sysadmin": int(login.name.lower() in admins),
            "hasaccess": 1,
            "denylogin": 0,
        }
        for login in _visible(session)
        if login.type != "R"
    ]


@view("sys.server_role_members", "role_principal_id int, member_principal_id int")
def server_role_members(session: SqlSession) -> Rows:
    principals = session.instance.principals
    for role, members in principals.members.items():
        for name in sorted(members):
            member = principals.find(name)
            if member is not None:
                yield {
                    "role_principal_id": principals.all[role].principal_id,
                    "member_principal_id": member.principal_id,
                }


@view(
    "sys.server_permissions",
    """class tinyint, class_desc nvarchar(60), major_id int, minor_id int, grantee_principal_id int,
    grantor_principal_id int, type char(4), permission_name nvarchar(128), state char(1),
    state_desc nvarchar(60)""",
)
def server_permissions(session: SqlSession) -> Rows:
    visible = {login.principal_id for login in _visible(session)}
    states = {"G": "GRANT", "D": "DENY", "W": "GRANT_WITH_GRANT_OPTION"}
    classes = {SERVER_CLASS: "SERVER", ENDPOINT_CLASS: "ENDPOINT"}
    rows = [
        {
            "class": SERVER_CLASS,
            "class_desc": "SERVER",
            "major_id": 0,
            "minor_id": 0,
            "grantee_principal_id": login.principal_id,
            "grantor_principal_id": 1,
            "type": "COSQ",
            "permission_name": "CONNECT SQL",
            "state": "G",
            "state_desc": "GRANT",
        }
        for login in session.instance.principals.all.values()
        if login.type != "R" and login.principal_id in visible
    ]
    rows += [
        {
            "class": p.class_,
            "class_desc": classes[p.class_],
            "major_id": p.major_id,
            "minor_id": 0,
            "grantee_principal_id": p.grantee_id,
            "grantor_principal_id": p.grantor_id,
            "type": _PERMISSION_CODES[p.permission],
            "permission_name": p.permission,
            "state": p.state,
            "state_desc": states[p.state],
        }
        for p in session.instance.principals.permissions
        if p.grantee_id in visible
    ]
    return rows


# --- configuration and services

_OPTIONS = {
    "xp_cmdshell": (16390, 0, 1),
    "show advanced options": (518, 0, 1),
    "remote admin connections": (1576, 0, 1),
    "backup compression default": (1579, 0, 1),
    "backup checksum default": (1584, 0, 1),
    "contained database authentication": (16393, 0, 1),
}


@view(
    "sys.configurations",
    """configuration_id int, name nvarchar(35), value sql_variant, minimum sql_variant,
    maximum sql_variant, value_in_use sql_variant, description nvarchar(255), is_dynamic bit,
    is_advanced bit""",
)
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


@procedure(
    "sp_configure",
    database="master",
    parameters="@configname varchar(35) = NULL, @configvalue int = NULL",
    writes=False,
)
def sp_configure(session: SqlSession, args: dict[str, t.Any]) -> int:
    """assumed: options take effect at once; RECONFIGURE is accepted as its confirmation."""
    known = session.instance.configuration
    name = args["@configname"]
    if name is not None and name.lower() not in known:
        raise SqlError(
            15123,
            f"The configuration option '{name}' does not exist, or it may be an advanced option.",
        )
    if args["@configvalue"] is not None:
        session.require_sysadmin()
        session.wrote = True
        old = known[name.lower()]
        known[name.lower()] = args["@configvalue"]
        session.info(
            f"Configuration option '{name}' changed from {old} to {args['@configvalue']}. Run the "
            "RECONFIGURE statement to install.",
            15457,
        )
        return 0
    session.emit_rows(
        "name nvarchar(35), minimum int, maximum int, config_value int, run_value int",
        (
            {
                "name": option,
                "minimum": _OPTIONS[option][1],
                "maximum": _OPTIONS[option][2],
                "config_value": known[option],
                "run_value": known[option],
            }
            for option in known
            if name is None or option == name.lower()
        ),
    )
    return 0


@view(
    "sys.dm_server_services",
    """servicename nvarchar(256), startup_type int, startup_type_desc nvarchar(256), status int,
    status_desc nvarchar(256), process_id int, last_startup_time datetimeoffset,
    service_account nvarchar(256), filename nvarchar(256), is_clustered nvarchar(1),
    cluster_nodename nvarchar(256)""",
    since="10.50.2500",
)
def dm_server_services(session: SqlSession) -> Rows:
    require_view_server_state(session)
    instance = session.instance
    modes = {"Auto": (2, "Automatic"), "Manual": (3, "Manual"), "Disabled": (4, "Disabled")}
    for service, program in (
        (instance.engine_service, 'sqlservr.exe" -s'),
        (instance.agent_service, 'SQLAGENT.EXE" -i '),
    ):
        folder = instance.system_folder.rpartition("\\")[0]
        running = service.status == "Running"
        yield {
            "servicename": service.display_name,
            "startup_type": modes[service.start_mode][0],
            "startup_type_desc": modes[service.start_mode][1],
            "status": 4 if running else 1,
            "status_desc": service.status,
            "process_id": 2000 if running else None,
            "last_startup_time": service.started_at.replace(tzinfo=None)
            if service.started_at
            else None,
            "service_account": service.account,
            "filename": f'"{folder}\\Binn\\{program}{instance.name or "MSSQLSERVER"}',
            "is_clustered": "N",
        }


def require_view_server_state(session: SqlSession) -> None:
    login = session.instance.principals.find(session.login)
    granted = login is not None and any(
        p.permission == "VIEW SERVER STATE"
        and p.grantee_id == login.principal_id
        and p.state in "GW"
        for p in session.instance.principals.permissions
    )
    if not session.is_sysadmin and not granted:
        raise error(300, "VIEW SERVER STATE", "server", "master")


@view(
    "sys.servers",
    """server_id int, name nvarchar(128), product nvarchar(128), provider nvarchar(128),
    data_source nvarchar(4000), is_linked bit, is_remote_login_enabled bit,
    is_data_access_enabled bit, modify_date datetime""",
)
def servers(session: SqlSession) -> Rows:
    name = session.instance.server_name
    return [
        {
            "server_id": 0,
            "name": name,
            "product": "SQL Server",
            "provider": "SQLNCLI",
            "data_source": name,
            "is_linked": False,
            "is_remote_login_enabled": True,
            "is_data_access_enabled": False,
            "modify_date": session.instance.databases["master"].create_date,
        }
    ]


@view("sys.dm_os_sys_info", "sqlserver_start_time datetime, cpu_count int, ms_ticks bigint")
def dm_os_sys_info(session: SqlSession) -> Rows:
    require_view_server_state(session)
    instance = session.instance
    return [
        {
            "sqlserver_start_time": instance.started_at,
            "cpu_count": 4,
            "ms_ticks": int((instance.local_now() - instance.started_at).total_seconds() * 1000),
        }
    ]
