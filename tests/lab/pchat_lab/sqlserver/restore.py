"""RESTORE DATABASE, RESTORE LOG, and looking at backups: HEADERONLY, FILELISTONLY, LABELONLY, VERIFYONLY."""
from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t
import uuid

from ..powershell.errors import LabGap
from . import files, history
from .backup import device_path
from .backup_media import FILE_LIST, LABEL, BackupMedia, BackupSet, file_rows, header, header_columns
from .database import Database, DataFile
from .errors import SqlError, declare, error
from .parser import Node
from .registry import check_guards, statement
from .statements import value_of
from .types import SqlType
from .values import as_text, convert

if t.TYPE_CHECKING:
    from .session import SqlSession

declare(
    {
        3102: (
            16,
            "RESTORE cannot process database '{}' because it is in use by this session. It is recommended that the master database be used when "
            "performing this operation.",
        ),
        3110: (14, "User does not have permission to RESTORE database '{}'."),
        3117: (16, "The log or differential backup cannot be restored because no files are ready to rollforward."),
        3118: (
            16,
            'The database "{}" does not exist. RESTORE can only create a database when restoring either a full backup or a file backup of the '
            "primary file.",
        ),
        3119: (16, "Problems were identified while planning for the RESTORE statement. Previous messages provide details."),
        3135: (16, "The backup set in file '{}' was created by {} and may not be used for this restore operation."),
        3136: (16, "This differential backup cannot be restored because the database has not been restored to the correct earlier state."),
        3142: (
            16,
            'File "{}" cannot be restored over the existing "{}". Reissue the RESTORE statement using WITH REPLACE to overwrite pre-existing files, '
            "or WITH MOVE to identify an alternate location.",
        ),
        3153: (16, "The database is already fully recovered."),
        3154: (16, "The backup set holds a backup of a database other than the existing '{}' database."),
        3156: (16, "File '{}' cannot be restored to '{}'. Use WITH MOVE to identify a valid location for the file."),
        3159: (
            16,
            'The tail of the log for the database "{}" has not been backed up. Use BACKUP LOG WITH NORECOVERY to backup the log if it contains work you '
            "do not want to lose. Use the WITH REPLACE or WITH STOPAT clause of the RESTORE statement to just overwrite the contents of the log.",
        ),
        3169: (
            16,
            "The database was backed up on a server running version {}. That version is incompatible with this server, which is running version {}. "
            "Either restore the database on a server that supports the backup, or use a backup that is compatible with this server.",
        ),
        3176: (16, "File '{}' is claimed by '{}'({}) and '{}'({}). The WITH MOVE clause can be used to relocate one or more files."),
        3180: (
            16,
            "This backup cannot be restored using WITH STANDBY because a database upgrade is needed. Reissue the RESTORE without WITH STANDBY.",
        ),
        3183: (16, 'RESTORE detected an error on page ({}:{}) in database "{}" as read from the backup set.'),
        3189: (16, "Damage to the backup set was detected."),
        3234: (16, "Logical file '{}' is not part of database '{}'. Use RESTORE FILELISTONLY to list the logical file names."),
        4038: (16, "Cannot find file ID {} on device '{}'."),
        4305: (
            16,
            "The log in this backup set begins at LSN {}, which is too recent to apply to the database. An earlier log backup that includes LSN {} "
            "can be restored.",
        ),
        4326: (
            16,
            "The log in this backup set terminates at LSN {}, which is too early to apply to the database. A more recent log backup that includes "
            "LSN {} can be restored.",
        ),
        4330: (
            16,
            "This backup set cannot be applied because it is on a recovery path that is inconsistent with the database. The recovery path is the "
            "sequence of data and log backups that have brought the database to a particular recovery point. Find a compatible backup to restore, or "
            "restore the rest of the database to match a recovery point within this backup set, which will restore the database to a different point "
            "in time.  For more information about recovery paths, see SQL Server Books Online.",
        ),
        4319: (
            16,
            "A previous restore operation was interrupted and did not complete processing on file '{}'. Either restore the backup set that was "
            "interrupted or restart the restore sequence.",
        ),
        4303: (
            16,
            "The roll forward start point is now at log sequence number (LSN) {}. Additional roll forward past LSN {} is required to complete the "
            "restore sequence.",
        ),
    }
)
_SIMPLE = frozenset({"Recovery", "NoRecovery", "Replace", "Restart", "Checksum", "NoChecksum", "StopOnError", "ContinueAfterError", "RestrictedUser",
                     "Rewind", "NoRewind", "Unload", "NoUnload", "KeepReplication", "EnableBroker", "NewBroker", "LoadHistory"})
