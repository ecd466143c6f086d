"""CREATE, ALTER and DROP DATABASE (sql-docs: ALTER DATABASE SET options, DROP DATABASE)."""

from __future__ import annotations

import typing as t
import uuid

from ...powershell.errors import LabGap
from ..language.errors import SqlError, error
from ..language.parser import Node
from ..language.registry import (
    ALTER_DATABASE_OPTIONS,
    alter_database_option,
    check_guards,
    statement,
)
from .database import DBO_SID, Database, DataFile
from .endpoints import change_owner

if t.TYPE_CHECKING:
    from ..language.session import SqlSession

#: Options that mirroring has: checked by their own code, allowed on a restoring copy.
_MIRRORING = frozenset({"Partner", "Witness"})
#: ScriptDom's RecoveryDatabaseOptionKind.
_MODELS = {"Full": "FULL", "Simple": "SIMPLE", "BulkLogged": "BULK_LOGGED"}
#: ON/OFF and other options that are kept as they are set and mean nothing else to the lab.
_KEPT = (
    "AutoUpdateStatistics",
    "AutoCreateStatistics",
    "AutoUpdateStatisticsAsync",
    "AutoShrink",
    "AllowSnapshotIsolation",
    "ReadCommittedSnapshot",
    "PageVerify",
    "AnsiNullDefault",
    "AnsiNulls",
    "AnsiPadding",
    "AnsiWarnings",
    "ArithAbort",
    "ConcatNullYieldsNull",
    "NumericRoundAbort",
    "QuotedIdentifier",
    "RecursiveTriggers",
    "CursorCloseOnCommit",
    "CursorDefault",
    "Parameterization",
    "DBChaining",
    "DateCorrelationOptimization",
    "HonorBrokerPriority",
    "Encryption",
    "TargetRecoveryTime",
)


def _not_in_transaction(session: SqlSession, verb: str) -> None:
    if session.transactions:
        raise error(226, verb)


@statement("CreateDatabaseStatement", writes=True)
def create_database(session: SqlSession, node: Node) -> None:
    _not_in_transaction(session, "CREATE DATABASE")
    if not session.is_sysadmin and not session.has_role("dbcreator"):
        raise error(262, "CREATE DATABASE", "master")
    if (
        node.get("AttachMode", "None") != "None"
        or node.get("DatabaseSnapshot") is not None
        or node.get("CopyOf") is not None
    ):
        raise LabGap(node.text[:200])
    name = node.DatabaseName.Value
    files = _files(session, name, node)
    database = session.instance.create_database(name, owner=session.login, files=files)
    if node.get("Collation") is not None:
        database.collation = node.Collation.Value
    if node.get("Containment") is not None and node.Containment.Value == "Partial":
        database.containment = 1


def _files(session: SqlSession, name: str, node: Node) -> list[DataFile] | None:
    """The files named in the statement, None for the default ones."""
    if not node.get("FileGroups") and not node.get("LogOn"):
        return None
    files: list[DataFile] = []
    data: list[Node] = []
    for group in node.FileGroups:
        data += group.FileDeclarations
    for kind, declarations in (("ROWS", data), ("LOG", node.LogOn)):
        for declaration in declarations:
            options = {option.OptionKind: option for option in declaration.Options}
            number = len(files) + 1
            logical = (
                options["Name"].LogicalFileName.Value if "Name" in options else f"{name}_{number}"
            )
            if "FileName" not in options:
                raise SqlError(
                    1802,
                    "CREATE DATABASE failed. Some file names listed could not be created. Check "
                    "related errors.",
                )
            pages = int(options["Size"].Size.Value) * 128 if "Size" in options else 640
            files.append(
                DataFile(number, logical, options["FileName"].OSFileName.Value, kind, pages)
            )
    default = session.instance.default_files(name)
    if not any(file.type == "ROWS" for file in files):
        files.insert(0, default[0])
    if not any(file.type == "LOG" for file in files):
        files.append(default[1])
    for number, file in enumerate(files, start=1):
        file.file_id = number
    return files


