"""What each thing of a status document is, in a word and in one of five states.

Everything of the page that is shown in colour is decided here. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Iterator

from ...documents.status import CopyStatus, ServerStatus, Status
from ...words import short_name

SITE_TITLES = {"primary": "Primary data centre", "backup": "Backup data centre"}
#: Slot names as the document has them: who of a pair is made the mirror of whom, who watches.
PAIRS = {"primary": ("primary", "mirror"), "backup": ("backup", "backup_mirror")}
WITNESSES = {"primary": "witness", "backup": "backup_witness"}
SLOTS = {
    "primary": "primary",
    "mirror": "its mirror",
    "backup": "backup",
    "backup_mirror": "backup's mirror",
}
#: From what needs a person at once to what is as it should be. ``idle``: right, but not at work.
#: ``unknown``: nobody could be asked.
ORDER = ("bad", "warn", "unknown", "idle", "good")
_MIRRORING = {"SYNCHRONIZED": "good", "SYNCHRONIZING": "warn", "PENDING_FAILOVER": "warn"}
_URGENCY = {"critical": "bad", "warning": "warn"}


class Shown(t.NamedTuple):
    """``word`` says on its own what ``state`` (one of ``ORDER``) says as a colour."""

    state: str
    word: str


UNKNOWN = Shown("unknown", "unknown")
NO_ANSWER = Shown("bad", "no answer")


def worst(seen: Iterable[Shown]) -> Shown | None:
    """The one that needs a person most, the first of equals; None of nothing."""
    return min(seen, key=_rank, default=None)


def _rank(shown: Shown) -> int:
    return ORDER.index(shown.state)


def short(name: str | None) -> str:
    """A host as people call it; ``unknown`` for none."""
    return short_name(name or "unknown")


def sql_host(document: Status, slot: str) -> str | None:
    """The host in this slot; None when the inventory has none."""
    for name, seen in document["hosts"].items():
        if f"sql {slot}" in seen["what"]:
            return name
    return None


def sql_hosts(document: Status, site: str) -> dict[str, str]:
    """Slot -> host, for the slots of this site's pair that the inventory has."""
    found: dict[str, str] = {}
    for slot in PAIRS[site]:
        name = sql_host(document, slot)
        if name:
            found[slot] = name
    return found


def site_of(slot: str) -> str:
    """The site of a pair's slot."""
    return "primary" if slot in PAIRS["primary"] else "backup"


def is_split(document: Status) -> bool:
    """Whether a copy is online in each site."""
    return document["situation"]["name"] == "SplitBrain"


def site_in_use(document: Status) -> str | None:
    """The site whose copies the pool's own state says it uses; None when nobody can tell."""
    return {"FailedOver": "backup", "Normal": "primary"}.get(document["pool_state"] or "")


def site_in_service(document: Status) -> str | None:
    """The site in use, if a copy of it is seen to be online."""
    site = site_in_use(document)
    if site is None or is_split(document):
        return None
    states = [copy["database_state"] for copy in copies_of(document, "mgc", site)]
    return site if "ONLINE" in states else None


def is_old_pair(document: Status, site: str) -> bool:
    """Whether this is the primary pair after a failover: whatever its copies look like, they are
    not the ones in use, and a failback replaces them.
    """
    recovered = document["failover_now"]["code"] == "failed_over"
    return site == "primary" and (recovered or site_in_use(document) == "backup")


def _aside(shown: Shown) -> Shown:
    """What is in order by itself, but of an old pair."""
    if shown.state != "good":
        return shown
    return Shown("idle", f"{shown.word}, old")


def host(document: Status, name: str) -> Shown:
    """A host: whether it answers, and whether it is the one with the central store."""
    seen = document["hosts"].get(name)
    if seen is None:
        return UNKNOWN
    if not seen["answers"]:
        return NO_ANSWER
    store = document["central_management_store"]
    if store["answers"] and (store["host"] or "").lower() == name.lower():
        return Shown("good", "central store")
    return Shown("good", "answers")


def server(seen: ServerStatus) -> Shown:
    """A chat server: whether clients may use it, and whether it runs."""
    if not seen["answers"]:
        return NO_ANSWER
    if seen["active"] and seen["started"]:
        return Shown("good", "active")
    if seen["active"]:
        return Shown("bad", "stopped")
    if seen["active"] is None:
        return Shown("unknown", "runs" if seen["started"] else "stopped")
    return Shown("idle", "standby" if seen["started"] else "stopped")


def copy_of(document: Status, database: str, slot: str) -> CopyStatus | None:
    """What was seen of a copy; None when the document has none there."""
    found = document["databases"].get(database)
    return found["copies"].get(slot) if found else None


def copies_of(document: Status, database: str, site: str) -> Iterator[CopyStatus]:
    """The copies of this site's pair that the document has."""
    for slot in PAIRS[site]:
        found = copy_of(document, database, slot)
        if found is not None:
            yield found