_VALUED = frozenset({"File", "Standby", "StopAt", "Stats", "BlockSize", "BufferCount", "MaxTransferSize", "MediaName"})


@dataclasses.dataclass
class Wanted:
    """What a RESTORE statement asks for."""

    options: dict[str, t.Any]
    moves: dict[str, str]                                    # logical name in lower case -> new path

    @property
    def recovery(self) -> bool:
        return not (self.options.get("NoRecovery") or "Standby" in self.options)


@statement("RestoreStatement", writes=False)
def restore_statement(session: SqlSession, node: Node) -> None:
    verbs = {"Database": "RESTORE DATABASE", "TransactionLog": "RESTORE LOG", "HeaderOnly": "RESTORE HEADERONLY", "FileListOnly": "RESTORE FILELIST",
             "LabelOnly": "RESTORE LABELONLY", "VerifyOnly": "VERIFY DATABASE"}
    if node.Kind not in verbs or node.get("Files") or len(node.Devices) > 1:
        raise LabGap(f"RESTORE in the form of: {node.text[:200]}")
    try:
        wanted = _wanted(session, node)
        if node.Kind in ("Database", "TransactionLog"):
            session.wrote = True
            _restore(session, node, wanted)
        else:
            _look(session, node, wanted)
    except SqlError as failure:
        if failure.number == 3110:
            raise
        raise failure.followed_by(error(3013, verbs[node.Kind])) from None


def _wanted(session: SqlSession, node: Node) -> Wanted:
    options: dict[str, t.Any] = {}
    moves: dict[str, str] = {}
    for option in node.Options:
        if option.kind == "MoveRestoreOption":
            moves[as_text(value_of(session, option.LogicalFileName)).lower()] = as_text(value_of(session, option.OSFileName))
        elif option.kind in ("ScalarExpressionRestoreOption", "StopRestoreOption") and option.OptionKind in _VALUED:
            options[option.OptionKind] = value_of(session, option.Value)
        elif option.kind == "RestoreOption" and option.OptionKind in _SIMPLE | {"Stats"}:
            options[option.OptionKind] = True
        else:
            raise LabGap(f"RESTORE option {option.text}")
    if options.get("Recovery") and (options.get("NoRecovery") or "Standby" in options):
        raise SqlError(3031, "Option 'norecovery' conflicts with option(s) 'recovery'. Remove the conflicting option and reissue the statement.")
    return Wanted(options, moves)


# --- looking

def open_media(session: SqlSession, path: str) -> tuple[BackupMedia, bool]:
    """The media in a file, and whether the file is damaged. SqlError 3201, 3241."""
    from ..world.storage import StorageError
    try:
        file = files.read(session.instance, path)
    except StorageError as failure:
        raise error(3201, path, files.os_error(failure)) from None
    if not isinstance(file.content, BackupMedia):
        raise error(3241, path)
    return file.content, file.damaged


def _choose(media: BackupMedia, path: str, wanted: Wanted) -> BackupSet:
    position = int(wanted.options.get("File", 1))
    if not 1 <= position <= len(media.sets):
        raise error(4038, position, path)
    return media.sets[position - 1]


