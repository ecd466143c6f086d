"""Who is connected: sys.dm_exec_sessions and its kin, sys.sysprocesses, sp_who2."""

from __future__ import annotations

import typing as t

from ...world.identities import windows_sid
from ..language.registry import procedure, view
from .databases import owner_sid
from .server import require_view_server_state

if t.TYPE_CHECKING:
    from ..language.session import SqlSession

Rows = t.Iterable[dict[str, t.Any]]


def _sessions(session: SqlSession) -> list[dict[str, t.Any]]:
    """Everybody who is connected, T-SQL sessions and programs; without VIEW SERVER STATE only
    oneself.
    """
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
        rows.append(
            {
                "spid": user.spid,
                "login": user.login,
                "host": user.host,
                "program": user.program,
                "database": user.database.name,
                "at": user.login_time,
                "running": False,
                "transactions": 0,
            }
        )
    for row in rows:
        database = session.instance.databases.get(row["database"].lower())
        row["dbid"] = database.database_id if database else 0
        row["sid"] = windows_sid(row["login"])
    return sorted(
        (row for row in rows if session.is_sysadmin or row["spid"] == session.spid),
        key=lambda row: row["spid"],
    )


@view(
    "sys.dm_exec_sessions",
    """session_id smallint, login_time datetime, host_name nvarchar(128),
    program_name nvarchar(128), host_process_id int, client_version int,
    client_interface_name nvarchar(32), security_id varbinary(85), login_name nvarchar(128),
    nt_domain nvarchar(128), nt_user_name nvarchar(128), status nvarchar(30), cpu_time int,
    memory_usage int, last_request_start_time datetime, last_request_end_time datetime,
    is_user_process bit, language nvarchar(128), original_login_name nvarchar(128),
    database_id smallint since 11, authenticating_database_id int since 11,
    open_transaction_count int since 11""",
)
def dm_exec_sessions(session: SqlSession) -> Rows:
    for row in _sessions(session):
        domain, _unused, user = row["login"].partition("\\")
        yield {
            "session_id": row["spid"],
            "login_time": row["at"],
            "host_name": row["host"],
            "program_name": row["program"],
            "host_process_id": 4000,
            "client_version": 6,
            "client_interface_name": ".Net SqlClient Data Provider",
            "security_id": row["sid"],
            "login_name": row["login"],
            "nt_domain": domain,
            "nt_user_name": user,
            "status": "running" if row["running"] else "sleeping",
            "cpu_time": 0,
            "memory_usage": 2,
            "last_request_start_time": row["at"],
            "last_request_end_time": row["at"],
            "is_user_process": True,
            "language": "us_english",
            "original_login_name": row["login"],
            "database_id": row["dbid"],
            "authenticating_database_id": 1,
            "open_transaction_count": row["transactions"],
        }


@view(
    "sys.dm_exec_connections",
    """session_id int, connect_time datetime, net_transport nvarchar(40),
    protocol_type nvarchar(40), encrypt_option nvarchar(40), auth_scheme nvarchar(40),
    client_net_address varchar(48), client_tcp_port int, local_net_address varchar(48),
    local_tcp_port int""",
)
def dm_exec_connections(session: SqlSession) -> Rows:
    require_view_server_state(session)
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
    """session_id smallint, request_id int, start_time datetime, status nvarchar(30),
    command nvarchar(32), database_id smallint, user_id int, blocking_session_id smallint,
    wait_type nvarchar(60), wait_time int, percent_complete real, estimated_completion_time bigint,
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


@view(
    "sys.sysprocesses",
    """spid smallint, kpid smallint, blocked smallint, dbid smallint, uid smallint,
    login_time datetime, last_batch datetime, open_tran smallint, status nchar(30), sid binary(86),
    hostname nchar(128), program_name nchar(128), hostprocess nchar(10), cmd nchar(16),
    nt_domain nchar(128), nt_username nchar(128), loginame nchar(128)""",
)
def sysprocesses(session: SqlSession) -> Rows:
    """Agent's own connection is among them while it runs, as on a real server."""
    instance = session.instance
    rows = _sessions(session)
    if instance.agent_running and session.is_sysadmin:
        rows.insert(
            0,
            {
                "spid": 50,
                "login": f"NT SERVICE\\{instance.agent_service_name}",
                "host": instance.machine.name,
                "program": "SQLAgent - Generic Refresher",
                "database": "msdb",
                "at": instance.started_at,
                "running": False,
                "transactions": 0,
                "dbid": 4,
                "sid": b"",
            },
        )
    for row in rows:
        domain, _unused, user = row["login"].partition("\\")
        yield {
            "spid": row["spid"],
            "kpid": 0,
            "blocked": 0,
            "dbid": row["dbid"],
            "uid": 1,
            "login_time": row["at"],
            "last_batch": row["at"],
            "open_tran": row["transactions"],
            "status": "runnable" if row["running"] else "sleeping",
            "sid": row["sid"],
            "hostname": row["host"],
            "program_name": row["program"],
            "hostprocess": "4000",
            "cmd": "SELECT" if row["running"] else "AWAITING COMMAND",
            "nt_domain": domain,
            "nt_username": user,
            "loginame": row["login"],
        }


@view(
    "sys.sysdatabases",
    "name nvarchar(128), dbid smallint, sid varbinary(85), status int, crdate datetime, cmptlevel "
    "tinyint, filename nvarchar(260)",
)
def sysdatabases(session: SqlSession) -> Rows:
    return [
        {
            "name": d.name,
            "dbid": d.database_id,
            "sid": owner_sid(session, d),
            "status": {"RESTORING": 32, "OFFLINE": 512}.get(d.state, 65536),
            "crdate": d.create_date,
            "cmptlevel": d.compatibility_level,
            "filename": d.files[0].path if d.files else None,
        }
        for d in session.instance.databases.values()
    ]


@procedure("sp_who2", database="master", parameters="@loginame sysname = NULL", writes=False)
def sp_who2(session: SqlSession, args: dict[str, t.Any]) -> int:
    session.emit_rows(
        "SPID char(5), Status nvarchar(30), Login nvarchar(128), HostName nvarchar(128), BlkBy "
        "char(5), DBName nvarchar(128), "
        "Command nvarchar(16), CPUTime int, DiskIO int, LastBatch nvarchar(30), ProgramName "
        "nvarchar(128), SPID2 char(5)",
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
