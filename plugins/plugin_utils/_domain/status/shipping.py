"""Log shipping of mgc, as the status document has it: who backs up, what was copied and applied,
and how long ago. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from ..documents.instance import DatabaseFacts, ShippingPrimary, ShippingSecondary
from ..documents.look import Look, database_seen, sql_seen
from ..documents.status import (
    AppliedLog,
    JobStatus,
    ShippedFrom,
    ShippingStatus,
    WaitingLog,
)
from ..outage.chain import LogBackup
from ..outage.copies import Copy
from ..outage.estate import Estate
from ..outage.shipping import broken
from ..words import minutes_between


def shipping_status(estate: Estate, look: Look) -> ShippingStatus:
    """Both halves of log shipping of mgc."""
    secondary = _mgc(look, estate.backup)["log_shipping_secondary"]
    copied_at = secondary["last_copied_at"] if secondary else None
    restored_at = secondary["last_restored_at"] if secondary else None
    backups: dict[str, ShippedFrom] = {}
    jobs: list[JobStatus] = []
    for copy in estate.primary_pair:
        primary = _mgc(look, copy)["log_shipping_primary"]
        if primary:
            backups[copy.slot] = _shipped_from(copy, primary, estate.now)
            jobs.append(_backup_job(copy.host, primary))
    if secondary:
        jobs.append(_copy_job(estate.backup.host, secondary))
        jobs.append(_restore_job(estate.backup.host, secondary))
    return {
        "backups": backups,
        "linked": estate.backup.linked if estate.backup.answers else None,
        "agent_running": estate.backup.agent if estate.backup.answers else None,
        "last_copied_at": copied_at,
        "copied_minutes_ago": minutes_between(copied_at, estate.now),
        "last_restored_at": restored_at,
        "restored_minutes_ago": minutes_between(restored_at, estate.now),
        "newest_applied_log": _newest_applied(estate),
        "waiting": _waiting(estate),
        "share_error": estate.logs_why,
        "obstacle": _obstacle(estate),
        "jobs": jobs,
    }


def _mgc(look: Look, copy: Copy) -> DatabaseFacts:
    return database_seen(sql_seen(look, copy.host), "mgc")


def _shipped_from(copy: Copy, primary: ShippingPrimary, now: str | None) -> ShippedFrom:
    return {
        "host": copy.host,
        "share": primary["backup_share"],
        "enabled": bool(primary["enabled"]),
        "every_minutes": primary["backup_job_intervals"],
        "last_backup_at": primary["last_backup_at"],
        "minutes_ago": minutes_between(primary["last_backup_at"], now),
        "agent_running": copy.agent,
    }


def _backup_job(host: str, primary: ShippingPrimary) -> JobStatus:
    return {
        "host": host,
        "job": primary["backup_job"],
        "enabled": bool(primary["enabled"]),
        "every_minutes": primary["backup_job_intervals"],
    }


def _copy_job(host: str, secondary: ShippingSecondary) -> JobStatus:
    return {
        "host": host,
        "job": secondary["copy_job"],
        "enabled": bool(secondary["copy_enabled"]),
        "every_minutes": secondary["copy_job_intervals"],
    }


def _restore_job(host: str, secondary: ShippingSecondary) -> JobStatus:
    return {
        "host": host,
        "job": secondary["restore_job"],
        "enabled": bool(secondary["restore_enabled"]),
        "every_minutes": secondary["restore_job_intervals"],
    }


def _newest_applied(estate: Estate) -> AppliedLog | None:
    """The last log backup that ends where the backup copy stands, or before."""
    redo = estate.backup.redo_lsn
    if redo is None:
        return None
    held = [log for log in estate.logs if log.error is None and log.at and log.last_lsn <= redo]
    newest = max(held, key=_end_of, default=None)
    if newest is None:
        return None
    return {
        "path": newest.path,
        "begun_at": newest.at,
        "last_lsn": str(newest.last_lsn),
        "age_minutes": minutes_between(newest.at, estate.now),
    }


def _end_of(log: LogBackup) -> int:
    return log.last_lsn


def _waiting(estate: Estate) -> list[WaitingLog]:
    if estate.chain is None:
        return []
    return [
        {"path": log.path, "begun_at": log.at, "place": log.place} for log in estate.chain.apply
    ]


def _obstacle(estate: Estate) -> str | None:
    """What the chain of log backups lacks, as a part of a sentence."""
    lacks = broken(estate)
    if lacks or estate.chain is None or estate.chain.obstacle is None:
        return lacks
    return estate.chain.obstacle.text
