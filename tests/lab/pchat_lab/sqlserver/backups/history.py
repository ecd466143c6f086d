"""Backup and restore history in msdb: backupset, backupmediaset, backupmediafamily, backupfile,
restorehistory, restorefile.

Each instance knows the backups it took itself and the sets it restored (sql-docs: Backup History
and Header Information).
"""

from __future__ import annotations

import datetime as dt
import typing as t

from ..language.errors import error
from ..language.registry import procedure, view
from .media import DATABASE_VERSIONS, BackupMedia, BackupSet

if t.TYPE_CHECKING:
    from ..language.session import SqlSession
    from ..server.instance import SqlInstance

Rows = list[dict[str, t.Any]]


def rows(instance: SqlInstance, table: str) -> Rows:
    """The rows of a table of msdb, to be added to."""
    return instance.msdb.setdefault(table, [])


def _next(instance: SqlInstance, table: str) -> int:
    number = t.cast(int, instance.parts.get(f"history {table}", 0)) + 1
    instance.parts[f"history {table}"] = number
    return number


def add_backup(
    instance: SqlInstance, media: BackupMedia, made: BackupSet, *paths: str, device_type: int = 2
) -> int:
    """Remember a backup set and where each of its stripes went; its backup_set_id.

    ``device_type``: 2 disk, 7 virtual.
    """
    media_set_id = _media_set(instance, media, paths, device_type)
    _is_new(instance, "sets", made.guid)
    number = _next(instance, "backupset")
    base_lsn, base_guid = made.differential_base or (None, None)
    rows(instance, "backupset").append(
        {
            "backup_set_id": number,
            "backup_set_uuid": made.guid,
            "media_set_id": media_set_id,
            "first_family_number": 1,
            "first_media_number": 1,
            "last_family_number": 1,
            "last_media_number": 1,
            "catalog_family_number": 1,
            "catalog_media_number": 1,
            "position": made.position,
            "expiration_date": made.expires,
            "software_vendor_id": 4608,
            "name": made.name,
            "description": made.description,
            "user_name": made.user_name,
            "software_major_version": made.version[0],
            "software_minor_version": made.version[1],
            "software_build_version": made.version[2],
            "time_zone": 127,
            "mtf_minor_version": 0,
            "first_lsn": made.first_lsn,
            "last_lsn": made.last_lsn,
            "checkpoint_lsn": made.checkpoint_lsn,
            "database_backup_lsn": made.database_backup_lsn,
            "database_creation_date": made.database_create_date,
            "backup_start_date": made.start,
            "backup_finish_date": made.finish,
            "type": made.kind,
            "sort_order": 52,
            "code_page": 0,
            "compatibility_level": made.compatibility_level,
            "database_version": DATABASE_VERSIONS.get(made.version[0], 852),
            "backup_size": made.size,
            "database_name": made.database_name,
            "server_name": made.server_name,
            "machine_name": made.machine_name,
            "flags": 0,
            "unicode_locale": 1033,
            "unicode_compare_style": 196609,
            "collation_name": made.collation,
            "is_password_protected": False,
            "recovery_model": made.recovery_model.replace("_", "-"),
            "has_bulk_logged_data": False,
            "is_snapshot": made.is_snapshot,
            "is_readonly": made.is_read_only,
            "is_single_user": made.user_access == "SINGLE_USER",
            "has_backup_checksums": made.has_checksums,
            "is_damaged": False,
            "begins_log_chain": made.begins_log_chain,
            "has_incomplete_metadata": made.incomplete,
            "is_force_offline": made.is_force_offline,
            "is_copy_only": made.is_copy_only,
            "first_recovery_fork_guid": made.first_fork,
            "last_recovery_fork_guid": made.recovery_fork,
            "fork_point_lsn": made.fork_point_lsn,
            "database_guid": made.database_guid,
            "family_guid": made.family_guid,
            "differential_base_lsn": base_lsn,
            "differential_base_guid": base_guid,
            "compressed_backup_size": made.compressed_size,
        }
    )
    for file in made.files:
        rows(instance, "backupfile").append(
            {
                "backup_set_id": number,
                "first_family_number": 1,
                "first_media_number": 1,
                "filegroup_name": None if file.type == "LOG" else "PRIMARY",
                "page_size": 8192,
                "file_number": file.file_id,
                "file_type": "L" if file.type == "LOG" else "D",
                "file_size": file.size * 8192,
                "logical_name": file.name,
                "physical_name": file.path,
                "state": 0,
                "state_desc": "ONLINE",
                "create_lsn": file.create_lsn,
                "drop_lsn": 0,
                "file_guid": file.guid,
                "is_readonly": False,
                "is_present": True,
            }
        )
    return number