@statement("DropDatabaseStatement", writes=True)
def drop_database(session: SqlSession, node: Node) -> None:
    _not_in_transaction(session, "DROP DATABASE")
    for identifier in node.Databases:
        database = session.instance.databases.get(identifier.Value.lower())
        if database is None or not (
            session.is_sysadmin or database.owner.lower() == session.login.lower()
        ):
            raise error(3701, "drop", "database", identifier.Value)
        if database.is_system:
            raise error(3708, "drop", database.name)
        check_guards("drop", session.instance, database, session)
        if session.database.lower() == database.name.lower() or session.instance.users_of(
            database, session
        ):
            raise error(3702, database.name)
        session.instance.drop_database(database.name, keep_files=database.state == "OFFLINE")


@statement("AlterDatabaseSetStatement", writes=True)
def alter_database_set(session: SqlSession, node: Node) -> None:
    """Each option in order. Failures are followed by 5069."""
    database = _to_alter(session, node)
    kinds = {option.OptionKind for option in node.Options}
    for kind in sorted(kinds):
        if kind not in ALTER_DATABASE_OPTIONS:
            raise LabGap(f"ALTER DATABASE option {kind}: {node.text}")
    try:
        if not kinds & _MIRRORING:
            _alterable(session, database, kinds)
            if node.get("Termination") is not None:
                _terminate(session, database, node.Termination)
            _obstructed(session, database, kinds)
        for option in node.Options:
            ALTER_DATABASE_OPTIONS[option.OptionKind](session, database, option, node)
    except SqlError as failure:
        raise (
            failure if failure.all()[-1].number == 5069 else failure.followed_by(error(5069))
        ) from None


def _to_alter(session: SqlSession, node: Node) -> Database:
    _not_in_transaction(session, "ALTER DATABASE")
    name = session.database if node.get("UseCurrent") else node.DatabaseName.Value
    database = session.instance.databases.get(name.lower())
    if database is None or not (
        session.is_sysadmin or database.owner.lower() == session.login.lower()
    ):
        raise error(5011, name, also=error(5069))
    return database


def _alterable(session: SqlSession, database: Database, kinds: set[str]) -> None:
    """What the state of the database forbids."""
    check_guards("alter", session.instance, database, session)
    if (
        database.is_system
        and kinds & {"Offline", "ReadOnly", "SingleUser", "RestrictedUser"}
        and database.name != "msdb"
    ):
        raise error(5058, "/".join(sorted(kinds)).upper(), database.name)
    if database.state == "RESTORING":
        raise error(5052, "ALTER DATABASE", "Restoring")
    if database.state in ("OFFLINE", "RECOVERY_PENDING", "SUSPECT", "RECOVERING") and not kinds <= {
        "Online",
        "Offline",
        "Emergency",
        "SingleUser",
        "MultiUser",
    }:
        raise (
            error(942, database.name)
            if database.state == "OFFLINE"
            else error(5052, "ALTER DATABASE", database.state.capitalize())
        )


def _terminate(session: SqlSession, database: Database, termination: Node) -> None:
    """WITH ROLLBACK IMMEDIATE / AFTER n: everybody else is out.

    WITH NO_WAIT: fail at once, which the lab does anyway.
    """
    if not termination.get("NoWait"):
        session.instance.kick(database, session)


def _obstructed(session: SqlSession, database: Database, kinds: set[str]) -> None:
    """States that need the others to be gone.

    A real server waits for them; the lab does not let a batch hang.
    """
    others = session.instance.users_of(database, session)
    if (
        database.user_access == "SINGLE_USER"
        and database.single_user not in (None, session.spid)
        and others
    ):
        raise error(5064, database.name)
    if others and kinds & {
        "SingleUser",
        "Offline",
        "ReadOnly",
        "ReadWrite",
        "NewBroker",
        "EnableBroker",
        "DisableBroker",
        "RestrictedUser",
        "AutoClose",
    }:
        raise error(5061, database.name)


@alter_database_option("Recovery")
def set_recovery(session: SqlSession, database: Database, option: Node, node: Node) -> None:
    """Leaving FULL breaks the log chain; coming back leaves the database pseudo-simple until the
    next full backup.
    """
    model = _MODELS[option.Value]
    if model != database.recovery_model and "SIMPLE" in (model, database.recovery_model):
        database.last_log_backup_lsn = None
    database.recovery_model = model