def copy(document: Status, database: str, slot: str) -> Shown:
    """One copy of one database: what SQL Server calls its state, and what that means here."""
    seen = copy_of(document, database, slot)
    if seen is None:
        return UNKNOWN
    if not seen["answers"]:
        return NO_ANSWER
    state = seen["database_state"]
    if state is None:
        return Shown("idle", "no copy")
    if state == "ONLINE":
        return _online(document, database, site_of(slot), seen)
    if state not in ("RESTORING", "STANDBY"):
        return Shown("bad", state)
    if database == "mgc" and slot == "backup" and document["log_shipping"]["linked"]:
        return Shown("good", f"{state}, follows")
    return _restoring(document, site_of(slot), seen, state)


def _restoring(document: Status, site: str, seen: CopyStatus, state: str) -> Shown:
    """A copy that no log is shipped to: the mirror of another one, or left where it is."""
    if seen["mirroring_role"] != "MIRROR":
        return Shown("idle", state)
    mirror = Shown(_mirroring_state(seen), "RESTORING, mirror")
    return _aside(mirror) if is_old_pair(document, site) else mirror


def _online(document: Status, database: str, site: str, seen: CopyStatus) -> Shown:
    if is_split(document) and database == "mgc":
        return Shown("bad", "ONLINE twice")
    if is_old_pair(document, site):
        # compliance data are not shipped: each site has its own
        return Shown("warn" if database == "mgc" else "idle", "ONLINE, not in use")
    if seen["closed_by"]:
        return Shown("bad", f"ONLINE, {', '.join(seen['closed_by'])}")
    return _working(document, database, site, seen)


def _working(document: Status, database: str, site: str, seen: CopyStatus) -> Shown:
    """A copy that is online and open, where it is expected."""
    in_use = site_in_use(document)
    if in_use is None:
        return Shown("unknown", "ONLINE")
    if site == in_use and seen["mirroring_role"] == "PRINCIPAL":
        return Shown("good", "ONLINE, principal")
    if site == in_use:
        return Shown("good", "ONLINE, in use")
    if database == "mgc":
        return Shown("warn", "ONLINE, not in use")
    # compliance data are not shipped: each site has its own
    return Shown("idle", "ONLINE, standing by")


def _mirroring_state(seen: CopyStatus) -> str:
    return _MIRRORING.get(seen["mirroring_state"] or "", "bad")


def mirroring(document: Status, site: str) -> dict[str, Shown]:
    """Per database, how its pair mirrors; empty when the site has no mirror server."""
    _first, mirror = PAIRS[site]
    if sql_host(document, mirror) is None:
        return {}
    found = {name: _pair(document, name, site) for name in document["databases"]}
    return found or {"": UNKNOWN}


def _pair(document: Status, database: str, site: str) -> Shown:
    """The worse end of a session, as its two ends see it."""
    answering = [copy for copy in copies_of(document, database, site) if copy["answers"]]
    if not answering:
        return UNKNOWN
    ends = [
        Shown(_mirroring_state(copy), copy["mirroring_state"] or "unknown")
        for copy in answering
        if copy["mirroring_role"]
    ]
    told = worst(ends) or Shown("idle", "not mirrored")
    return _aside(told) if is_old_pair(document, site) else told


def link(document: Status, site: str) -> tuple[Shown, list[str]] | None:
    """All databases of a pair in one word, and which they are when it does not hold for all; None
    without a mirror server.

    What is not mirrored counts only when nothing is.
    """
    seen = mirroring(document, site)
    if not seen:
        return None
    mirrored = {name: shown for name, shown in seen.items() if shown.state != "idle"} or seen
    told = worst(mirrored.values()) or UNKNOWN
    having = [name for name, shown in mirrored.items() if shown == told]
    return told, having if len(having) < len(seen) else []


def witness(document: Status, site: str) -> Shown:
    """The witness of a site, as the pair's copies see it."""
    name = sql_host(document, WITNESSES[site])
    if name and not document["hosts"][name]["answers"]:
        return NO_ANSWER
    told = worst(_watching(document, site)) or Shown("idle", "not asked")
    return _aside(told) if is_old_pair(document, site) else told


def _watching(document: Status, site: str) -> Iterator[Shown]:
    for database in document["databases"]:
        for seen in copies_of(document, database, site):
            if seen["mirroring_witness"]:
                word = seen["mirroring_witness_state"] or "unknown"
                yield Shown("good" if word == "CONNECTED" else "warn", word)


def situation(document: Status) -> Shown:
    """As bad as its finding: a situation without one is as it should be."""
    state = "good"
    for finding in document["findings"]:
        if finding["code"] == "situation":
            state = _URGENCY.get(finding["urgency"], "good")
            break
    return Shown(state, document["situation"]["name"])


def ago(minutes: int | None) -> str:
    """How long ago, as people say it: minutes, from two hours on hours, from two days on days."""
    if minutes is None:
        return "never"
    if minutes < 120:
        return f"{minutes} min ago"
    if minutes < 48 * 60:
        return f"{minutes // 60} h ago"
    return f"{minutes // 1440} days ago"
