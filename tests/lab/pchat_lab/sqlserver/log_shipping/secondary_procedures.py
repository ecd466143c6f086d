"""The stored procedures of log shipping that are run on a secondary server."""

from __future__ import annotations

import typing as t
import uuid

from ..agent.documented import documented_procedure
from ..language.errors import error
from .common import begin, free_job_name, minutes
from .jobs import LogShipping, Secondary, SecondaryDatabase

if t.TYPE_CHECKING:
    from ..language.session import SqlSession


@documented_procedure("sp_add_log_shipping_secondary_primary")
def add_secondary_primary(session: SqlSession, args: dict[str, t.Any]) -> int:
    shipping = begin(
        session,
        args,
        "@primary_server",
        "@primary_database",
        "@backup_source_directory",
        "@backup_destination_directory",
        "@copy_job_name",
        "@restore_job_name",
    )
    for name in ("@copy_job_name", "@restore_job_name"):
        free_job_name(shipping, args[name])
    old = _secondary(shipping, args["@primary_server"], args["@primary_database"])
    if old is not None:
        if not args["@overwrite"]:
            raise error(32024, args["@primary_server"], args["@primary_database"])
        _drop(shipping, old)
    key = uuid.uuid4()
    server = session.instance.server_name
    copy = shipping.agent.add(
        args["@copy_job_name"],
        f"sqllogship.exe -Copy {key} -server {server}",
        lambda: shipping.copy(secondary),
        owner=session.login,
    )
    restore = shipping.agent.add(
        args["@restore_job_name"],
        f"sqllogship.exe -Restore {key} -server {server}",
        lambda: shipping.restore(secondary),
        owner=session.login,
    )
    secondary = Secondary(
        key,
        args["@primary_server"],
        args["@primary_database"],
        args["@backup_source_directory"],
        args["@backup_destination_directory"],
        minutes(args["@file_retention_period"]),
        copy,
        restore,
    )
    shipping.secondaries[key] = secondary
    args["@copy_job_id"] = copy.job_id
    args["@restore_job_id"] = restore.job_id
    args["@secondary_id"] = key
    return 0


def _secondary(shipping: LogShipping, server: str, database: str) -> Secondary | None:
    return next(
        (
            s
            for s in shipping.secondaries.values()
            if (s.primary_server.lower(), s.primary_database.lower())
            == (server.lower(), database.lower())
        ),
        None,
    )


def _drop(shipping: LogShipping, secondary: Secondary) -> None:
    for job in (secondary.copy_job, secondary.restore_job):
        shipping.agent.delete(job)
    shipping.history = [h for h in shipping.history if h["agent_id"] != secondary.secondary_id]
    del shipping.secondaries[secondary.secondary_id]


@documented_procedure("sp_add_log_shipping_secondary_database")
def add_secondary_database(session: SqlSession, args: dict[str, t.Any]) -> int:
    shipping = begin(session, args, "@secondary_database", "@primary_server", "@primary_database")
    secondary = _secondary(shipping, args["@primary_server"], args["@primary_database"])
    if secondary is None:
        raise error(32023, args["@primary_server"], args["@primary_database"])
    name = args["@secondary_database"]
    taken = next((s for s in shipping.secondaries.values() if name.lower() in s.databases), None)
    if taken is not None and not args["@overwrite"]:
        raise error(32013, name)
    if taken is not None:
        del taken.databases[name.lower()]
    secondary.databases[name.lower()] = SecondaryDatabase(
        name,
        int(args["@restore_delay"]),
        bool(args["@restore_all"]),
        bool(args["@restore_mode"]),
        bool(args["@disconnect_users"]),
        int(args["@restore_threshold"]),
        int(args["@threshold_alert"]),
        bool(args["@threshold_alert_enabled"]),
        minutes(args["@history_retention_period"]),
        args["@block_size"],
        args["@buffer_count"],
        args["@max_transfer_size"],
    )
    return 0


def _fed(shipping: LogShipping, name: str) -> tuple[Secondary, SecondaryDatabase]:
    for secondary in shipping.secondaries.values():
        if name.lower() in secondary.databases:
            return secondary, secondary.databases[name.lower()]
    raise error(32014, name)


@documented_procedure("sp_change_log_shipping_secondary_database")
def change_secondary_database(session: SqlSession, args: dict[str, t.Any]) -> int:
    _secondary_row, database = _fed(
        begin(session, args, "@secondary_database"), args["@secondary_database"]
    )
    for parameter, field in (
        ("@restore_delay", "restore_delay"),
        ("@restore_all", "restore_all"),
        ("@restore_mode", "restore_mode"),
        ("@disconnect_users", "disconnect_users"),
        ("@restore_threshold", "restore_threshold"),
        ("@block_size", "block_size"),
        ("@threshold_alert", "threshold_alert"),
        ("@threshold_alert_enabled", "alert_enabled"),
        ("@buffer_count", "buffer_count"),
        ("@history_retention_period", "history_retention"),
        ("@max_transfer_size", "max_transfer_size"),
    ):
        if args[parameter] is not None:
            setattr(database, field, type(getattr(database, field) or 0)(args[parameter]))
    return 0


@documented_procedure("sp_change_log_shipping_secondary_primary")
def change_secondary_primary(session: SqlSession, args: dict[str, t.Any]) -> int:
    secondary = _secondary(begin(session, args), args["@primary_server"], args["@primary_database"])
    if secondary is None:
        raise error(32023, args["@primary_server"], args["@primary_database"])
    for parameter, field in (
        ("@backup_source_directory", "source"),
        ("@backup_destination_directory", "destination"),
        ("@file_retention_period", "file_retention"),
    ):
        if args[parameter] is not None:
            setattr(secondary, field, args[parameter])
    return 0


@documented_procedure("sp_delete_log_shipping_secondary_database")
def delete_secondary_database(session: SqlSession, args: dict[str, t.Any]) -> int:
    """The last database takes the secondary with its jobs along.

    The database itself is not touched.
    """
    shipping = begin(session, args, "@secondary_database")
    secondary, database = _fed(shipping, args["@secondary_database"])
    del secondary.databases[database.database.lower()]
    if not secondary.databases:
        _drop(shipping, secondary)
    return 0


@documented_procedure("sp_delete_log_shipping_secondary_primary")
def delete_secondary_primary(session: SqlSession, args: dict[str, t.Any]) -> int:
    shipping = begin(session, args, "@primary_server", "@primary_database")
    secondary = _secondary(shipping, args["@primary_server"], args["@primary_database"])
    if secondary is not None:
        if secondary.databases:
            raise error(32025, secondary.primary_server, secondary.primary_database)
        _drop(shipping, secondary)
    return 0
