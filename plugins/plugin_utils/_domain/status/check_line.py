"""The status as one line that Nagios, Icinga, Zabbix and their like read: state, words, figures.

FOR INTERNAL COLLECTION USE ONLY.

States and the line's form are those of the Monitoring Plugins Development Guidelines: ``TEXT |
'label'=value[UOM];warn;crit;min``, U for a value that nobody knows.
"""

from __future__ import annotations

import typing as t

from ..._engine.visible import visible
from ..documents.status import FindingStatus, Status
from ..words import plural

#: A state is its exit code.
STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
OK, WARNING, CRITICAL, UNKNOWN = range(4)
#: The situation in which nothing can be concluded.
_NOTHING_KNOWN = "Unknown"


class Thresholds(t.NamedTuple):
    """Minutes of messages that a failover now would lose, from which on it is a warning, and
    critical.
    """

    loss_warning: int
    loss_critical: int


class Figure(t.NamedTuple):
    """One value with its label; ``value`` None: nobody knows. ``unit``: s, or '' for a number."""

    label: str
    value: int | None
    unit: str = ""
    limits: str = ";"


def state_of(document: Status, limits: Thresholds) -> int:
    """Index into ``STATES``. What is known to be bad outweighs what is not known."""
    urgencies = {finding["urgency"] for finding in _told(document)}
    loss = document["failover_now"]["loss"]["minutes"]
    if "critical" in urgencies or _reached(loss, limits.loss_critical):
        return CRITICAL
    if document["situation"]["name"] == _NOTHING_KNOWN:
        return UNKNOWN
    if "warning" in urgencies or _reached(loss, limits.loss_warning):
        return WARNING
    return OK


def _told(document: Status) -> list[FindingStatus]:
    """The findings, without the one which says that nothing is known."""
    if document["situation"]["name"] != _NOTHING_KNOWN:
        return document["findings"]
    return [finding for finding in document["findings"] if finding["code"] != "situation"]


def _reached(minutes: int | None, limit: int) -> bool:
    return minutes is not None and minutes >= limit


def line(document: Status, limits: Thresholds) -> str:
    """The whole line, without its end."""
    state = STATES[state_of(document, limits)]
    figures = " ".join(map(_shown, figures_of(document, limits)))
    return f"{state} - {document['pool']}: {_one_line(_words(document, limits))} | {figures}"


def unknown(pool: str, why: str) -> str:
    """The line when nobody could look."""
    return f"UNKNOWN - {pool}: nobody could look: {_one_line(why) or 'no reason given'}"


def _words(document: Status, limits: Thresholds) -> str:
    told = f"{document['situation']['name']}."
    urgent = [finding for finding in document["findings"] if finding["urgency"] != "note"]
    if urgent:
        told += f" {urgent[0]['text']}"
    if len(urgent) > 1:
        told += f" And {plural(len(urgent) - 1, 'finding')} more."
    loss = document["failover_now"]["loss"]["minutes"]
    if _reached(loss, limits.loss_warning):
        told += f" A failover now would lose {loss} minutes."
    return told


def _one_line(text: str) -> str:
    """Without the character that begins the figures."""
    return visible(" ".join(text.split())).replace("|", "/")


def figures_of(document: Status, limits: Thresholds) -> list[Figure]:
    """What is drawn as a curve."""
    shipping = document["log_shipping"]
    loss = document["failover_now"]["loss"]["minutes"]
    between = f"{limits.loss_warning * 60};{limits.loss_critical * 60}"
    active = document["active"]
    counts = dict.fromkeys(("critical", "warning"), 0)
    for finding in document["findings"]:
        if finding["urgency"] in counts:
            counts[finding["urgency"]] += 1
    return [
        Figure("loss", seconds(loss), "s", between),
        Figure("log_backup_age", seconds(backup_age(document)), "s"),
        Figure("log_copy_age", seconds(shipping["copied_minutes_ago"]), "s"),
        Figure("log_restore_age", seconds(shipping["restored_minutes_ago"]), "s"),
        Figure("logs_waiting", len(shipping["waiting"])),
        Figure("active_servers", None if active is None else len(active)),
        Figure("unreachable", len(document["unreachable"])),
        Figure("critical", counts["critical"]),
        Figure("warning", counts["warning"]),
    ]


def _shown(figure: Figure) -> str:
    value = "U" if figure.value is None else f"{figure.value}{figure.unit}"
    return f"'{figure.label}'={value};{figure.limits};0"


def seconds(minutes: int | None) -> int | None:
    """Minutes as monitoring wants them."""
    return None if minutes is None else minutes * 60


def backup_age(document: Status) -> int | None:
    """Minutes since the newest log backup of any partner; None: nobody knows."""
    taken = [backup["minutes_ago"] for backup in document["log_shipping"]["backups"].values()]
    return min((minutes for minutes in taken if minutes is not None), default=None)
