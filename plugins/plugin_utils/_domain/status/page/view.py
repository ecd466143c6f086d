"""A status document as a page shows it: words, states and numbers, so that the template only
arranges. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import itertools
import typing as t
from collections.abc import Iterable, Iterator

from ...._engine.model import State
from ...._engine.visible import all_visible
from ...documents.status import (
    CopyStatus,
    FailoverNow,
    FindingStatus,
    HostStatus,
    JobStatus,
    MoveStatus,
    Run,
    Status,
)
from . import history, reading
from .charts import charts
from .drawing import drawing
from .made import Limits, Made
from .plain_words import meaning
from .reading import PAIRS, SITE_TITLES, SLOTS, Shown, short
from .site import servers_of
from .stages import Stage, every, stages
from .tiles import tiles

_URGENCY = {"critical": "bad", "warning": "warn", "note": "idle"}
_SILENT = " does not answer."
#: From how many on hosts that do not answer share one entry: eight alike would hide the ninth.
_MANY = 3
#: What a playbook does, for who has to decide whether to run it.
_DO = {
    "failover": "Let the pool run on its backup copy. It shows its plan and asks before it begins.",
    "failback": "Bring the pool home. It shows its plan and asks before it begins.",
    "mirror_failover": "Let the other SQL Server of the pair carry on. It asks before it begins.",
    "site": "Build what is missing. What stands already is left alone.",
}
_WITNESSES = {"witness": "witness", "backup_witness": "backup's witness"}


class ShownMove(t.TypedDict):
    """A move of a plan, from 1 on."""

    number: int
    name: str
    host: str
    why: str
    one_way: bool


class ShownFinding(t.TypedDict):
    """``more``: what else belongs to this entry."""

    state: str
    urgency: str
    code: str
    text: str
    more: list[str]


class Step(t.TypedDict):
    """Something to do now. ``command``: to be pasted; '' for none. ``refused``: why it would refuse
    as things are, '' when it would not.
    """

    text: str
    command: str
    refused: str


def view(
    document: Status, kept: str = "", made: Made | None = None, limits: Limits | None = None
) -> State:
    """Everything that the page shows, by the names that its templates use.

    ``kept``: text of the history file, this run included. A state is one of ``reading.ORDER``.
    """
    made = made or Made()
    limits = limits or Limits()
    document = t.cast(Status, all_visible(document))
    runs = t.cast(list[Run], all_visible(history.entries(kept, document["pool"])))
    told: State = {
        "pool": document["pool"],
        "at": document["at"] or "",
        "made_at": made.at,
        "made_by": made.by,
        "situation": _shown(reading.situation(document)),
        "text": document["situation"]["text"],
        "steps": list(_steps(document, made)),
        "intent": document["intent"],
        "tiles": tiles(document, limits),
        "findings": list(_findings(_in_words(document))),
        "stages": [_stage(stage) for stage in stages(document)],
        "plan": _plan(document["failover_now"]),
        "charts": charts(runs, limits, every(document)),
        "databases": [_database(document, name) for name in document["databases"]],
        "jobs": [_job(job) for job in document["log_shipping"]["jobs"]],
        "sites": [_site(document, site) for site in PAIRS],
    }
    drawings = [drawing(document, "wide"), drawing(document, "narrow")]
    return {**t.cast(State, made.timed(told)), "drawings": drawings}


def _steps(document: Status, made: Made) -> Iterator[Step]:
    """What to do now, in order; the rest of the page says why."""
    ways = document["advice"]
    for way in ways:
        refused = way["refused"] or ""
        if not refused and way["playbook"] != "site":
            seen = f"{made.way(way)} --check"
            yield {
                "text": "See what it would do; this changes nothing.",
                "command": seen,
                "refused": "",
            }
        text = _DO.get(way["playbook"], way["playbook"])
        yield {"text": text, "command": made.way(way), "refused": refused}
    if ways:
        return
    if reading.situation(document).state == "good":
        text = "Nothing has to be done."
        if document["findings"]:
            text = "Nothing has to be done at once; see below what to look at."
        yield {"text": text, "command": "", "refused": ""}
        return
    text = "No playbook leads out of this: mend what stands below, then look again."
    yield {"text": text, "command": made.command("status", {}), "refused": ""}


def _shown(shown: Shown) -> dict[str, str]:
    return {"state": shown.state, "word": shown.word}


def _stage(stage: Stage) -> State:
    return {
        "title": stage.title,
        "shown": _shown(stage.shown),
        "lines": stage.lines,
        "full": stage.full,
    }


def _kind_of(finding: FindingStatus) -> tuple[str, str]:
    return finding["code"], finding["urgency"]


def _in_words(document: Status) -> Iterator[FindingStatus]:
    """The findings, without the name of the situation before its sentence."""
    name = document["situation"]["name"]
    for finding in document["findings"]:
        yield {**finding, "text": finding["text"].removeprefix(f"{name}: ")}


def _findings(findings: Iterable[FindingStatus]) -> Iterator[ShownFinding]:
    """Hosts that do not answer share one entry."""
    for (code, urgency), group in itertools.groupby(findings, key=_kind_of):
        texts = [finding["text"] for finding in group]
        if code == "unreachable" and len(texts) >= _MANY:
            names = [short(text.removesuffix(_SILENT)) for text in texts]
            yield _finding(urgency, code, f"{len(texts)} hosts do not answer.", names)
        else:
            for text in texts:
                yield _finding(urgency, code, text, [])


def _finding(urgency: str, code: str, text: str, more: list[str]) -> ShownFinding:
    return {
        "state": _URGENCY[urgency],
        "urgency": urgency,
        "code": code,
        "text": text,
        "more": more,
    }


def _plan(now: FailoverNow) -> State:
    moves = [_move(number, move) for number, move in enumerate(now["moves"], 1)]
    one_way = [move["number"] for move in moves if move["one_way"]]
    return {
        "possible": now["possible"],
        "why": now["why"],
        "sentence": now["loss"]["sentence"],
        "unusable": now["loss"]["unusable"],
        "moves": moves,
        "first_one_way": min(one_way, default=None),
    }


def _move(number: int, move: MoveStatus) -> ShownMove:
    return {
        "number": number,
        "name": move["name"].replace("_", " ").capitalize().replace(" cms", " the CMS"),
        "host": move["host"] or "several hosts",
        "why": move["why"],
        "one_way": move["one_way"],
    }


def _database(document: Status, name: str) -> State:
    rows = []
    copies = document["databases"][name]["copies"]
    for slot, title in SLOTS.items():
        if slot in copies:
            shown = reading.copy(document, name, slot)
            rows.append(_copy(title, copies[slot], shown))
    return {"name": name, "rows": rows}


def _copy(title: str, seen: CopyStatus, shown: Shown) -> State:
    details = {
        "closed by": ", ".join(seen["closed_by"]),
        "recovery model": seen["recovery_model"],
        "mirroring": seen["mirroring_state"],
        "safety": seen["mirroring_safety"],
        "witness": seen["mirroring_witness_state"],
        "stands at LSN": seen["redo_lsn"],
        "restored": seen["restored_at"],
    }
    return {
        "host": seen["host"],
        "slot": title,
        **_shown(shown),
        "details": [f"{label} {value}" for label, value in details.items() if value],
    }


def _job(job: JobStatus) -> State:
    good = job["enabled"] and len(job["every_minutes"]) == 1
    return {
        "job": job["job"],
        "host": job["host"],
        "state": "good" if good else "warn",
        "word": _schedule(job),
    }


def _schedule(job: JobStatus) -> str:
    if not job["enabled"]:
        return "disabled"
    times = "/".join(map(str, job["every_minutes"]))
    return f"every {times} min" if times else "no schedule"


def _site(document: Status, site: str) -> State:
    servers = servers_of(document, site)
    rows = []
    for name, seen in document["hosts"].items():
        if seen["site"] != site:
            continue
        if name in servers:
            shown = reading.server(document["servers"][name])
        else:
            shown = reading.host(document, name)
        rows.append(_host(name, seen, shown))
    return {"title": SITE_TITLES[site], "rows": rows}


def _host(name: str, seen: HostStatus, shown: Shown) -> State:
    return {
        "host": name,
        "what": ", ".join(map(_role, seen["what"])),
        "why": meaning(seen["why"]),
        "own_words": seen["why"] or "",
        **_shown(shown),
    }


def _role(what: str) -> str:
    """What a host is, for people."""
    slot = what.removeprefix("sql ")
    if slot != what:
        return f"SQL Server, {_WITNESSES.get(slot) or SLOTS[slot]}"
    return "Front End" if what == "management" else what