@alter_database_option("SingleUser", "MultiUser", "RestrictedUser")
def set_access(session: SqlSession, database: Database, option: Node, node: Node) -> None:
    database.user_access = {
        "SingleUser": "SINGLE_USER",
        "MultiUser": "MULTI_USER",
        "RestrictedUser": "RESTRICTED_USER",
    }[option.OptionKind]
    database.single_user = (
        session.spid
        if database.user_access == "SINGLE_USER"
        and session.database.lower() == database.name.lower()
        else None
    )


@alter_database_option("ReadOnly", "ReadWrite")
def set_read_only(session: SqlSession, database: Database, option: Node, node: Node) -> None:
    database.is_read_only = option.OptionKind == "ReadOnly"


@alter_database_option("Online", "Offline", "Emergency")
def set_state(session: SqlSession, database: Database, option: Node, node: Node) -> None:
    if option.OptionKind == "Offline" and session.database.lower() == database.name.lower():
        raise error(5070, database.name)
    database.state = option.OptionKind.upper()
    for file in database.files:
        on_disk = session.instance.machine.files.get(file.path.lower())
        if on_disk is not None:
            on_disk.held_by = (
                "" if database.state == "OFFLINE" else session.instance.engine_service_name
            )


@alter_database_option("NewBroker", "EnableBroker", "DisableBroker", "ErrorBrokerConversations")
def set_broker(session: SqlSession, database: Database, option: Node, node: Node) -> None:
    if option.OptionKind == "NewBroker":
        database.broker_guid = uuid.uuid4()
    database.is_broker_enabled = option.OptionKind != "DisableBroker"


@alter_database_option("Trustworthy", "AutoClose")
def set_on_off(session: SqlSession, database: Database, option: Node, node: Node) -> None:
    name = {"Trustworthy": "is_trustworthy_on", "AutoClose": "is_auto_close_on"}[option.OptionKind]
    setattr(database, name, option.OptionState == "On")


@alter_database_option("CompatibilityLevel")
def set_compatibility(session: SqlSession, database: Database, option: Node, node: Node) -> None:
    level = int(option.Value.Value)
    newest = session.instance.major * 10
    if (
        level % 10
        or not {10: 80, 11: 90, 12: 100}.get(session.instance.major, 100) <= level <= newest
    ):
        raise SqlError(
            15048, f"Valid values of the database compatibility level are up to {newest}."
        )
    database.compatibility_level = level


@alter_database_option("Containment")
def set_containment(session: SqlSession, database: Database, option: Node, node: Node) -> None:
    database.containment = 1 if option.Value == "Partial" else 0


@alter_database_option(*_KEPT)
def keep_option(session: SqlSession, database: Database, option: Node, node: Node) -> None:
    database.options[option.OptionKind] = option.get("OptionState") or option.get("Value") or True


@statement("AlterDatabaseModifyNameStatement", writes=True)
def rename(session: SqlSession, node: Node) -> None:
    database = _to_alter(session, node)
    new = node.NewDatabaseName.Value
    if new.lower() in session.instance.databases:
        raise error(1801, new, also=error(5069))
    _alterable(session, database, {"ModifyName"})
    if session.instance.users_of(database, session):
        raise SqlError(
            5030, "The database could not be exclusively locked to perform the operation."
        )
    del session.instance.databases[database.name.lower()]
    if session.database.lower() == database.name.lower():
        session.database = new
    database.name = new
    session.instance.databases[new.lower()] = database
    session.info(f"The database name '{new}' has been set.", 5701)


@statement("AlterAuthorizationStatement", writes=True)
def alter_authorization(session: SqlSession, node: Node) -> None:
    """Owner of a database or an endpoint."""
    session.require_sysadmin()
    target = node.SecurityTargetObject
    name = target.ObjectName.MultiPartIdentifier.Identifiers[-1].Value
    owner = node.PrincipalName.Value
    login = session.instance.principals.find(owner)
    if login is None:
        raise error(15151, "find", "principal", owner)
    if target.ObjectKind == "Database":
        database = session.instance.databases.get(name.lower())
        if database is None:
            raise error(15151, "find", "database", name)
        database.require_writable(session)
        database.owner = login.name
        database.append(changes={DBO_SID: login.sid})
    elif target.ObjectKind == "Endpoint":
        change_owner(session, name, login.name)
    else:
        raise LabGap(node.text)
