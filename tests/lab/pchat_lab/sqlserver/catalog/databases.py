"""Catalog views of databases and their files (reference pages of sys.databases and others)."""

from __future__ import annotations

import typing as t

from ...world.identities import windows_sid
from ..language.errors import SqlError
from ..language.registry import view
from ..language.tables import ComputedTable, Table, tables_of
from ..language.types import TYPE_IDS
from ..server.database import DBO_SID, RECOVERY_MODELS, STATES, USER_ACCESS, Database
from ..server.security import users_of

if t.TYPE_CHECKING:
    from ..language.session import SqlSession

Rows = t.Iterable[dict[str, t.Any]]
_WAITS = {
    "NOTHING": 0,
    "CHECKPOINT": 1,
    "LOG_BACKUP": 2,
    "ACTIVE_BACKUP_OR_RESTORE": 3,
    "ACTIVE_TRANSACTION": 4,
    "DATABASE_MIRRORING": 5,
}
_ON = ("is_auto_create_stats_on", "is_auto_update_stats_on", "is_fulltext_enabled")
_OFF = (
    "is_auto_shrink_on",
    "is_supplemental_logging_enabled",
    "is_read_committed_snapshot_on",
    "is_auto_update_stats_async_on",
    "is_ansi_null_default_on",
    "is_ansi_nulls_on",
    "is_ansi_padding_on",
    "is_ansi_warnings_on",
    "is_arithabort_on",
    "is_concat_null_yields_null_on",
    "is_numeric_roundabort_on",
    "is_quoted_identifier_on",
    "is_recursive_triggers_on",
    "is_cursor_close_on_commit_on",
    "is_local_cursor_default",
    "is_db_chaining_on",
    "is_parameterization_forced",
    "is_master_key_encrypted_by_server",
    "is_published",
    "is_subscribed",
    "is_merge_published",
    "is_distributor",
    "is_sync_with_backup",
    "is_date_correlation_on",
    "is_cdc_enabled",
    "is_encrypted",
    "is_honor_broker_priority_on",
    "is_cleanly_shutdown",
)


def shown_state(session: SqlSession | None, database: Database) -> str:
    """state_desc: a database that is kept from opening by something else than its own state shows
    as RECOVERING ("In Recovery").
    """
    if database.state != "ONLINE":
        return database.state
    try:
        database.require_open()
    except SqlError as refused:
        # assumed: a principal without quorum (955) reads as RECOVERING
        return {955: "RECOVERING", 954: "RESTORING"}.get(refused.number, database.state)
    return database.state


def owner_sid(session: SqlSession, database: Database) -> bytes:
    login = session.instance.principals.find(database.owner)
    return login.sid if login is not None else windows_sid(database.owner)


@view(
    "sys.databases",
    f"""name nvarchar(128), database_id int, source_database_id int, owner_sid varbinary(85),
    create_date datetime, compatibility_level tinyint, collation_name nvarchar(128),
    user_access tinyint, user_access_desc nvarchar(60), is_read_only bit, is_auto_close_on bit,
    state tinyint, state_desc nvarchar(60), is_in_standby bit, snapshot_isolation_state tinyint,
    snapshot_isolation_state_desc nvarchar(60), recovery_model tinyint,
    recovery_model_desc nvarchar(60), page_verify_option tinyint,
    page_verify_option_desc nvarchar(60), is_trustworthy_on bit, is_broker_enabled bit,
    log_reuse_wait tinyint, log_reuse_wait_desc nvarchar(60), service_broker_guid uniqueidentifier,
    {", ".join(f"{name} bit" for name in (*_ON, *_OFF))}, replica_id uniqueidentifier since 11,
    group_database_id uniqueidentifier since 11, default_language_lcid smallint since 11,
    default_language_name nvarchar(128) since 11, containment tinyint since 11,
    containment_desc nvarchar(60) since 11, target_recovery_time_in_seconds int since 11,
    is_memory_optimized_elevate_to_snapshot_on bit since 12""",
)
def databases(session: SqlSession) -> Rows:
    for d in sorted(session.instance.databases.values(), key=lambda one: one.database_id):
        state = shown_state(session, d)
        wait = d.log_reuse_wait
        yield {
            "name": d.name,
            "database_id": d.database_id,
            "owner_sid": owner_sid(session, d),
            "create_date": d.create_date,
            "compatibility_level": d.compatibility_level,
            "collation_name": d.collation if state == "ONLINE" else None,
            "user_access": USER_ACCESS[d.user_access],
            "user_access_desc": d.user_access,
            "is_read_only": d.is_read_only or d.is_in_standby,
            "is_auto_close_on": d.is_auto_close_on,
            "state": STATES[state],
            "state_desc": state,
            "is_in_standby": d.is_in_standby,
            "snapshot_isolation_state": 0,
            "snapshot_isolation_state_desc": "OFF",
            "recovery_model": RECOVERY_MODELS[d.recovery_model],
            "recovery_model_desc": d.recovery_model,
            "page_verify_option": 2,
            "page_verify_option_desc": "CHECKSUM",
            "is_trustworthy_on": d.is_trustworthy_on,
            "is_broker_enabled": d.is_broker_enabled,
            "log_reuse_wait": _WAITS.get(wait, 13),
            "log_reuse_wait_desc": wait,
            "service_broker_guid": d.broker_guid,
            **dict.fromkeys(_ON, True),
            **dict.fromkeys(_OFF, False),
            "containment": d.containment,
            "containment_desc": "PARTIAL" if d.containment else "NONE",
            "target_recovery_time_in_seconds": 0,
            "is_memory_optimized_elevate_to_snapshot_on": False,
        }


