"""Files as the SQL Server service sees them: under its own account, locally and on shares."""

from __future__ import annotations

import typing as t

from ...world import disks
from ...world.machine import File
from ...world.storage import StorageError
from ..language.errors import error

if t.TYPE_CHECKING:
    from ...world.storage import StorageError
    from .database import Database
    from .instance import SqlInstance

PAGE = 8192


def os_error(failure: StorageError) -> str:
    """As SQL Server's messages show an operating system error: ``5(Access is denied.)``."""
    return f"{failure.os_code}({failure.text})"


def read(instance: SqlInstance, path: str) -> File:
    """StorageError when the engine's account cannot."""
    return instance.world.storage.read(path, instance.machine, instance.engine_service.account)


def write(instance: SqlInstance, path: str, content: t.Any, size: int) -> File:
    """Write a file as the service. StorageError as the file system refuses it."""
    return instance.world.storage.write(
        path, content, size, instance.machine, instance.engine_service.account
    )


def exists(instance: SqlInstance, path: str) -> bool:
    """Whether the service sees a file there."""
    return (
        instance.world.storage.kind(path, instance.machine, instance.engine_service.account)
        == "file"
    )


def grow_log(database: Database, size: int) -> bool:
    """Make a database's log file so large, by a tenth at least (its growth); False when its drive
    has no room. Files of databases that are being restored grow with what is restored.
    """
    log = next((file for file in database.files if file.type == "LOG"), None)
    if log is None or size <= log.size * PAGE:
        return True
    machine = database.instance.machine
    grown = max(size, log.size * PAGE * 11 // 10)
    if grown - log.size * PAGE > disks.free(machine, disks.drive_of(log.path)):
        return False
    log.size = -(-grown // PAGE)
    held = machine.files.get(log.path.lower())
    if held is not None:
        held.size = log.size * PAGE
    return True


def folder_of(path: str) -> str:
    """The folder of a path."""
    return path.rpartition("\\")[0]


def owner_of(instance: SqlInstance, path: str) -> str | None:
    """The database of this instance that uses a file."""
    for database in instance.databases.values():
        if path.lower() in (file.path.lower() for file in database.files):
            return database.name
    return None


def claim_database_file(
    instance: SqlInstance, path: str, database: str, *, existing_is_error: bool, pages: int = 640
) -> None:
    """Create a data or log file.

    SqlError 5133 (no such folder), 1834 (another database's), 5170 (a file is there).
    """
    user = owner_of(instance, path)
    if user is not None and user.lower() != database.lower():
        raise error(1834, path, user)
    if user is None and existing_is_error and exists(instance, path):
        raise error(5170, path)
    if (
        instance.world.storage.kind(
            folder_of(path), instance.machine, instance.engine_service.account
        )
        != "folder"
    ):
        raise error(5133, path, "2(The system cannot find the file specified.)")
    held = instance.machine.files.get(path.lower())
    if held is not None and held.held_by == instance.engine_service_name:
        held.held_by = ""
    try:
        file = write(instance, path, f"SQL Server file of {database}", pages * PAGE)
    except StorageError as failure:
        raise error(5133, path, os_error(failure)) from None
    file.held_by = instance.engine_service_name