def _is_new(instance: SqlInstance, what: str, identity: t.Any) -> bool:
    """Whether this id was never written into the history here, so that nothing has to be searched:
    in a month a job backs up thousands of times.
    """
    known: set[t.Any] = instance.parts.setdefault(f"history ids {what}", set())
    before = len(known)
    known.add(identity)
    return len(known) > before


def _media_set(
    instance: SqlInstance, media: BackupMedia, paths: tuple[str, ...], device_type: int
) -> int:
    for row in (
        [] if _is_new(instance, "media", media.media_set) else rows(instance, "backupmediaset")
    ):
        if row["media_uuid"] == media.media_set and any(
            f["media_set_id"] == row["media_set_id"]
            and f["physical_device_name"].lower() == paths[0].lower()
            for f in rows(instance, "backupmediafamily")
        ):
            return t.cast(int, row["media_set_id"])
    number = _next(instance, "backupmediaset")
    rows(instance, "backupmediaset").append(
        {
            "media_set_id": number,
            "media_uuid": media.media_set,
            "media_family_count": len(paths),
            "name": media.name,
            "description": media.description,
            "software_name": media.software,
            "software_vendor_id": 4608,
            "MTF_major_version": 1,
            "mirror_count": 1,
            "is_password_protected": False,
            "is_compressed": any(one.compressed for one in media.sets),
        }
    )
    for sequence, path in enumerate(paths, start=1):
        rows(instance, "backupmediafamily").append(
            {
                "media_set_id": number,
                "family_sequence_number": sequence,
                "media_family_id": media.media_family,
                "media_count": 1,
                "logical_device_name": None,
                "physical_device_name": path,
                "device_type": device_type,
                "physical_block_size": 65536,
                "mirror": 0,
            }
        )
    return number


def add_restore(
    session: SqlSession,
    media: BackupMedia,
    used: BackupSet,
    path: str,
    database: str,
    kind: str,
    *,
    replace: bool,
    recovery: bool,
    stop_at: dt.datetime | None,
    targets: list[tuple[int, str]],
) -> None:
    """Remember a restore, and the set that was restored if it is not known here.

    ``kind``: D, I, L or V.
    """
    instance = session.instance
    sets = [] if _is_new(instance, "sets", used.guid) else rows(instance, "backupset")
    known = next(
        (row["backup_set_id"] for row in sets if row["backup_set_uuid"] == used.guid), None
    )
    number = known if known is not None else add_backup(instance, media, used, path)
    restore_id = _next(instance, "restorehistory")
    rows(instance, "restorehistory").append(
        {
            "restore_history_id": restore_id,
            "restore_date": instance.local_now(),
            "destination_database_name": database,
            "user_name": session.login,
            "backup_set_id": number,
            "restore_type": kind,
            "replace": replace,
            "recovery": recovery,
            "restart": False,
            "stop_at": stop_at,
            "device_count": 1,
            "stop_at_mark_name": None,
            "stop_before": False,
        }
    )
    for file_number, target in targets:
        rows(instance, "restorefile").append(
            {
                "restore_history_id": restore_id,
                "file_number": file_number,
                "destination_phys_drive": target[:3],
                "destination_phys_name": target,
            }
        )


@view(
    "msdb.dbo.backupset",
    """backup_set_id int, backup_set_uuid uniqueidentifier, media_set_id int,
    first_family_number tinyint, first_media_number smallint, last_family_number tinyint,
    last_media_number smallint, catalog_family_number tinyint, catalog_media_number smallint,
    position int, expiration_date datetime, software_vendor_id int, name nvarchar(128),
    description nvarchar(255), user_name nvarchar(128), software_major_version tinyint,
    software_minor_version tinyint, software_build_version smallint, time_zone smallint,
    mtf_minor_version tinyint, first_lsn numeric(25.0), last_lsn numeric(25.0),
    checkpoint_lsn numeric(25.0), database_backup_lsn numeric(25.0),
    database_creation_date datetime, backup_start_date datetime, backup_finish_date datetime,
    type char(1), sort_order smallint, code_page smallint, compatibility_level tinyint,
    database_version int, backup_size numeric(20.0), database_name nvarchar(128),
    server_name nvarchar(128), machine_name nvarchar(128), flags int, unicode_locale int,
    unicode_compare_style int, collation_name nvarchar(128), is_password_protected bit,
    recovery_model nvarchar(60), has_bulk_logged_data bit, is_snapshot bit, is_readonly bit,
    is_single_user bit, has_backup_checksums bit, is_damaged bit, begins_log_chain bit,
    has_incomplete_metadata bit, is_force_offline bit, is_copy_only bit,
    first_recovery_fork_guid uniqueidentifier, last_recovery_fork_guid uniqueidentifier,
    fork_point_lsn numeric(25.0), database_guid uniqueidentifier, family_guid uniqueidentifier,
    differential_base_lsn numeric(25.0), differential_base_guid uniqueidentifier,
    compressed_backup_size numeric(20.0)""",
)
def backupset(session: SqlSession) -> Rows:
    return rows(session.instance, "backupset")


