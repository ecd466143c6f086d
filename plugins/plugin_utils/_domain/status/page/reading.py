"""What each thing of a status document is, in a word and in one of five states.

Everything of the page that is shown in colour is decided here. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t

from ...._engine.model import State

SITES = ("primary", "backup")
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


class Shown(t.NamedTuple):
    """``word`` says on its own what ``state`` says as a colour."""

    state: str
    word: str


NO_ANSWER = Shown("bad", "no answer")


def worst(seen: t.Iterable[Shown]) -> Shown | None:
    return min(seen, key=lambda state: ORDER.index(state.state), default=None)


def short(name: str | None) -> str:
    return (name or "unknown").split(".")[0]


def names_of(document: State, role: str, site: str | None = None) -> list[str]:
    """Hosts that have this role, in the order of the document."""
    return [
        name
        for name, host in document["hosts"].items()
        if role in host["what"] and site in (None, host["site"])
    ]


def sql_host(document: State, slot: str) -> str | None:
    return next(iter(names_of(document, f"sql {slot}")), None)


def is_split(document: State) -> bool:
    return bool(document["situation"]["name"] == "SplitBrain")


def site_in_use(document: State) -> str | None:
    """The site whose copies the pool's own state says it uses; None when nobody can tell."""
    return {"FailedOver": "backup", "Normal": "primary"}.get(document["pool_state"] or "")


def site_in_service(document: State) -> str | None:
    """The site in use, if a copy of it is seen to be online."""
    site = site_in_use(document)
    pair = PAIRS.get(site or "", ())
    online = any(_copy(document, "mgc", slot).get("database_state") == "ONLINE" for slot in pair)
    return site if online and not is_split(document) else None


def host(document: State, name: str) -> Shown:
    seen = document["hosts"].get(name)
    if seen is None:
        return Shown("unknown", "unknown")
    store = document["central_management_store"]
    if seen["answers"] and store["answers"] and (store["host"] or "").lower() == name.lower():
        return Shown("good", "central store")
    return Shown("good", "answers") if seen["answers"] else NO_ANSWER


def server(seen: State) -> Shown:
    """A chat server: whether clients may use it, and whether it runs."""
    if not seen["answers"]:
        return NO_ANSWER
    if seen["active"] is None:
        return Shown("unknown", "runs" if seen["started"] else "stopped")
    if seen["active"]:
        return Shown("good", "active") if seen["started"] else Shown("bad", "stopped")
    return Shown("idle", "standby" if seen["started"] else "stopped")


def _copy(document: State, database: str, slot: str) -> State:
    found: State = document["databases"].get(database, {}).get("copies", {}).get(slot, {})
    return found


def copy(document: State, database: str, slot: str) -> Shown:
    """One copy of one database: what SQL Server calls its state, and what that means here."""
    seen = _copy(document, database, slot)
    if not seen or not seen["answers"]:
        return NO_ANSWER if seen else Shown("unknown", "unknown")
    state = seen["database_state"]
    site = "primary" if slot in PAIRS["primary"] else "backup"
    if state is None:
        return Shown("idle", "no copy")
    if state == "ONLINE":
        return _online(document, database, site, seen)
    if state not in ("RESTORING", "STANDBY"):
        return Shown("bad", state)
    if seen["mirroring_role"] == "MIRROR":
        return Shown(_MIRRORING.get(seen["mirroring_state"] or "", "bad"), "RESTORING, mirror")
    if database == "mgc" and slot == "backup" and document["log_shipping"]["linked"]:
        return Shown("good", f"{state}, follows")
    return Shown("idle", state)


def _online(document: State, database: str, site: str, seen: State) -> Shown:
    if is_split(document) and database == "mgc":
        return Shown("bad", "ONLINE twice")
    in_use = site_in_use(document)
    if in_use is None:
        return Shown("unknown", "ONLINE")
    if site == in_use:
        return Shown(
            "good",
            "ONLINE, principal" if seen["mirroring_role"] == "PRINCIPAL" else "ONLINE, in use",
        )
    if database == "mgc":
        return Shown("warn", "ONLINE, not in use")
    # compliance data are not shipped: each site has its own
    return Shown("idle", "ONLINE, standing by")


def mirroring(document: State, site: str) -> dict[str, Shown]:
    """Per database, how its pair mirrors; empty when the site has no mirror server."""
    first, second = PAIRS[site]
    if sql_host(document, second) is None:
        return {}
    found: dict[str, Shown] = {}
    for name in document["databases"]:
        copies = [
            c
            for c in (_copy(document, name, first), _copy(document, name, second))
            if c and c["answers"]
        ]
        states = [c["mirroring_state"] for c in copies if c["mirroring_role"]]
        if states:
            found[name] = min(
                (Shown(_MIRRORING.get(s or "", "bad"), s or "unknown") for s in states),
                key=lambda state: ORDER.index(state.state),
            )
        else:
            found[name] = Shown("idle", "not mirrored") if copies else Shown("unknown", "unknown")
    return found or {"": Shown("unknown", "unknown")}


def link(document: State, site: str) -> tuple[Shown, list[str]] | None:
    """All databases of a pair in one word, and which they are when it does not hold for all.

    What is not mirrored counts only when nothing is.
    """
    seen = mirroring(document, site)
    if not seen:
        return None
    mirrored = {name: s for name, s in seen.items() if s.state != "idle"} or seen
    shown = worst(mirrored.values()) or Shown("unknown", "unknown")
    having = [name for name, s in mirrored.items() if s == shown]
    return shown, having if len(having) < len(seen) else []


def witness(document: State, site: str) -> Shown:
    name = sql_host(document, WITNESSES[site])
    if name and not document["hosts"][name]["answers"]:
        return NO_ANSWER
    copies = [
        _copy(document, database, slot)
        for database in document["databases"]
        for slot in PAIRS[site]
    ]
    states = [
        c["mirroring_witness_state"] or "unknown" for c in copies if c.get("mirroring_witness")
    ]
    if not states:
        return Shown("idle", "not asked")
    return worst([Shown("good" if s == "CONNECTED" else "warn", s) for s in states]) or Shown(
        "unknown", "unknown"
    )


def situation(document: State) -> Shown:
    """As bad as its finding: a situation without one is as it should be."""
    found = [f["urgency"] for f in document["findings"] if f["code"] == "situation"]
    return Shown(
        {"critical": "bad", "warning": "warn"}.get(found[0], "good") if found else "good",
        document["situation"]["name"],
    )


def ago(minutes: int | None) -> str:
    if minutes is None:
        return "never"
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"