def _look(session: SqlSession, node: Node, wanted: Wanted) -> None:
    if not session.is_sysadmin and not session.has_role("dbcreator"):
        raise error(262, "CREATE DATABASE", "master")
    if not node.Devices:
        raise LabGap(node.text)
    path = device_path(session, node.Devices[0])
    media, damaged = open_media(session, path)
    if node.Kind == "HeaderOnly":
        chosen = [_choose(media, path, wanted)] if "File" in wanted.options else list(media.sets)
        session.emit_rows(header_columns(session.instance.major), (header(one) for one in chosen))
    elif node.Kind == "FileListOnly":
        session.emit_rows(FILE_LIST, file_rows(_choose(media, path, wanted)))
    elif node.Kind == "LabelOnly":
        session.emit_rows(LABEL, [{
            "MediaName": media.name, "MediaSetId": media.media_set, "FamilyCount": 1, "FamilySequenceNumber": 1, "MediaFamilyId": media.media_family,
            "MediaSequenceNumber": 1, "MediaLabelPresent": 0, "MediaDescription": media.description, "SoftwareName": media.software,
            "SoftwareVendorId": 4608, "MediaDate": media.written_at, "MirrorCount": 1, "IsCompressed": any(s.compressed for s in media.sets)}])
    else:
        chosen_set = _choose(media, path, wanted)
        if damaged:
            raise error(3189)
        session.info(f"The backup set on file {chosen_set.position} is valid.", 3262)


# --- restoring

def _restore(session: SqlSession, node: Node, wanted: Wanted) -> None:
    instance = session.instance
    name = as_text(value_of(session, node.DatabaseName.ValueExpression)) if node.DatabaseName.ValueExpression is not None else node.DatabaseName.Value
    existing = instance.databases.get(name.lower())
    if not session.is_sysadmin and not session.has_role("dbcreator"):
        raise error(3110, name)
    if session.transactions:
        raise error(3021)
    if existing is not None and existing.is_system:
        raise LabGap(f"restoring the system database {name}")
    if session.database.lower() == name.lower():
        raise error(3102, name)
    if existing is not None:
        check_guards("restore", instance, existing, session)
    if not node.Devices:
        _recover_only(session, name, existing, wanted)
        return
    path = device_path(session, node.Devices[0])
    media, damaged = open_media(session, path)
    used = _choose(media, path, wanted)
    if used.version[:2] > instance.version[:2]:
        raise error(3169, ".".join(str(n) for n in used.version), instance.version_text)
    if "Standby" in wanted.options and used.version[0] < instance.major:
        raise error(3180)
    if node.Kind == "TransactionLog":
        database = _apply_log(session, name, existing, used, path, wanted, damaged)
    elif used.kind == "L":
        raise error(3135, path, "BACKUP LOG")
    elif used.kind == "I":
        database = _apply_differential(session, name, existing, used, damaged)
    else:
        database = _from_full(session, name, existing, used, wanted, damaged)
    _end_state(session, database, wanted)
    history.add_restore(session, media, used, path, database.name, used.kind, replace=bool(wanted.options.get("Replace")), recovery=wanted.recovery,
                        stop_at=_stop_at(wanted), targets=[(f.file_id, f.path) for f in database.files] if used.kind == "D" else [])
    _say(session, used, database, "RESTORE LOG" if node.Kind == "TransactionLog" else "RESTORE DATABASE", wanted)


def _exclusive(session: SqlSession, database: Database) -> None:
    if session.instance.users_of(database, session):
        raise error(3101)


def _recover_only(session: SqlSession, name: str, existing: Database | None, wanted: Wanted) -> None:
    """RESTORE DATABASE x [WITH RECOVERY | STANDBY]: no backup, only the end of roll forward."""
    if existing is None:
        raise error(911, name)
    if existing.state != "RESTORING" and not existing.is_in_standby:
        raise error(3153)
    _exclusive(session, existing)
    if existing.restore_interrupted:
        raise error(4319, existing.files[0].name if existing.files else name)
    _end_state(session, existing, wanted)
    if wanted.recovery:
        session.info(f"RESTORE DATABASE successfully processed 0 pages in 0.{existing.end_lsn % 900 + 100:03d} seconds (0.000 MB/sec).", 3014)