@view(
    "msdb.dbo.backupmediafamily",
    """media_set_id int, family_sequence_number tinyint, media_family_id uniqueidentifier,
    media_count int, logical_device_name nvarchar(128), physical_device_name nvarchar(260),
    device_type tinyint, physical_block_size int, mirror tinyint""",
)
def backupmediafamily(session: SqlSession) -> Rows:
    return rows(session.instance, "backupmediafamily")


@view(
    "msdb.dbo.backupmediaset",
    """media_set_id int, media_uuid uniqueidentifier, media_family_count tinyint,
    name nvarchar(128), description nvarchar(255), software_name nvarchar(128),
    software_vendor_id int, MTF_major_version tinyint, mirror_count tinyint,
    is_password_protected bit, is_compressed bit""",
)
def backupmediaset(session: SqlSession) -> Rows:
    return rows(session.instance, "backupmediaset")


@view(
    "msdb.dbo.backupfile",
    """backup_set_id int, first_family_number tinyint, first_media_number smallint,
    filegroup_name nvarchar(128), page_size int, file_number numeric(10.0), file_type char(1),
    file_size numeric(20.0), logical_name nvarchar(128), physical_name nvarchar(260), state tinyint,
    state_desc nvarchar(64), create_lsn numeric(25.0), drop_lsn numeric(25.0),
    file_guid uniqueidentifier, is_readonly bit, is_present bit""",
)
def backupfile(session: SqlSession) -> Rows:
    return rows(session.instance, "backupfile")


@view(
    "msdb.dbo.restorehistory",
    """restore_history_id int, restore_date datetime, destination_database_name nvarchar(128),
    user_name nvarchar(128), backup_set_id int, restore_type char(1), replace bit, recovery bit,
    restart bit, stop_at datetime, device_count tinyint, stop_at_mark_name nvarchar(128),
    stop_before bit""",
)
def restorehistory(session: SqlSession) -> Rows:
    return rows(session.instance, "restorehistory")


@view(
    "msdb.dbo.restorefile",
    """restore_history_id int, file_number numeric(10.0), destination_phys_drive nvarchar(260),
    destination_phys_name nvarchar(260)""",
)
def restorefile(session: SqlSession) -> Rows:
    return rows(session.instance, "restorefile")


def _forget(instance: SqlInstance, gone: set[int]) -> None:
    """Delete backup sets with everything that hangs on them."""
    restores = {
        row["restore_history_id"]
        for row in rows(instance, "restorehistory")
        if row["backup_set_id"] in gone
    }
    for table, key, keys in (
        ("restorefile", "restore_history_id", restores),
        ("restorehistory", "restore_history_id", restores),
        ("backupfile", "backup_set_id", gone),
        ("backupset", "backup_set_id", gone),
    ):
        instance.msdb[table] = [row for row in rows(instance, table) if row[key] not in keys]
    used = {row["media_set_id"] for row in rows(instance, "backupset")}
    for table in ("backupmediafamily", "backupmediaset"):
        instance.msdb[table] = [row for row in rows(instance, table) if row["media_set_id"] in used]


@procedure("sp_delete_database_backuphistory", database="msdb", parameters="@database_name sysname")
def sp_delete_database_backuphistory(session: SqlSession, args: dict[str, t.Any]) -> int:
    session.require_sysadmin(
        error(229, "EXECUTE", "sp_delete_database_backuphistory", "msdb", "dbo")
    )
    name = args["@database_name"].lower()
    _forget(
        session.instance,
        {
            row["backup_set_id"]
            for row in rows(session.instance, "backupset")
            if row["database_name"].lower() == name
        },
    )
    return 0


@procedure("sp_delete_backuphistory", database="msdb", parameters="@oldest_date datetime")
def sp_delete_backuphistory(session: SqlSession, args: dict[str, t.Any]) -> int:
    session.require_sysadmin(error(229, "EXECUTE", "sp_delete_backuphistory", "msdb", "dbo"))
    _forget(
        session.instance,
        {
            row["backup_set_id"]
            for row in rows(session.instance, "backupset")
            if row["backup_finish_date"] < args["@oldest_date"]
        },
    )
    return 0
