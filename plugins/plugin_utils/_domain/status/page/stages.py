"""Log shipping as four stages: backed up, on the share, copied, applied. FOR INTERNAL COLLECTION
USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from ...documents.status import ShippedFrom, ShippingStatus, Status
from ...unc import server_of
from ...words import plural
from .reading import UNKNOWN, Shown, ago, short, sql_host, sql_hosts

#: What is so many turns of its job old is late.
TURNS = 3


class Stage(t.NamedTuple):
    """``lines``: two, the lower one may be empty. ``full``: what did not fit into them."""

    title: str
    shown: Shown
    lines: tuple[str, str]
    full: str


def linked(document: Status) -> Shown:
    """Log shipping as a whole: does the backup copy follow?"""
    shipping = document["log_shipping"]
    if shipping["obstacle"]:
        return Shown("bad", "the chain is broken")
    if shipping["linked"]:
        return Shown("good", "the backup copy follows")
    return _nobody(shipping)


def source(document: Status) -> str | None:
    """Slot of the SQL Server that took the newest log backup, or would take the next one; None when
    no log is backed up.
    """
    taken = document["log_shipping"]["backups"]

    def newest(slot: str) -> tuple[str, bool]:
        """By its last log backup; of equals one whose job is enabled."""
        return taken[slot]["last_backup_at"] or "", taken[slot]["enabled"]

    return max(taken, key=newest, default=None)


def every(document: Status) -> int | None:
    """Minutes between two log backups, else between two runs of any job; None without a
    schedule.
    """
    shipping = document["log_shipping"]
    backups = max(_minutes_of_backups(shipping), default=None)
    if backups is not None:
        return backups
    return max(_minutes_of_jobs(shipping), default=None)


def _minutes_of_backups(shipping: ShippingStatus) -> Iterator[int]:
    for backup in shipping["backups"].values():
        yield from backup["every_minutes"]


def _minutes_of_jobs(shipping: ShippingStatus) -> Iterator[int]:
    for job in shipping["jobs"]:
        yield from job["every_minutes"]


def age(minutes: int | None, interval: int | None) -> str:
    """The state of something so many minutes old. Late is what missed its third turn."""
    if minutes is None:
        return "unknown"
    return "warn" if interval and minutes > TURNS * interval else "good"


def stages(document: Status) -> list[Stage]:
    """The four stages, in the order in which a log passes them."""
    return [_backup(document), _share(document), _copied(document), _applied(document)]


def _backup(document: Status) -> Stage:
    slot = source(document)
    if slot is None:
        return _no_backup(document)
    backup = document["log_shipping"]["backups"][slot]
    last = f"last {ago(backup['minutes_ago'])}"
    return Stage(
        "Log backup",
        Shown(_state_of_backup(document, backup), last),
        (_when(backup), last),
        f"{backup['host']}: {backup['share']}",
    )


def _no_backup(document: Status) -> Stage:
    """No log is backed up, as far as somebody can be asked."""
    for name in sql_hosts(document, "primary").values():
        if not document["hosts"][name]["answers"]:
            return Stage("Log backup", UNKNOWN, ("nobody can be asked", ""), "")
    return Stage("Log backup", Shown("idle", "none"), ("no log is backed up", ""), "")


def _when(backup: ShippedFrom) -> str:
    times = "/".join(map(str, backup["every_minutes"]))
    if backup["enabled"] and times:
        return f"every {times} min on {short(backup['host'])}"
    return f"job disabled on {short(backup['host'])}"


def _state_of_backup(document: Status, backup: ShippedFrom) -> str:
    if not document["log_shipping"]["linked"]:
        return "idle"
    if not backup["enabled"] or not backup["agent_running"]:
        return "warn"
    return age(backup["minutes_ago"], every(document))


def _share(document: Status) -> Stage:
    shipping = document["log_shipping"]
    path = _path_of_share(shipping)
    place = _short_share(path)
    if shipping["share_error"]:
        return Stage(
            "Share",
            Shown("bad", "cannot be seen"),
            (place, "cannot be seen"),
            f"{path or 'share'}: {shipping['share_error']}",
        )
    if not shipping["linked"]:
        lines = (place, "not in use") if place else ("not in use", "")
        return Stage("Share", Shown("idle", "not in use"), lines, path)
    told = "nothing to apply"
    if shipping["waiting"]:
        told = f"{plural(len(shipping['waiting']), 'backup')} to apply"
    return Stage("Share", Shown("good", told), (place, told), path)


def _path_of_share(shipping: ShippingStatus) -> str:
    """Where logs are backed up to, else where the newest applied one lies; empty when neither is
    known.
    """
    for backup in shipping["backups"].values():
        if backup["share"]:
            return str(backup["share"])
    newest = shipping["newest_applied_log"]
    return newest["path"].rpartition("\\")[0] if newest else ""


def _short_share(path: str) -> str:
    """The share as people call it: server without its domain."""
    server, rest = server_of(path)
    return f"\\\\{short(server)}\\{rest}" if rest else path


def _copied(document: Status) -> Stage:
    shipping = document["log_shipping"]
    told = _nobody(shipping)
    if shipping["linked"]:
        minutes = shipping["copied_minutes_ago"]
        told = Shown(age(minutes, every(document)), ago(minutes))
    return Stage("Copied", told, (told.word, f"to {short(sql_host(document, 'backup'))}"), "")


def _applied(document: Status) -> Stage:
    shipping = document["log_shipping"]
    if shipping["obstacle"]:
        return Stage(
            "Applied",
            Shown("bad", "chain broken"),
            ("the chain is broken", ""),
            shipping["obstacle"],
        )
    if not shipping["linked"]:
        told = _nobody(shipping)
        return Stage("Applied", told, (told.word, ""), "")
    newest = shipping["newest_applied_log"]
    if newest is None:
        return Stage("Applied", Shown("unknown", "no log yet"), ("no log yet", ""), "")
    reached = ago(newest["age_minutes"])
    return Stage(
        "Applied",
        Shown(age(newest["age_minutes"], every(document)), reached),
        (ago(shipping["restored_minutes_ago"]), f"all up to {reached}"),
        newest["path"],
    )


def _nobody(shipping: ShippingStatus) -> Shown:
    """Why nothing is shipped to the backup copy."""
    if shipping["linked"] is None:
        return UNKNOWN
    return Shown("idle", "not linked")