def _stop_at(wanted: Wanted) -> dt.datetime | None:
    value = wanted.options.get("StopAt")
    return None if value is None else t.cast(dt.datetime, convert(value, SqlType("datetime")))


def _from_full(session: SqlSession, name: str, existing: Database | None, used: BackupSet, wanted: Wanted, damaged: bool) -> Database:
    instance, replace = session.instance, bool(wanted.options.get("Replace"))
    if existing is not None:
        if existing.family_guid != used.family_guid and not replace:
            raise error(3154, existing.name)
        _exclusive(session, existing)
        if existing.state == "ONLINE" and not replace and "StopAt" not in wanted.options and existing.recovery_model != "SIMPLE" \
                and existing.last_log_backup_lsn is not None and any(record.lsn >= existing.last_log_backup_lsn for record in existing.records):
            raise error(3159, existing.name)
    placed = _place(session, name, existing, used, wanted)
    if damaged:
        raise error(3183, 1, 8, name)
    database = existing or instance.new_database_for_restore(name, session.login)
    for file in database.files:
        if file.path.lower() not in {new.path.lower() for new in placed}:
            instance.machine.files.pop(file.path.lower(), None)
    database.files = placed
    database.load(used.records, used.last_lsn, tuple(fork for fork in used.forks if fork.start_lsn <= used.last_lsn))
    database.state, database.is_in_standby = "RESTORING", False
    database.recovery_model, database.compatibility_level = used.recovery_model, used.compatibility_level
    database.collation, database.containment, database.is_read_only = used.collation, used.containment, used.is_read_only
    database.user_access = "RESTRICTED_USER" if wanted.options.get("RestrictedUser") else "MULTI_USER"
    database.single_user, database.is_trustworthy_on, database.is_broker_enabled = None, False, False
    database.database_guid, database.family_guid = used.database_guid, used.family_guid
    database.differential_base = (used.checkpoint_lsn, used.guid)
    # assumed: the log chain goes on after recovery from where the restored data began, as headers that span a fork point show
    database.last_log_backup_lsn = used.first_lsn if used.recovery_model != "SIMPLE" else None
    if used.version[0] < instance.major:
        database.compatibility_level = max(used.compatibility_level, 90 if instance.major < 12 else 100)
    return database


def _place(session: SqlSession, name: str, existing: Database | None, used: BackupSet, wanted: Wanted) -> list[DataFile]:
    """Where the files go; they are created. SqlError 3234, 3176, 5133 or 1834 + 3156 + 3119, 3142."""
    instance = session.instance
    known = {file.name.lower() for file in used.files}
    for logical in wanted.moves:
        if logical not in known:
            raise error(3234, logical, name)
    placed: list[DataFile] = []
    for file in used.files:
        path = wanted.moves.get(file.name.lower(), file.path)
        taken = next((other for other in placed if other.path.lower() == path.lower()), None)
        if taken is not None:
            raise error(3176, path, taken.name, taken.file_id, file.name, file.file_id, also=error(3119))
        placed.append(dataclasses.replace(file, path=path))
    mine = {file.path.lower() for file in existing.files} if existing is not None else set()
    for file in placed:
        if file.path.lower() not in mine and files.owner_of(instance, file.path) is None and files.exists(instance, file.path) \
                and not wanted.options.get("Replace"):
            raise error(3142, file.name, file.path, also=error(3119))
    for file in placed:
        try:
            files.claim_database_file(instance, file.path, name, existing_is_error=False, pages=file.size)
        except SqlError as cause:
            raise cause.followed_by(error(3156, file.name, file.path)).followed_by(error(3119)) from None
    return placed


