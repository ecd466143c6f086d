"""The states that writes leave, each put aside as its write is done."""

from __future__ import annotations

import typing as t

from ..world.journal import Entry
from .checkpoints import Checkpoints

if t.TYPE_CHECKING:
    from ..world.world import World


class KeptStates:
    """Checkpoints NAME 0 (the estate as it is when this begins), NAME 1 after the next write, and
    so on, until ``end``.

    What a client finds that comes back after its n-th write, having heard of no answer, is NAME n.
    Writes are counted as a fault of kind write counts them. A write that ended with an error of its
    cmdlet leaves no state; its number is left out.
    """

    def __init__(self, name: str, world: World, checkpoints: Checkpoints) -> None:
        self._name = name
        self._world = world
        self._checkpoints = checkpoints
        self._before = len(world.journal.writes())
        self.numbers: list[int] = []
        self._keep(0)
        world.witnesses.append(self._written)

    def end(self) -> None:
        """What was kept stays; nothing is added to it."""
        if self._written in self._world.witnesses:
            self._world.witnesses.remove(self._written)

    def forget(self) -> None:
        """They take room, a megabyte each."""
        self.end()
        self._checkpoints.forget(self._title(number) for number in self.numbers)

    def _written(self, _entry: Entry) -> None:
        self._keep(len(self._world.journal.writes()) - self._before)

    def _keep(self, number: int) -> None:
        self._checkpoints.take(self._title(number), self._world)
        if number not in self.numbers:
            self.numbers.append(number)

    def _title(self, number: int) -> str:
        return f"{self._name} {number}"
