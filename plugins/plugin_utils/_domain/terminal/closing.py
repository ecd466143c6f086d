"""The last block of an operation: where the pool runs, what was lost, for how long nobody could
write, what is left behind, and what to run next. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Iterator

from ..documents.plan import LossDocument, SituationDocument, UnwritableDocument
from .told import Line

_COMMAND = "ansible-playbook -i INVENTORY lync.persistent_chat."
_WIDTH = 13
Outcome = t.Literal["done", "checked", "refused", "stopped", "untouched"]
#: What is run after an operation that is through, and when.
_AFTERWARDS: dict[str, tuple[tuple[str, str], ...]] = {
    "failover": (
        ("status", "now"),
        ("failback", "once the primary data centre is back and calm"),
    ),
    "failback": (("status", "now"),),
    "mirror_failover": (("status", "now"),),
}


@dataclasses.dataclass(frozen=True)
class Ending:
    """How an operation ended.

    ``seconds``: from its first plan on. ``moves``: carried out, of ``total``. ``left_behind``:
    sentences. ``opened``: the host whose copy was put to work.
    """

    target: str
    pool: str
    outcome: Outcome
    situation: SituationDocument
    moves: int
    total: int
    seconds: str
    loss: LossDocument | None = None
    unwritable: UnwritableDocument | None = None
    left_behind: tuple[str, ...] = ()
    opened: str = ""


def lines_of(ending: Ending) -> Iterator[Line]:
    """The block; what nobody knows or measured has no line."""
    tone: t.Literal["good", "bad"] = "bad"
    if ending.outcome in ("done", "checked"):
        tone = "good"
    yield Line("")
    yield Line(f"{ending.target} of {ending.pool}: {_headline(ending)}", tone)
    if ending.outcome == "done":
        yield from _rows("runs", [_runs(ending)])
        yield from _rows("lost", [ending.loss["sentence"]] if ending.loss else [])
        yield from _rows("not writable", [_writing(ending.unwritable)])
        yield from _rows("left behind", ending.left_behind)
    yield from _rows("next", list(_next(ending)))


def _headline(ending: Ending) -> str:
    if ending.outcome == "done":
        return f"done, {ending.moves} moves in {ending.seconds}."
    if ending.outcome == "checked":
        return f"checked, {ending.total} moves; nothing was changed."
    if ending.outcome == "refused" and not ending.moves:
        return "refused; nothing was changed."
    if ending.outcome == "untouched":
        return "not begun; nothing was changed."
    return f"STOPPED after {ending.moves} of {ending.total} moves, {ending.seconds}."


def _runs(ending: Ending) -> str:
    opened = f" It was opened on {ending.opened}." if ending.opened else ""
    return f"{ending.situation['name']}: {ending.situation['text']}{opened}"


def _writing(unwritable: UnwritableDocument | None) -> str:
    if unwritable is None:
        return "Clients could write all the time."
    return unwritable["sentence"]


def _next(ending: Ending) -> Iterator[str]:
    command = _COMMAND + ending.target
    if ending.outcome == "done":
        for playbook, when in _AFTERWARDS[ending.target]:
            yield f"{_COMMAND}{playbook}   {when}"
    elif ending.outcome == "checked":
        yield f"{command}   with the same options, without --check"
    elif ending.moves:
        yield f"{command}   the same command again: it goes on from where the estate stands"
        yield f"{_COMMAND}status   to see where that is"
    else:
        yield "what the sentence above asks for; docs/errors.md says more of each code"
        yield f"{_COMMAND}status   changes nothing"


def _rows(label: str, texts: t.Sequence[str]) -> Iterator[Line]:
    for number, text in enumerate(texts):
        shown = "" if number else label
        yield Line(f"  {shown:{_WIDTH}} {text}")
