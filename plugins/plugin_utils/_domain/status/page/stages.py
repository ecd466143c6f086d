"""Log shipping as four stages: backed up, on the share, copied, applied. FOR INTERNAL COLLECTION
USE ONLY.
"""

from __future__ import annotations

import typing as t

from ...._engine.model import State
from .reading import PAIRS, Shown, ago, short, sql_host


class Stage(t.NamedTuple):
    title: str
    shown: Shown
    lines: tuple[str, str]
    full: str  # what did not fit into the lines


def linked(document: State) -> Shown:
    """Log shipping as a whole: does the backup copy follow?"""
    shipping = document["log_shipping"]
    if shipping["obstacle"]:
        return Shown("bad", "the chain is broken")
    if shipping["linked"] is None:
        return Shown("unknown", "unknown")
    return (
        Shown("good", "the backup copy follows")
        if shipping["linked"]
        else Shown("idle", "not linked")
    )


def source(document: State) -> str | None:
    """Slot of the SQL Server that took the newest log backup, or would take the next one."""
    taken = document["log_shipping"]["backups"]
    if not taken:
        return None
    return str(
        max(taken, key=lambda slot: (taken[slot]["last_backup_at"] or "", taken[slot]["enabled"]))
    )


def every(document: State) -> int | None:
    found = [m for b in document["log_shipping"]["backups"].values() for m in b["every_minutes"]]
    found = found or [m for j in document["log_shipping"]["jobs"] for m in j["every_minutes"]]
    return max(found, default=None)


def age(minutes: int | None, interval: int | None) -> str:
    """Late is what missed its third turn."""
    if minutes is None:
        return "unknown"
    return "warn" if interval and minutes > 3 * interval else "good"


def stages(document: State) -> list[Stage]:
    return [_backup(document), _share(document), _copied(document), _applied(document)]


def _backup(document: State) -> Stage:
    slot = source(document)
    if slot is None:
        silent = [
            c
            for name in PAIRS["primary"]
            if (c := sql_host(document, name)) and not document["hosts"][c]["answers"]
        ]
        return Stage(
            "Log backup",
            Shown("unknown", "unknown") if silent else Shown("idle", "none"),
            ("nobody can be asked" if silent else "no log is backed up", ""),
            "",
        )
    b = document["log_shipping"]["backups"][slot]
    times = "/".join(map(str, b["every_minutes"]))
    when = (
        f"every {times} min on {short(b['host'])}"
        if b["enabled"] and times
        else f"job disabled on {short(b['host'])}"
    )
    state = (
        age(b["minutes_ago"], every(document))
        if b["enabled"] and document["log_shipping"]["linked"]
        else "idle"
    )
    state = (
        "warn"
        if document["log_shipping"]["linked"] and not (b["enabled"] and b["agent_running"])
        else state
    )
    return Stage(
        "Log backup",
        Shown(state, f"last {ago(b['minutes_ago'])}"),
        (when, f"last {ago(b['minutes_ago'])}"),
        f"{b['host']}: {b['share']}",
    )


def _share(document: State) -> Stage:
    shipping = document["log_shipping"]
    waiting = len(document["log_shipping"]["waiting"])
    path = next((str(b["share"]) for b in shipping["backups"].values() if b["share"]), None)
    if path is None and shipping["newest_applied_log"]:
        path = str(shipping["newest_applied_log"]["path"]).rpartition("\\")[0]
    place = _short_share(path) if path else ""
    if shipping["share_error"]:
        return Stage(
            "Share",
            Shown("bad", "cannot be seen"),
            (place, "cannot be seen"),
            f"{path or 'share'}: {shipping['share_error']}",
        )
    if not shipping["linked"]:
        return Stage(
            "Share",
            Shown("idle", "not in use"),
            (place, "not in use") if place else ("not in use", ""),
            path or "",
        )
    told = (
        f"{waiting} backup{'s' if waiting > 1 else ''} to apply" if waiting else "nothing to apply"
    )
    return Stage("Share", Shown("good", told), (place, told), path or "")


def _short_share(path: str) -> str:
    """The share as people call it: server without its domain."""
    server, _slash, rest = path.lstrip("\\").partition("\\")
    return f"\\\\{short(server)}\\{rest}" if rest else path


def _copied(document: State) -> Stage:
    shipping = document["log_shipping"]
    told = (
        Shown(
            age(shipping["copied_minutes_ago"], every(document)),
            ago(shipping["copied_minutes_ago"]),
        )
        if shipping["linked"]
        else _nobody(shipping)
    )
    return Stage("Copied", told, (told.word, f"to {short(sql_host(document, 'backup'))}"), "")


def _applied(document: State) -> Stage:
    shipping = document["log_shipping"]
    if shipping["obstacle"]:
        return Stage(
            "Applied",
            Shown("bad", "chain broken"),
            ("the chain is broken", ""),
            str(shipping["obstacle"]),
        )
    if not shipping["linked"]:
        told = _nobody(shipping)
        return Stage("Applied", told, (told.word, ""), "")
    newest = shipping["newest_applied_log"]
    if newest is None:
        return Stage("Applied", Shown("unknown", "no log yet"), ("no log yet", ""), "")
    told = Shown(age(newest["age_minutes"], every(document)), ago(newest["age_minutes"]))
    return Stage(
        "Applied",
        told,
        (ago(shipping["restored_minutes_ago"]), f"all up to {ago(newest['age_minutes'])}"),
        str(newest["path"]),
    )


def _nobody(shipping: State) -> Shown:
    return (
        Shown("unknown", "unknown") if shipping["linked"] is None else Shown("idle", "not linked")
    )