_FILE = """file_id int, file_guid uniqueidentifier, type tinyint, type_desc nvarchar(60),
    data_space_id int, name nvarchar(128), physical_name nvarchar(260), state tinyint,
    state_desc nvarchar(60), size int, max_size int, growth int, is_media_read_only bit,
    is_read_only bit, is_sparse bit, is_percent_growth bit, is_name_reserved bit,
    create_lsn numeric(25.0), drop_lsn numeric(25.0), read_only_lsn numeric(25.0),
    read_write_lsn numeric(25.0), differential_base_lsn numeric(25.0),
    differential_base_guid uniqueidentifier, differential_base_time datetime,
    redo_start_lsn numeric(25.0), redo_start_fork_guid uniqueidentifier,
    redo_target_lsn numeric(25.0), redo_target_fork_guid uniqueidentifier,
    backup_lsn numeric(25.0)"""


def _files(database: Database) -> Rows:
    redo = database.redo_start_lsn
    state = (
        database.state
        if database.state in ("RESTORING", "OFFLINE", "SUSPECT", "RECOVERY_PENDING")
        else "ONLINE"
    )
    for file in database.files:
        base_lsn, base_guid = database.differential_base or (None, None)
        yield {
            "file_id": file.file_id,
            "file_guid": file.guid,
            "type": 1 if file.type == "LOG" else 0,
            "type_desc": file.type,
            "data_space_id": 0 if file.type == "LOG" else 1,
            "name": file.name,
            "physical_name": file.path,
            "state": {
                "ONLINE": 0,
                "RESTORING": 1,
                "RECOVERY_PENDING": 3,
                "SUSPECT": 4,
                "OFFLINE": 6,
            }[state],
            "state_desc": state,
            "size": file.size,
            "max_size": 268435456 if file.type == "LOG" else -1,
            "growth": 10 if file.type == "LOG" else 128,
            "is_media_read_only": False,
            "is_read_only": False,
            "is_sparse": False,
            "is_percent_growth": file.type == "LOG",
            "is_name_reserved": False,
            "create_lsn": file.create_lsn or None,
            "differential_base_lsn": base_lsn if file.type == "ROWS" else None,
            "differential_base_guid": base_guid if file.type == "ROWS" else None,
            "redo_start_lsn": redo if file.type == "ROWS" else None,
            "redo_start_fork_guid": database.recovery_fork_guid
            if redo and file.type == "ROWS"
            else None,
            "backup_lsn": base_lsn if file.type == "ROWS" else None,
        }


@view("sys.master_files", f"database_id int, {_FILE}")
def master_files(session: SqlSession) -> Rows:
    for database in session.instance.databases.values():
        for row in _files(database):
            yield {"database_id": database.database_id, **row}


@view("sys.database_files", _FILE)
def database_files(session: SqlSession) -> Rows:
    return _files(session.current())


@view(
    "sys.filegroups",
    """name nvarchar(128), data_space_id int, type char(2), type_desc nvarchar(60), is_default bit,
    is_system bit since 11, filegroup_guid uniqueidentifier, log_filegroup_id int,
    is_read_only bit""",
)
def filegroups(session: SqlSession) -> Rows:
    return [
        {
            "name": "PRIMARY",
            "data_space_id": 1,
            "type": "FG",
            "type_desc": "ROWS_FILEGROUP",
            "is_default": True,
            "is_system": False,
            "is_read_only": False,
        }
    ]


@view(
    "sys.database_recovery_status",
    """database_id int, database_guid uniqueidentifier, family_guid uniqueidentifier,
    last_log_backup_lsn numeric(25.0), recovery_fork_guid uniqueidentifier,
    first_recovery_fork_guid uniqueidentifier, fork_point_lsn numeric(25.0)""",
)
def database_recovery_status(session: SqlSession) -> Rows:
    """Guids and LSNs are NULL for a database that is not started, as documented. Whether one that
    waits for log is started is not.
    """
    untold = ("RESTORING",) if session.instance.machine.hides_forks else ()
    for d in session.instance.databases.values():
        if d.state in ("OFFLINE", "SUSPECT", "RECOVERY_PENDING"):
            yield {"database_id": d.database_id}
            continue
        first = d.fork_before(d.last_log_backup_lsn) if d.last_log_backup_lsn is not None else None
        spans = first is not None and first.id != d.recovery_fork_guid
        yield {
            "database_id": d.database_id,
            "database_guid": d.database_guid,
            "family_guid": d.family_guid,
            "last_log_backup_lsn": d.last_log_backup_lsn,
            "recovery_fork_guid": None if d.state in untold else d.recovery_fork_guid,
            "first_recovery_fork_guid": first.id if first is not None and spans else None,
            "fork_point_lsn": d.forks[-1].start_lsn if spans else None,
        }


