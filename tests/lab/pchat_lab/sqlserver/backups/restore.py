"""RESTORE DATABASE, RESTORE LOG, and looking at backups: HEADERONLY, FILELISTONLY, LABELONLY,
VERIFYONLY.
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
from ..language.types import SqlType
from ..language.values import as_text, convert
from ..server import files
from ..server.database import Database, DataFile
from . import history
from .backup import device_path
from .media import BackupSet
from .restore_look import choose, look, open_media, require_all_stripes
from .restore_wanted import Wanted, read_wanted

if t.TYPE_CHECKING:
    from ..language.session import SqlSession


@statement("RestoreStatement", writes=False)
def restore_statement(session: SqlSession, node: Node) -> None:
    verbs = {
        "Database": "RESTORE DATABASE",
        "TransactionLog": "RESTORE LOG",
        "HeaderOnly": "RESTORE HEADERONLY",
        "FileListOnly": "RESTORE FILELIST",
        "LabelOnly": "RESTORE LABELONLY",
        "VerifyOnly": "VERIFY DATABASE",
    }
    if node.Kind not in verbs or node.get("Files"):
        raise LabGap(f"RESTORE in the form of: {node.text[:200]}")
    try:
        wanted = read_wanted(session, node)
        if node.Kind in ("Database", "TransactionLog"):
            session.wrote = True
            _restore(session, node, wanted)
        else:
            look(session, node, wanted.position)
    except SqlError as failure:
        if failure.number == 3110:
            raise
        raise failure.followed_by(error(3013, verbs[node.Kind])) from None


def _restore(session: SqlSession, node: Node, wanted: Wanted) -> None:
    instance = session.instance
    name = (
        as_text(value_of(session, node.DatabaseName.ValueExpression))
        if node.DatabaseName.ValueExpression is not None
        else node.DatabaseName.Value
    )
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
    require_all_stripes(media, len(node.Devices))
    used = choose(media, path, wanted.position)
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
    history.add_restore(
        session,
        media,
        used,
        path,
        database.name,
        used.kind,
        replace=bool(wanted.options.get("Replace")),
        recovery=wanted.recovery,
        stop_at=_stop_at(wanted),
        targets=[(f.file_id, f.path) for f in database.files] if used.kind == "D" else [],
    )
    _say(
        session,
        used,
        database,
        "RESTORE LOG" if node.Kind == "TransactionLog" else "RESTORE DATABASE",
        wanted,
    )


def _exclusive(session: SqlSession, database: Database) -> None:
    if session.instance.users_of(database, session):
        raise error(3101)


def _recover_only(
    session: SqlSession, name: str, existing: Database | None, wanted: Wanted
) -> None:
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
        session.info(
            "RESTORE DATABASE successfully processed 0 pages in "
            f"0.{existing.end_lsn % 900 + 100:03d} seconds (0.000 MB/sec).",
            3014,
        )


def _stop_at(wanted: Wanted) -> dt.datetime | None:
    value = wanted.options.get("StopAt")
    return None if value is None else t.cast(dt.datetime, convert(value, SqlType("datetime")))


def _from_full(
    session: SqlSession,
    name: str,
    existing: Database | None,
    used: BackupSet,
    wanted: Wanted,
    damaged: bool,
) -> Database:
    instance = session.instance
    replace = bool(wanted.options.get("Replace"))
    if existing is not None:
        if existing.family_guid != used.family_guid and not replace:
            raise error(3154, existing.name)
        _exclusive(session, existing)
        if (
            existing.state == "ONLINE"
            and not replace
            and "StopAt" not in wanted.options
            and existing.recovery_model != "SIMPLE"
            and existing.last_log_backup_lsn is not None
            and any(record.lsn >= existing.last_log_backup_lsn for record in existing.records)
        ):
            raise error(3159, existing.name)
    placed = _place(session, name, existing, used, wanted)
    if damaged:
        raise error(3183, 1, 8, name)
    database = existing or instance.new_database_for_restore(name, session.login)
    for file in database.files:
        if file.path.lower() not in {new.path.lower() for new in placed}:
            instance.machine.files.pop(file.path.lower(), None)
    database.files = placed
    database.load(
        used.records,
        used.last_lsn,
        tuple(fork for fork in used.forks if fork.start_lsn <= used.last_lsn),
    )
    database.state = "RESTORING"
    database.is_in_standby = False
    database.recovery_model = used.recovery_model
    database.compatibility_level = used.compatibility_level
    database.collation = used.collation
    database.containment = used.containment
    database.is_read_only = used.is_read_only
    database.user_access = (
        "RESTRICTED_USER" if wanted.options.get("RestrictedUser") else "MULTI_USER"
    )
    database.single_user = None
    database.is_trustworthy_on = False
    database.is_broker_enabled = False
    database.database_guid = used.database_guid
    database.family_guid = used.family_guid
    database.differential_base = (used.checkpoint_lsn, used.guid)
    # assumed: the log chain goes on after recovery from where the restored data began, as headers
    # that span a fork point show
    database.last_log_backup_lsn = used.first_lsn if used.recovery_model != "SIMPLE" else None
    if used.version[0] < instance.major:
        database.compatibility_level = max(
            used.compatibility_level, 90 if instance.major < 12 else 100
        )
    return database


def _place(
    session: SqlSession, name: str, existing: Database | None, used: BackupSet, wanted: Wanted
) -> list[DataFile]:
    """Where the files go; they are created.

    SqlError 3234, 3176, 5133 or 1834 + 3156 + 3119, 3142.
    """
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
            raise error(
                3176, path, taken.name, taken.file_id, file.name, file.file_id, also=error(3119)
            )
        placed.append(dataclasses.replace(file, path=path))
    mine = {file.path.lower() for file in existing.files} if existing is not None else set()
    for file in placed:
        if (
            file.path.lower() not in mine
            and files.owner_of(instance, file.path) is None
            and files.exists(instance, file.path)
            and not wanted.options.get("Replace")
        ):
            raise error(3142, file.name, file.path, also=error(3119))
    for file in placed:
        try:
            files.claim_database_file(
                instance, file.path, name, existing_is_error=False, pages=file.size
            )
        except SqlError as cause:
            raise cause.followed_by(error(3156, file.name, file.path)).followed_by(
                error(3119)
            ) from None
    return placed


def _restoring(name: str, existing: Database | None) -> Database:
    if existing is None:
        raise error(3118, name)
    if existing.state != "RESTORING" and not existing.is_in_standby:
        raise error(3117)
    return existing


def _apply_differential(
    session: SqlSession, name: str, existing: Database | None, used: BackupSet, damaged: bool
) -> Database:
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


def _apply_log(
    session: SqlSession,
    name: str,
    existing: Database | None,
    used: BackupSet,
    path: str,
    wanted: Wanted,
    damaged: bool,
) -> Database:
    """Chain rule: a log backup applies iff FirstLSN <= position and LastLSN > position, on the same
    recovery path.
    """
    database = _restoring(name, existing)
    if used.kind != "L":
        raise error(
            3135,
            path,
            "BACKUP DATABASE" if used.kind == "D" else "BACKUP DATABASE WITH DIFFERENTIAL",
        )
    _exclusive(session, database)
    if database.family_guid != used.family_guid:
        raise error(3154, database.name)  # assumed: the number for a log of another database
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
    until = used.last_lsn
    stop = _stop_at(wanted)
    records = used.records
    if stop is not None:
        limit = stop + (
            used.start_utc - used.start
        )  # STOPAT is local time of the writer, records carry UTC
        records = tuple(record for record in records if record.at <= limit)
        later = next((record.lsn for record in used.records if record.at > limit), None)
        until = max(position, later) if later is not None else until
    database.receive(records, until, used.forks)
    database.last_log_backup_lsn = until
    # assumed: READ_ONLY is in the log like any other change of the database
    database.is_read_only = used.is_read_only
    return database


def _end_state(session: SqlSession, database: Database, wanted: Wanted) -> None:
    if wanted.recovery:
        database.recover()
        if wanted.options.get("NewBroker"):
            database.broker_guid = uuid.uuid4()
            database.is_broker_enabled = True
        elif wanted.options.get("EnableBroker"):
            database.is_broker_enabled = True
        return
    if "Standby" in wanted.options:
        _standby(session, database, as_text(wanted.options["Standby"]))
        return
    database.state = "RESTORING"
    database.is_in_standby = False


def _standby(session: SqlSession, database: Database, undo_file: str) -> None:
    try:
        files.write(session.instance, undo_file, f"undo file of {database.name}", files.PAGE)
    except StorageError as failure:
        raise error(3201, undo_file, files.os_error(failure)) from None
    database.state = "ONLINE"
    database.is_in_standby = True
    database.standby_file = undo_file


def _say(
    session: SqlSession, used: BackupSet, database: Database, verb: str, wanted: Wanted
) -> None:
    pages = used.size // files.PAGE
    if "Stats" in wanted.options:
        session.info("100 percent processed.", 3211)
    for file in database.files:
        session.info(
            f"Processed {pages if file.type == 'ROWS' else 1} pages for database "
            f"'{database.name}', file '{file.name}' on file {used.position}.",
            4035,
        )
    session.info(
        f"{verb} successfully processed {pages} pages in 0.{pages % 900 + 100:03d} seconds "
        f"({pages / 10:.3f} MB/sec).",
        3014,
    )