def _restoring(name: str, existing: Database | None) -> Database:
    if existing is None:
        raise error(3118, name)
    if existing.state != "RESTORING" and not existing.is_in_standby:
        raise error(3117)
    return existing


def _apply_differential(session: SqlSession, name: str, existing: Database | None, used: BackupSet, damaged: bool) -> Database:
    database = _restoring(name, existing)
    _exclusive(session, database)
    if database.family_guid != used.family_guid:
        raise error(3154, database.name)
    if used.differential_base is None or database.differential_base != used.differential_base:
        raise error(3136)
    if used.last_lsn <= database.end_lsn or not database.same_path(used.forks):
        raise error(3136)
    if damaged:
        raise error(3183, 1, 8, name)
    database.receive(used.records, used.last_lsn, used.forks)
    database.last_log_backup_lsn = used.first_lsn
    return database


def _apply_log(session: SqlSession, name: str, existing: Database | None, used: BackupSet, path: str, wanted: Wanted, damaged: bool) -> Database:
    """Chain rule: a log backup applies iff FirstLSN <= position and LastLSN > position, on the same recovery path."""
    database = _restoring(name, existing)
    if used.kind != "L":
        raise error(3135, path, "BACKUP DATABASE" if used.kind == "D" else "BACKUP DATABASE WITH DIFFERENTIAL")
    _exclusive(session, database)
    if database.family_guid != used.family_guid:
        raise error(3154, database.name)                      # assumed: the number for a log of another database
    position = database.end_lsn
    if used.first_lsn > position:
        raise error(4305, used.first_lsn, position)
    # assumed: an empty log backup that ends exactly at the position is accepted and changes nothing
    if used.last_lsn < position or (used.last_lsn == position and used.first_lsn < position):
        raise error(4326, used.last_lsn, position)
    if not database.same_path(used.forks):
        raise error(4330)
    if damaged:
        raise error(3203, path, "23(Data error (cyclic redundancy check).)")
    until, stop = used.last_lsn, _stop_at(wanted)
    records = used.records
    if stop is not None:
        limit = stop + (used.start_utc - used.start)          # STOPAT is local time of the writer, records carry UTC
        records = tuple(record for record in records if record.at <= limit)
        later = next((record.lsn for record in used.records if record.at > limit), None)
        until = max(position, later) if later is not None else until
    database.receive(records, until, used.forks)
    database.last_log_backup_lsn = until
    return database


def _end_state(session: SqlSession, database: Database, wanted: Wanted) -> None:
    if wanted.recovery:
        database.recover()
        if wanted.options.get("NewBroker"):
            database.broker_guid, database.is_broker_enabled = uuid.uuid4(), True
        elif wanted.options.get("EnableBroker"):
            database.is_broker_enabled = True
        return
    if "Standby" in wanted.options:
        _standby(session, database, as_text(wanted.options["Standby"]))
        return
    database.state, database.is_in_standby = "RESTORING", False


def _standby(session: SqlSession, database: Database, undo_file: str) -> None:
    from ..world.storage import StorageError
    try:
        files.write(session.instance, undo_file, f"undo file of {database.name}", files.PAGE)
    except StorageError as failure:
        raise error(3201, undo_file, files.os_error(failure)) from None
    database.state, database.is_in_standby, database.standby_file = "ONLINE", True, undo_file


def _say(session: SqlSession, used: BackupSet, database: Database, verb: str, wanted: Wanted) -> None:
    pages = used.size // files.PAGE
    if "Stats" in wanted.options:
        session.info("100 percent processed.", 3211)
    for file in database.files:
        session.info(
            f"Processed {pages if file.type == 'ROWS' else 1} pages for database '{database.name}', file '{file.name}' on file {used.position}.", 4035
        )
    session.info(f"{verb} successfully processed {pages} pages in 0.{pages % 900 + 100:03d} seconds ({pages / 10:.3f} MB/sec).", 3014)
