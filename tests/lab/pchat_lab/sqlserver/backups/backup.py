"""BACKUP DATABASE and BACKUP LOG (sql-docs: BACKUP (Transact-SQL), Tail-Log Backups, Recovery
Models).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t
import uuid

from ...powershell.errors import LabGap
from ...world.storage import StorageError
from ..language.errors import SqlError, error
from ..language.parser import Node
from ..language.registry import check_guards, statement
from ..language.statements import value_of
from ..language.values import as_text
from ..server import files
from ..server.database import Database
from . import history
from .media import BackupMedia, BackupSet

if t.TYPE_CHECKING:
    from ..language.session import SqlSession
    from ..server.instance import SqlInstance

#: The device of Windows that swallows what is written to it.
NOWHERE = "NUL"
_FLAGS = frozenset(
    {
        "Snapshot",
        "Init",
        "NoInit",
        "Format",
        "NoFormat",
        "Skip",
        "NoSkip",
        "CopyOnly",
        "Checksum",
        "NoChecksum",
        "Compression",
        "NoCompression",
        "NoRecovery",
        "NoTruncate",
        "StopOnError",
        "ContinueAfterError",
        "Differential",
        "Rewind",
        "NoRewind",
        "Unload",
        "NoUnload",
    }
)
_VALUED = frozenset(
    {
        "Name",
        "Description",
        "Stats",
        "BlockSize",
        "BufferCount",
        "MaxTransferSize",
        "RetainDays",
        "ExpireDate",
        "MediaName",
        "MediaDescription",
        "Standby",
    }
)


@statement("BackupDatabaseStatement", writes=True)
def backup_database(session: SqlSession, node: Node) -> None:
    if node.get("Files"):
        raise LabGap("backups of files and filegroups")
    _statement(session, node, "BACKUP DATABASE")


@statement("BackupTransactionLogStatement", writes=True)
def backup_log(session: SqlSession, node: Node) -> None:
    _statement(session, node, "BACKUP LOG")


def _statement(session: SqlSession, node: Node, verb: str) -> None:
    try:
        options = _options(session, node)
        name = (
            as_text(value_of(session, node.DatabaseName.ValueExpression))
            if node.DatabaseName.ValueExpression is not None
            else node.DatabaseName.Value
        )
        if node.get("MirrorToClauses"):
            raise LabGap("mirrored backup media")
        if any(device.DeviceType == "VirtualDevice" for device in node.Devices):
            options["Virtual"] = True
        elif options.get("Snapshot"):
            raise LabGap("WITH SNAPSHOT without a virtual device")
        take(
            session,
            name,
            *(device_path(session, device) for device in node.Devices),
            log=verb == "BACKUP LOG",
            options=options,
        )
    except SqlError as failure:
        raise failure.followed_by(error(3013, verb)) from None


def device_path(session: SqlSession, device: Node) -> str:
    """Where DISK = ... points to; a bare file name lies in the instance's backup folder."""
    if (
        device.DeviceType not in ("Disk", "None", "VirtualDevice")
        or device.get("LogicalDevice") is not None
    ):
        if device.get("LogicalDevice") is not None:
            raise error(3206, device.LogicalDevice.Value)
        raise LabGap(f"backup device {device.text}")
    path = as_text(value_of(session, device.PhysicalDevice) or "").strip()
    if device.DeviceType == "VirtualDevice" or path.upper() == NOWHERE:
        return path
    return path if "\\" in path or ":" in path else f"{session.instance.backup_folder}\\{path}"


def _options(session: SqlSession, node: Node) -> dict[str, t.Any]:
    found: dict[str, t.Any] = {}
    for option in node.Options:
        if option.kind != "BackupOption" or option.OptionKind not in _FLAGS | _VALUED:
            raise LabGap(f"BACKUP option {option.text}")
        found[option.OptionKind] = (
            value_of(session, option.Value) if option.get("Value") is not None else True
        )
    return found


