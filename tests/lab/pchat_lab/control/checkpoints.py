"""The whole world put aside under a name and taken up again, as checkpoints of all its machines at
one moment would be. A file carries one from a lab to another lab of the same estate.
"""

from __future__ import annotations

import os
import pathlib
import pickle
import platform
import typing as t
from collections.abc import Iterable

import cloudpickle

if t.TYPE_CHECKING:
    from ..world.world import World

LARGEST_FILE = 256 << 20
#: Closures are code, which is of one version of Python.
_BEGIN = f"chatlab checkpoint, Python {platform.python_version()}\n".encode()


class OtherEstateError(Exception):
    """A checkpoint of another estate than the lab's; the text names both."""


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

    def write(self, name: str, file: pathlib.Path) -> None:
        """OSError when that cannot be. A file appears when it is whole."""
        unfinished = file.with_name(f"{file.name}.{os.getpid()}")
        unfinished.write_bytes(_BEGIN + self._kept[name])
        unfinished.replace(file)

    def read(self, name: str, file: pathlib.Path) -> None:
        """Under this name, from a file that a lab wrote.

        ValueError for another one; OSError when it cannot be read.
        """
        if not file.is_file() or file.stat().st_size > LARGEST_FILE:
            raise ValueError(f"it is no file of at most {LARGEST_FILE >> 20} MB")
        begin, found, kept = file.read_bytes().partition(_BEGIN)
        if begin or not found:
            raise ValueError("no lab with this version of Python wrote it")
        self._kept[name] = kept

    def forget(self, names: Iterable[str]) -> None:
        for name in names:
            self._kept.pop(name, None)

    def names(self) -> list[str]:
        return sorted(self._kept)
