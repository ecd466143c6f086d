"""A status document as a page shows it: words, states and numbers, so that the template only
arranges. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import itertools

from ...._engine.model import State
from ...._engine.visible import all_visible
from . import history, reading
from .charts import charts
from .drawing import drawing
from .reading import PAIRS, SITE_TITLES, SLOTS, Shown, ago, short
from .site import servers_of
from .stages import linked, stages

#: A loss that failover.yml asks about unless it is told otherwise (failover_max_data_loss).
MUCH = 30
_URGENCY = {"critical": "bad", "warning": "warn", "note": "idle"}


def view(document: State, kept: str = "", made_at: str = "") -> State:
    """Everything that the page shows. ``kept``: text of the history file, this run included."""
    document = all_visible(document)
    runs = all_visible(history.entries(kept, document["pool"]))
    return {
        "pool": document["pool"],
        "at": _time(document["at"]),
        "made_at": _time(made_at),
        "situation": reading.situation(document)._asdict(),
        "text": document["situation"]["text"],
        "ways": document["advice"],
        "intent": document["intent"],
        "tiles": [_tile(*row) for row in _tiles(document)],
        "findings": _grouped(document["findings"]),
        "drawings": [drawing(document, layout) for layout in ("wide", "narrow")],
        "stages": [s._asdict() | {"shown": s.shown._asdict()} for s in stages(document)],
        "plan": _plan(document["failover_now"]),
        "charts": charts(runs),
        "databases": [_database(document, name) for name in document["databases"]],
        "jobs": [_job(j) for j in document["log_shipping"]["jobs"]],
        "sites": [_site(document, site) for site in PAIRS],
    }


def _time(text: str | None) -> str:
    return text.replace("T", " ").replace("Z", " UTC") if text else ""


def _tile(label: str, value: str, note: str, state: str) -> State:
    return {"label": label, "value": value, "note": note, "state": state}


def _tiles(document: State) -> list[tuple[str, str, str, str]]:
    now = document["failover_now"]
    hosts = document["hosts"]
    minutes = now["loss"]["minutes"]
    silent = [n for n, h in hosts.items() if not h["answers"]]
    lost = "unknown" if minutes is None else "nothing" if minutes == 0 else f"{minutes} min"
    failed_over = now["code"] == "failed_over"
    state = (
        "warn"
        if failed_over
        else (
            "bad"
            if not now["possible"]
            else "warn"
            if minutes is None or minutes > MUCH
            else "good"
        )
    )
    pairs = [
        (site, found[0])
        for site in _sites_at_work(document)
        if (found := reading.link(document, site))
    ]
    # a pair that stands by without a session takes nothing from one that has it
    pairs = [(site, s) for site, s in pairs if s.state != "idle"] or pairs
    mirrored = reading.worst(s for _site, s in pairs) or Shown("idle", "none")
    unasked = document["active"] is None
    active = "unknown" if unasked else f"{len(document['active'])} of {len(document['servers'])}"
    shipped = linked(document)
    age = (document["log_shipping"]["newest_applied_log"] or {}).get("age_minutes")
    return [
        ("A failover now loses", lost if now["possible"] else "not possible", _since(now), state),
        (
            "Servers for clients",
            active,
            (
                "nobody could be asked"
                if unasked
                else ", ".join(short(n) for n in document["active"]) or "no server accepts clients"
            ),
            "unknown" if unasked else "good" if document["active"] else "bad",
        ),
        (
            "Mirroring",
            mirrored.word.lower(),
            " and ".join(SITE_TITLES[site].lower() for site, _s in pairs)
            or "no mirror is declared",
            mirrored.state,
        ),
        (
            "Log shipping",
            shipped.word if age is None else ago(age),
            (
                f"{shipped.word}; age of the newest applied log"
                if age is not None
                else "between the data centres"
            ),
            stages(document)[3].shown.state if shipped.state == "good" else shipped.state,
        ),
        (
            "Hosts that answer",
            f"{len(hosts) - len(silent)} of {len(hosts)}",
            ", ".join(short(n) for n in silent) + " silent" if silent else "all of them",
            "warn" if silent else "good",
        ),
    ]


def _since(now: State) -> str:
    if now["code"] == "failed_over":
        return "no log leaves the backup data centre"
    if not now["possible"]:
        return "see below"
    if now["loss"]["minutes"] == 0:
        return "the backup copy has everything"
    at = now["loss"]["last_log_at"]
    return f"what was written since {_time(at)}" if at else "no log backup can be used"


def _sites_at_work(document: State) -> list[str]:
    site = reading.site_in_use(document)
    return [site] if site and not reading.is_split(document) else list(PAIRS)


def _grouped(findings: list[State]) -> list[State]:
    """Hosts that do not answer share one entry: eight alike would hide the ninth."""
    found: list[State] = []
    for (code, urgency), group in itertools.groupby(
        findings, key=lambda file: (file["code"], file["urgency"])
    ):
        texts = [f["text"] for f in group]
        head = {"state": _URGENCY[urgency], "urgency": urgency, "code": code}
        if code == "unreachable" and len(texts) > 2:
            found.append(
                {
                    **head,
                    "text": f"{len(texts)} hosts do not answer.",
                    "more": [short(t.removesuffix(" does not answer.")) for t in texts],
                }
            )
        else:
            found += [{**head, "text": text, "more": []} for text in texts]
    return found


def _plan(now: State) -> State:
    moves = [
        {
            "number": n,
            "name": m["name"].replace("_", " ").capitalize().replace(" cms", " the CMS"),
            "host": m["host"] or "several hosts",
            "why": m["why"],
            "one_way": m["one_way"],
        }
        for n, m in enumerate(now["moves"], 1)
    ]
    return {
        "possible": now["possible"],
        "why": now["why"],
        "sentence": now["loss"]["sentence"],
        "unusable": now["loss"]["unusable"],
        "moves": moves,
        "first_one_way": next((m["number"] for m in moves if m["one_way"]), None),
    }


def _database(document: State, name: str) -> State:
    rows = []
    copies = document["databases"][name]["copies"]
    for slot, seen in ((s, copies[s]) for s in SLOTS if s in copies):
        shown = reading.copy(document, name, slot)
        details = [
            ("recovery model", seen["recovery_model"]),
            ("mirroring", seen["mirroring_state"]),
            ("safety", seen["mirroring_safety"]),
            ("witness", seen["mirroring_witness_state"]),
            ("stands at LSN", seen["redo_lsn"]),
            ("restored", _time(seen["restored_at"])),
        ]
        rows.append(
            {
                "host": seen["host"],
                "slot": SLOTS[slot],
                **shown._asdict(),
                "details": [f"{label} {value}" for label, value in details if value],
            }
        )
    return {"name": name, "rows": rows}


def _job(job: State) -> State:
    times = "/".join(map(str, job["every_minutes"]))
    good = job["enabled"] and len(job["every_minutes"]) == 1
    return {
        "job": job["job"],
        "host": job["host"],
        "state": "good" if good else "warn",
        "word": (
            (f"every {times} min" if times else "no schedule") if job["enabled"] else "disabled"
        ),
    }


def _site(document: State, site: str) -> State:
    rows = []
    for name, seen in document["hosts"].items():
        if seen["site"] == site:
            shown = (
                reading.server(document["servers"][name])
                if name in servers_of(document, site)
                else reading.host(document, name)
            )
            rows.append(
                {
                    "host": name,
                    "what": ", ".join(_role(w) for w in seen["what"]),
                    "why": seen["why"],
                    **shown._asdict(),
                }
            )
    return {"title": SITE_TITLES[site], "rows": rows}


def _role(what: str) -> str:
    slot = what.removeprefix("sql ")
    if slot == what:
        return "Front End" if what == "management" else what
    return "SQL Server, " + (
        "witness"
        if slot == "witness"
        else "backup's witness"
        if slot == "backup_witness"
        else SLOTS[slot]
    )