def take(
    session: SqlSession, name: str, *paths: str, log: bool, options: dict[str, t.Any]
) -> BackupSet:
    """Take a backup.

    ``options``: ScriptDom's option names (Init, Format, CopyOnly, NoRecovery, Name ...) with True
    or their value.

    Several paths are the stripes of one backup: each file is of use only with all the others.
    ``Virtual``: it is handed to a program (VDI).

    SqlError as BACKUP raises it, without the 3013 that follows.
    """
    instance = session.instance
    database = _checked(session, name, log, options)
    kept = [] if options.get("Virtual") else [path for path in paths if path.upper() != NOWHERE]
    media = _media(instance, kept[0] if kept else None, options)
    if media.family_count != len(paths) and media.sets:
        raise error(3132, media.family_count, len(paths))
    media = dataclasses.replace(media, family_count=len(paths))
    made = _make(session, database, log, options, len(media.sets) + 1)
    media = media.with_set(made)
    for path in kept:
        _write(instance, path, media)
    _advance(database, made, log, options)
    if not log and not made.is_copy_only:
        database.checkpoint()  # the new differential base is logged after the backup's end
    if options.get("NoRecovery") and log:
        database.end_lsn = made.last_lsn
        database.state = "RESTORING"
        instance.kick(database, session)
    history.add_backup(
        instance, media, made, *paths, device_type=7 if options.get("Virtual") else 2
    )
    _say(session, made, log, options)
    return made


def _checked(session: SqlSession, name: str, log: bool, options: dict[str, t.Any]) -> Database:
    instance = session.instance
    verb = "BACKUP LOG" if log else "BACKUP DATABASE"
    if name.lower() == "tempdb":
        raise error(3147)
    if session.transactions:
        raise error(3021)
    database = instance.database(name)
    if not session.is_sysadmin and database.owner.lower() != session.login.lower():
        raise error(262, verb, database.name)
    if options.get("Compression") and (
        instance.engine_edition == 4 or instance.edition.startswith("Web")
    ):
        raise error(1844, f"{verb} WITH COMPRESSION", instance.edition)
    check_guards("backup", instance, database, session)
    if log and options.get("NoRecovery"):
        check_guards("tail", instance, database, session)
    if not (
        log
        and options.get("NoTruncate")
        and database.state in ("OFFLINE", "SUSPECT", "RECOVERY_PENDING")
    ):
        database.require_open(session)
    if database.is_in_standby:
        raise error(3036, database.name)
    if log:
        if database.recovery_model == "SIMPLE":
            raise error(4208)
        if database.last_log_backup_lsn is None:
            raise error(4214)
        if options.get("NoRecovery") and (
            session.database.lower() == database.name.lower()
            or instance.users_of(database, session)
        ):
            raise error(3101)
    if options.get("Differential") and database.differential_base is None:
        raise error(3035, database.name)
    return database


def _media(instance: SqlInstance, path: str | None, options: dict[str, t.Any]) -> BackupMedia:
    """What is in the file already, or new media.

    ``path`` None: nothing is kept. SqlError 3201 when the file cannot be opened, 3241 when it is no
    backup.
    """
    old = _on_disk(instance, path, options) if path is not None else None
    if old is None or options.get("Format"):
        return BackupMedia(
            uuid.uuid4(),
            uuid.uuid4(),
            instance.local_now(),
            "Microsoft SQL Server",
            options.get("MediaName"),
            options.get("MediaDescription"),
        )
    return dataclasses.replace(old, sets=()) if options.get("Init") else old


def _on_disk(instance: SqlInstance, path: str, options: dict[str, t.Any]) -> BackupMedia | None:
    try:
        file = files.read(instance, path)
    except StorageError as failure:
        if failure.os_code != 2:
            raise error(3201, path, files.os_error(failure)) from None
        return None
    if isinstance(file.content, BackupMedia):
        return file.content
    if not options.get("Format"):
        raise error(3241, path)
    return None


def _write(instance: SqlInstance, path: str, media: BackupMedia) -> None:
    try:
        files.write(instance, path, media, media.size)
    except StorageError as failure:
        raise error(
            3202 if failure.os_code == 112 else 3201, path, files.os_error(failure)
        ) from None


