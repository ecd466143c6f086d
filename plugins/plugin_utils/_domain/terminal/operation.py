"""One failover, failback or mirror failover of one pool, as a run goes through it. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..._engine.progress import span
from ..documents.plan import LossDocument, MoveDocument, SituationDocument
from . import closing
from .told import Line, Returned

#: Moves that put a copy to work on their host.
_OPENS = frozenset({"recover_database", "restore_tail", "reopen_primary", "force_service"})
_UNSEEN: SituationDocument = {"name": "Unknown", "text": "Nobody has looked."}


class Operation:
    """``now``: a clock, in seconds. ``checking``: it is a check run."""

    def __init__(self, now: Callable[[], float], checking: bool) -> None:
        self._now = now
        self._checking = checking
        self._began = now()
        self._move_began = self._began
        self._move: MoveDocument | None = None
        self._just_done: MoveDocument | None = None
        self._announced: list[MoveDocument] = []
        self._agreed: LossDocument | None = None
        self._target = ""
        self._pool = ""
        self._situation = _UNSEEN
        self._opened = ""
        self._done = 0
        self._total = 0
        self._refused = False
        self._is_told = False

    @property
    def pool(self) -> str:
        """Its FQDN, '' before the first plan."""
        return self._pool

    @property
    def goes_on(self) -> bool:
        """A move is under way."""
        return self._move is not None

    def planned(self, result: Returned) -> Iterator[Line]:
        """A plan: shown when it is the first one; an empty one after moves is the end."""
        self._take(result)
        moves = result.get("moves", [])
        self._total = self._done + len(moves)
        self._just_done = None
        if self._agreed is None:
            self._agreed = result.get("loss")
            self._announced = moves
            self._is_told = not moves
            for line in result.get("lines", []):
                yield Line(line)
        elif not moves and self._done:
            yield from self._told("done", result)

    def refused(self, result: Returned) -> Iterator[Line]:
        """What was seen before the sentence of the refusal, which is told as what went wrong."""
        self._take(result)
        self._refused = True
        sentence = str(result.get("msg"))
        for line in result.get("lines", []):
            if sentence not in line:
                yield Line(line)

    def begins(self, move: MoveDocument) -> Iterator[Line]:
        """A task of a move begins; the first one of it is told. Some come after its end, to write
        it down.
        """
        if self._move is not None or move == self._just_done:
            return
        self._move = move
        self._move_began = self._now()
        where = f" on {move['host']}" if move["host"] else ""
        mark = "  [ONE-WAY]" if move["one_way"] else ""
        number = f"{self._done + 1:2} of {max(self._total, self._done + 1)}"
        why = "" if move in self._announced else f": {move['why']}"
        yield Line(f"{number}  {move['name']}{where}{mark}{why}", "change")

    def did(self, count: int) -> Iterator[Line]:
        """So many moves are done now."""
        if count <= self._done:
            return
        self._done = count
        move = self._move
        self._move = None
        self._just_done = move
        if move is None:
            return
        if move["name"] in _OPENS:
            self._opened = move["host"] or ""
        if not self._checking:
            yield Line(f"         done, {span(self._now() - self._move_began)}", "good")

    def over(self) -> Iterator[Line]:
        """The closing block of an operation that did not come to its own end."""
        if self._is_told or not self._target:
            return
        if self._checking and not self._refused:
            yield from self._told("checked", {})
        elif self._refused:
            yield from self._told("refused", {})
        elif self._done or self._move:
            yield from self._told("stopped", {})
        else:
            yield from self._told("untouched", {})

    def _take(self, result: Returned) -> None:
        self._target = result.get("target", self._target)
        self._pool = result.get("pool", self._pool)
        self._situation = result.get("situation", self._situation)

    def _told(self, outcome: closing.Outcome, result: Returned) -> Iterator[Line]:
        self._is_told = True
        yield from closing.lines_of(
            closing.Ending(
                target=self._target,
                pool=self._pool,
                outcome=outcome,
                situation=self._situation,
                moves=self._done,
                total=self._total,
                seconds=span(self._now() - self._began),
                loss=self._agreed,
                unwritable=result.get("unwritable"),
                left_behind=tuple(result.get("left_behind", [])),
                opened=self._opened,
            )
        )