# --- inside one database


@view(
    "sys.database_principals",
    """name nvarchar(128), principal_id int, type char(1), type_desc nvarchar(60),
    default_schema_name nvarchar(128), create_date datetime, modify_date datetime,
    owning_principal_id int, sid varbinary(85), is_fixed_role bit, authentication_type int since 11,
    authentication_type_desc nvarchar(60) since 11, default_language_name nvarchar(128) since 11,
    default_language_lcid int since 11""",
)
def database_principals(session: SqlSession) -> Rows:
    database = session.current()
    kinds = {"S": "SQL_USER", "U": "WINDOWS_USER", "G": "WINDOWS_GROUP", "R": "DATABASE_ROLE"}
    for user in users_of(database):
        sid = user.sid
        if user.name == "dbo":
            sid = database.content.get(DBO_SID) or owner_sid(session, database)
        login = {"S": 1 if user.sid else 0, "U": 3, "G": 3, "R": 0}[user.type]
        yield {
            "name": user.name,
            "principal_id": user.principal_id,
            "type": user.type,
            "type_desc": kinds[user.type],
            "default_schema_name": user.default_schema,
            "create_date": database.create_date,
            "modify_date": database.create_date,
            "owning_principal_id": 1 if user.type == "R" else None,
            "sid": sid,
            "is_fixed_role": user.principal_id >= 16384,
            "authentication_type": login,
            "authentication_type_desc": {0: "NONE", 1: "INSTANCE", 3: "WINDOWS"}[login],
        }


@view("sys.database_role_members", "role_principal_id int, member_principal_id int")
def database_role_members(session: SqlSession) -> Rows:
    users = users_of(session.current())
    numbers = {user.name.lower(): user.principal_id for user in users}
    for role in users:
        for name in role.members:
            if name in numbers:
                yield {
                    "role_principal_id": role.principal_id,
                    "member_principal_id": numbers[name],
                }


@view("sys.schemas", "name nvarchar(128), schema_id int, principal_id int")
def schemas(session: SqlSession) -> Rows:
    return [
        {"name": "dbo", "schema_id": 1, "principal_id": 1},
        {"name": "guest", "schema_id": 2, "principal_id": 2},
        {"name": "INFORMATION_SCHEMA", "schema_id": 3, "principal_id": 3},
        {"name": "sys", "schema_id": 4, "principal_id": 4},
    ]


_OBJECT = """name nvarchar(128), object_id int, principal_id int, schema_id int,
    parent_object_id int, type char(2), type_desc nvarchar(60), create_date datetime,
    modify_date datetime, is_ms_shipped bit, is_published bit, is_schema_published bit"""


def _object(database: Database, table: Table | ComputedTable) -> dict[str, t.Any]:
    return {
        "name": table.name,
        "object_id": table.object_id,
        "schema_id": 1,
        "parent_object_id": 0,
        "type": "U ",
        "type_desc": "USER_TABLE",
        "create_date": database.create_date,
        "modify_date": database.create_date,
        "is_ms_shipped": False,
        "is_published": False,
        "is_schema_published": False,
    }


@view("sys.objects", _OBJECT)
def objects(session: SqlSession) -> Rows:
    return [_object(session.current(), table) for table in tables_of(session.current())]


@view("sys.tables", _OBJECT)
def tables(session: SqlSession) -> Rows:
    return objects(session)


@view(
    "sys.columns",
    """object_id int, name nvarchar(128), column_id int, system_type_id tinyint, user_type_id int,
    max_length smallint, precision tinyint, scale tinyint, collation_name nvarchar(128),
    is_nullable bit, is_identity bit, is_computed bit""",
)
def columns(session: SqlSession) -> Rows:
    database = session.current()
    for table in tables_of(database):
        for number, column in enumerate(table.columns, start=1):
            yield {
                "object_id": table.object_id,
                "name": column.name,
                "column_id": number,
                "system_type_id": TYPE_IDS[column.type.name],
                "user_type_id": TYPE_IDS[column.type.name],
                "max_length": column.type.max_length,
                "precision": column.type.precision or 0,
                "scale": column.type.scale,
                "collation_name": database.collation if column.type.family == "string" else None,
                "is_nullable": column.nullable,
                "is_identity": column.identity is not None,
                "is_computed": False,
            }


@view(
    "sys.types",
    "name nvarchar(128), system_type_id tinyint, user_type_id int, schema_id int, max_length "
    "smallint, is_nullable bit, is_user_defined bit",
)
def types(session: SqlSession) -> Rows:
    return [
        {
            "name": name,
            "system_type_id": number,
            "user_type_id": number,
            "schema_id": 4,
            "max_length": 0,
            "is_nullable": True,
            "is_user_defined": False,
        }
        for name, number in TYPE_IDS.items()
    ]