def _make(
    session: SqlSession, database: Database, log: bool, options: dict[str, t.Any], position: int
) -> BackupSet:
    instance = session.instance
    copy_only = bool(options.get("CopyOnly") or (log and options.get("NoTruncate")))
    if log:
        first = database.last_log_backup_lsn or 0
        checkpoint = database.differential_base[0] if database.differential_base else 0
    else:
        first = checkpoint = database.checkpoint()
    last = database.end_lsn
    base = database.differential_base if options.get("Differential") else None
    start_of_records = base[0] if base else 0
    kind = "I" if base else "D"
    if log:
        start_of_records = first
        kind = "L"
    forks = tuple(fork for fork in database.forks if fork.start_lsn <= last)
    first_fork = database.fork_before(first)
    last_fork = forks[-1]
    now = instance.local_now()
    records = tuple(record for record in database.records if start_of_records <= record.lsn < last)
    pages = 40 + len(records)
    compressed = bool(
        options.get(
            "Compression",
            instance.configuration["backup compression default"]
            and not options.get("NoCompression"),
        )
    )
    size = pages * files.PAGE
    return BackupSet(
        kind=kind,
        position=position,
        guid=uuid.uuid4(),
        name=options.get("Name"),
        description=options.get("Description"),
        server_name=instance.network_name,
        machine_name=instance.machine.name,
        user_name=session.login,
        version=instance.version,
        database_name=database.name,
        database_guid=database.database_guid,
        family_guid=database.family_guid,
        database_create_date=database.create_date,
        compatibility_level=database.compatibility_level,
        collation=database.collation,
        recovery_model=database.recovery_model,
        containment=database.containment,
        is_read_only=database.is_read_only,
        user_access=database.user_access,
        first_lsn=first,
        last_lsn=last,
        checkpoint_lsn=checkpoint,
        database_backup_lsn=database.differential_base[0] if database.differential_base else 0,
        first_fork=first_fork.id,
        forks=forks,
        fork_point_lsn=last_fork.start_lsn if first_fork.id != last_fork.id else None,
        differential_base=base,
        start=now,
        finish=now + dt.timedelta(seconds=1),
        start_utc=instance.utc_now(),
        files=tuple(dataclasses.replace(file) for file in database.files),
        records=records,
        begins_log_chain=log and database.chain_begins,
        is_copy_only=copy_only,
        is_force_offline=bool(log and options.get("NoRecovery")),
        has_checksums=bool(options.get("Checksum")),
        compressed=compressed,
        size=size,
        compressed_size=size // 3 if compressed else size,
        is_snapshot=bool(options.get("Snapshot")),
    )


def _advance(database: Database, made: BackupSet, log: bool, options: dict[str, t.Any]) -> None:
    """What a backup changes in the database's own bookkeeping. Copy-only backups change nothing."""
    if made.is_copy_only:
        return
    if log:
        database.last_log_backup_lsn = made.last_lsn
        database.chain_begins = False
        return
    if made.kind == "D":
        database.differential_base = (made.checkpoint_lsn, made.guid)
        if database.recovery_model != "SIMPLE" and database.last_log_backup_lsn is None:
            database.last_log_backup_lsn = made.first_lsn
            database.chain_begins = True


def _say(session: SqlSession, made: BackupSet, log: bool, options: dict[str, t.Any]) -> None:
    pages = made.size // files.PAGE
    if "Stats" in options:
        session.info("100 percent processed.", 3211)
    for file in made.files:
        if (file.type == "LOG") or not log:
            session.info(
                f"Processed {pages if file.type == 'ROWS' or log else 1} pages for database "
                f"'{made.database_name}', file '{file.name}' "
                f"on file {made.position}.",
                4035,
            )
    session.info(
        f"{'BACKUP LOG' if log else 'BACKUP DATABASE'} successfully processed {pages} pages in "
        f"0.{pages % 900 + 100:03d} seconds "
        f"({pages / 10:.3f} MB/sec).",
        3014,
    )
