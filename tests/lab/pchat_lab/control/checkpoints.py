"""The whole world put aside under a name and taken up again, as checkpoints of all its machines at
one moment would be.
"""

from __future__ import annotations

import pickle
import typing as t

import cloudpickle

if t.TYPE_CHECKING:
    from ..world.world import World


class Checkpoints:
    """Kept in memory, as long as the lab lives.

    What hangs in the air (open runspaces, answers that are being held back) is no part of them.
    """

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def take(self, name: str, world: World) -> None:
        """Under this name, instead of what it named before.

        Timers are closures, hence cloudpickle.
        """
        self._kept[name] = cloudpickle.dumps(world)

    def world(self, name: str) -> World:
        """A copy of its own at every call; its clock goes on from when the checkpoint was taken.

        KeyError when there is none of that name.
        """
        world = t.cast("World", pickle.loads(self._kept[name]))
        world.clock.resume()
        return world

    def names(self) -> list[str]:
        return sorted(self._kept)
