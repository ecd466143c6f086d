"""One fault, and the register of what each kind of fault does."""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable

if t.TYPE_CHECKING:
    from .breaker import Breaker

Undo = Callable[[], None]


@dataclasses.dataclass
class Fault:
    """``fired``: it did what it was for (write, cmdlet: was met; the others: at once).

    ``seen``: writes or calls counted so far; ``counted``: the numbers of their entries in the
    journal.
    """

    id: str
    spec: dict[str, t.Any]
    undo: list[Undo] = dataclasses.field(default_factory=list)
    fired: bool = False
    seen: int = 0
    counted: set[int] = dataclasses.field(default_factory=set)

    @property
    def host(self) -> str | None:
        """The machine that it is about; None: every machine."""
        return t.cast("str | None", self.spec["host"])

    def text(self, field: str) -> str:
        """What was asked for in a field that holds a text."""
        return str(self.spec[field])

    def number(self, field: str) -> int:
        """What was asked for in a field that holds a whole number."""
        return int(self.spec[field])

    @property
    def mode(self) -> str:
        """Of the ways in which a thing of this kind can be broken, the one that was asked for."""
        return str(self.spec["mode"])


#: It registers what undoes it. KeyError ("machine x") for what there is not, BadFault for what
#: cannot be.
Strike = Callable[["Breaker", Fault], None]
STRIKES: dict[str, Strike] = {}  # kind, as in specs.KINDS


def strikes(*kinds: str) -> Callable[[Strike], Strike]:
    """Register what happens when a fault of these kinds is added."""

    def register(strike: Strike) -> Strike:
        for kind in kinds:
            assert kind not in STRIKES, kind
            STRIKES[kind] = strike
        return strike

    return register
