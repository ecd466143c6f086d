"""The key figures of the page, each a tile. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...documents.status import FailoverNow, Status
from ...words import short_names
from . import reading
from .made import Limits
from .reading import PAIRS, SITE_TITLES, Shown, ago
from .stages import linked, stages


class Tile(t.TypedDict):
    """``value`` in large type, ``note`` below it. ``state``: one of ``reading.ORDER``."""

    label: str
    value: str
    note: str
    state: str


def tiles(document: Status, limits: Limits) -> list[Tile]:
    """The tiles in the order of the page."""
    return [
        _loss(document, limits),
        _servers(document),
        _mirroring(document),
        _log_shipping(document),
        _hosts(document),
    ]


def _tile(label: str, value: str, note: str, state: str) -> Tile:
    return {"label": label, "value": value, "note": note, "state": state}


def _loss(document: Status, limits: Limits) -> Tile:
    now = document["failover_now"]
    value = _lost(now["loss"]["minutes"]) if now["possible"] else "not possible"
    state = _state_of_loss(now, limits)
    if state == "good" and reading.situation(document).state == "bad":
        # who is about to fail over loses it; that it is little makes it no good news
        state = "warn"
    return _tile("A failover now loses", value, _since(now), state)


def _lost(minutes: int | None) -> str:
    if minutes is None:
        return "unknown"
    return f"{minutes} min" if minutes else "nothing"


def _state_of_loss(now: FailoverNow, limits: Limits) -> str:
    minutes = now["loss"]["minutes"]
    if now["code"] == "failed_over":
        return "warn"
    if not now["possible"]:
        return "bad"
    if minutes is None:
        return "warn"
    if minutes > limits.critical:
        return "bad"
    return "warn" if minutes > limits.warning else "good"


def _since(now: FailoverNow) -> str:
    if now["code"] == "failed_over":
        return "no log leaves the backup data centre"
    if not now["possible"]:
        return "see below"
    if now["loss"]["minutes"] == 0:
        return "the backup copy has everything"
    at = now["loss"]["last_log_at"]
    return f"what was written since {at}" if at else "no log backup can be used"


def _servers(document: Status) -> Tile:
    label = "Servers for clients"
    active = document["active"]
    if active is None:
        return _tile(label, "unknown", "nobody could be asked", "unknown")
    return _tile(
        label,
        f"{len(active)} of {len(document['servers'])}",
        short_names(active, none="no server accepts clients"),
        "good" if active else "bad",
    )


def _mirroring(document: Status) -> Tile:
    pairs = _pairs_at_work(document)
    told = reading.worst(pairs.values()) or Shown("idle", "none")
    titles = [SITE_TITLES[site].lower() for site in pairs]
    note = " and ".join(titles) or "no mirror is declared"
    return _tile("Mirroring", told.word.lower(), note, told.state)


def _pairs_at_work(document: Status) -> dict[str, Shown]:
    """Site -> how its pair mirrors, for the sites at work that have a mirror server."""
    pairs: dict[str, Shown] = {}
    for site in _sites_at_work(document):
        found = reading.link(document, site)
        if found:
            pairs[site] = found[0]
    # a pair that stands by without a session takes nothing from one that has it
    return {site: told for site, told in pairs.items() if told.state != "idle"} or pairs


def _sites_at_work(document: Status) -> list[str]:
    site = reading.site_in_use(document)
    if site is None or reading.is_split(document):
        return list(PAIRS)
    return [site]


def _log_shipping(document: Status) -> Tile:
    shipped = linked(document)
    newest = document["log_shipping"]["newest_applied_log"]
    age = newest["age_minutes"] if newest else None
    value = shipped.word
    note = "between the data centres"
    if age is not None:
        value = ago(age)
        note = f"{shipped.word}; age of the newest applied log"
    state = shipped.state
    if state == "good":
        state = stages(document)[-1].shown.state
    if state == "good" and stages(document)[0].shown.state == "unknown":
        state = "warn"
        note = "nobody knows whether another log will come; age of the newest applied one"
    return _tile("Log shipping", value, note, state)


def _hosts(document: Status) -> Tile:
    hosts = document["hosts"]
    silent = [name for name, seen in hosts.items() if not seen["answers"]]
    value = f"{len(hosts) - len(silent)} of {len(hosts)}"
    if silent:
        return _tile("Hosts that answer", value, f"{short_names(silent)} silent", "warn")
    return _tile("Hosts that answer", value, "all of them", "good")
