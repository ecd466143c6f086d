"""The stored procedures that configure log shipping, with their documented parameters and refusals
(errors 320xx).
"""

from __future__ import annotations

import typing as t
import uuid

from ..agent.documented import documented_procedure
from ..language.errors import declare, error
from .common import begin, free_job_name, minutes
from .jobs import LogShipping, Primary

if t.TYPE_CHECKING:
    from ..language.session import SqlSession

declare(
    {
        14420: (
            16,
            "The log shipping primary database {}.{} has backup threshold of {} minutes and has "
            "not performed a backup log operation.",
        ),
        14421: (
            16,
            "The log shipping secondary database {}.{} has restore threshold of {} minutes and is "
            "out of sync.",
        ),
        32007: (16, "Database {} is not ONLINE."),
        32009: (16, "A log shipping primary entry already exists for database {}."),
        32010: (16, "Database {} does not exist as log shipping Primary."),
        32011: (
            16,
            "Primary Database {} has active log shipping secondary database(s). Drop the secondary "
            "database(s) first.",
        ),
        32012: (16, "Secondary {}.{} already exists for primary {}."),
        32013: (16, "A log shipping entry already exists for secondary database {}."),
        32014: (16, "Database {} does not exist as log shipping Secondary."),
        32015: (
            16,
            "The primary database {} cannot have SIMPLE recovery for log shipping to work "
            "properly.",
        ),
        32017: (
            16,
            "Log shipping is supported on Enterprise, Developer and Standard editions of SQL "
            "Server. This instance has {} and is not supported.",
        ),
        32022: (
            16,
            "Cannot add a log shipping job with name {}. A job with same name already exists in "
            "the system and this job does not belong to log "
            "shipping category.",
        ),
        32023: (
            16,
            "An entry for primary server {}, primary database {} does not exist on this secondary. "
            "Register the primary first.",
        ),
        32024: (16, "An entry for primary server {}, primary database {} already exists."),
        32025: (
            16,
            "Primary Server {}, Database {} has active log shipping secondary database(s) on the "
            "secondary. Drop the secondary database(s) first.",
        ),
        32052: (
            16,
            "Parameter {} cannot be null or empty. Specify a value for the named parameter and "
            "retry the operation.",
        ),
    }
)


@documented_procedure("sp_add_log_shipping_primary_database")
def add_primary(session: SqlSession, args: dict[str, t.Any]) -> int:
    shipping = begin(
        session, args, "@database", "@backup_directory", "@backup_share", "@backup_job_name"
    )
    name = args["@database"]
    database = session.instance.databases.get(name.lower())
    # That a mirror copy is refused here is inferred from the documented switch of roles before this
    # call.
    if database is None or not database.is_serving():
        raise error(32007, name)
    if database.recovery_model == "SIMPLE":
        raise error(32015, name)
    free_job_name(shipping, args["@backup_job_name"])
    old = shipping.primaries.get(name.lower())
    if old is not None:
        if not args["@overwrite"]:
            raise error(32009, name)
        shipping.agent.delete(old.job)
    key = uuid.uuid4()
    job = shipping.agent.add(
        args["@backup_job_name"],
        f"sqllogship.exe -Backup {key} -server {session.instance.server_name}",
        lambda: shipping.back_up(primary),
        owner=session.login,
    )
    primary = Primary(
        key,
        database.name,
        args["@backup_directory"],
        args["@backup_share"],
        int(args["@backup_retention_period"]),
        job,
        int(args["@backup_threshold"]),
        int(args["@threshold_alert"]),
        bool(args["@threshold_alert_enabled"]),
        minutes(args["@history_retention_period"]),
        int(args["@backup_compression"]),
    )
    shipping.primaries[name.lower()] = primary
    args["@backup_job_id"] = job.job_id
    args["@primary_id"] = key
    return 0


def _primary(shipping: LogShipping, name: str) -> Primary:
    found = shipping.primaries.get(name.lower())
    if found is None:
        raise error(32010, name)
    return found


@documented_procedure("sp_change_log_shipping_primary_database")
def change_primary(session: SqlSession, args: dict[str, t.Any]) -> int:
    shipping = begin(session, args, "@database")
    primary = _primary(shipping, args["@database"])
    for parameter, field in (
        ("@backup_directory", "backup_directory"),
        ("@backup_share", "backup_share"),
        ("@backup_retention_period", "retention"),
        ("@backup_threshold", "threshold"),
        ("@threshold_alert", "threshold_alert"),
        ("@history_retention_period", "history_retention"),
        ("@backup_compression", "compression"),
        ("@threshold_alert_enabled", "alert_enabled"),
    ):
        if args[parameter] is not None:
            setattr(
                primary,
                field,
                bool(args[parameter]) if field == "alert_enabled" else args[parameter],
            )
    return 0


@documented_procedure("sp_delete_log_shipping_primary_database")
def delete_primary(session: SqlSession, args: dict[str, t.Any]) -> int:
    shipping = begin(session, args, "@database")
    primary = _primary(shipping, args["@database"])
    if primary.secondaries:
        raise error(32011, primary.database)
    shipping.agent.delete(primary.job)
    del shipping.primaries[primary.database.lower()]
    if not shipping.primaries and not shipping.secondaries and shipping.alert_job:
        shipping.agent.delete(shipping.alert_job)
        shipping.alert_job = None
    return 0


@documented_procedure("sp_add_log_shipping_primary_secondary")
def add_primary_secondary(session: SqlSession, args: dict[str, t.Any]) -> int:
    shipping = begin(session, args, "@primary_database", "@secondary_server", "@secondary_database")
    primary = _primary(shipping, args["@primary_database"])
    pair = (args["@secondary_server"], args["@secondary_database"])
    if any(
        (s.lower(), d.lower()) == (pair[0].lower(), pair[1].lower()) for s, d in primary.secondaries
    ):
        if not args["@overwrite"]:
            raise error(32012, *pair, primary.database)
        return 0
    primary.secondaries.append(pair)
    return 0


@documented_procedure("sp_delete_log_shipping_primary_secondary")
def delete_primary_secondary(session: SqlSession, args: dict[str, t.Any]) -> int:
    shipping = begin(session, args, "@primary_database", "@secondary_server", "@secondary_database")
    primary = _primary(shipping, args["@primary_database"])
    wanted = (args["@secondary_server"].lower(), args["@secondary_database"].lower())
    primary.secondaries = [p for p in primary.secondaries if (p[0].lower(), p[1].lower()) != wanted]
    return 0


@documented_procedure("sp_add_log_shipping_alert_job")
def add_alert_job(session: SqlSession, args: dict[str, t.Any]) -> int:
    """Idempotent; the job is enabled and runs every two minutes."""
    shipping = begin(session, args)
    if shipping.alert_job is None:
        job = shipping.agent.add(
            f"LSAlert_{session.instance.server_name}",
            "EXEC sys.sp_check_log_shipping_monitor_alert",
            shipping.raise_alerts,
            subsystem="TSQL",
            enabled=True,
            owner=session.instance.principals.sa.name,
        )
        freq = {
            "freq_type": 4,
            "freq_interval": 1,
            "freq_subday_type": 4,
            "freq_subday_interval": 2,
            "freq_relative_interval": 0,
            "freq_recurrence_factor": 0,
            "active_start_date": 20000101,
            "active_end_date": 99991231,
            "active_start_time": 0,
            "active_end_time": 235900,
        }
        shipping.agent.attach(
            job, shipping.agent.add_schedule("Log shipping alert job schedule.", True, freq)
        )
        shipping.alert_job = job
    args["@alert_job_id"] = shipping.alert_job.job_id
    return 0
