"""Which labs run: each holds a lock on its lab.pid for as long as it lives, so a file left by a killed one says nothing, whoever has its number now."""
from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import tempfile
from collections.abc import Iterator


@contextlib.contextmanager
def declared(folder: pathlib.Path) -> Iterator[None]:
    """This process is the lab of this folder, until the end of the block."""
    file = folder / "lab.pid"
    with file.open("w", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write(f"{os.getpid()}\n")
        held.flush()
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def pid_of(folder: pathlib.Path) -> int | None:
    """The process id of the lab in this folder, if it runs."""
    try:
        with (folder / "lab.pid").open(encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read())
    except (OSError, ValueError):
        pass
    return None


@contextlib.contextmanager
def reserved(net: str) -> Iterator[bool]:
    """Whether this block of loopback addresses is ours to start a lab in, until the end of the block. One lock for the whole machine: labs of other
    clones share the addresses. Released with the process that holds it."""
    folder = pathlib.Path(tempfile.gettempdir(), f"chatlab-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / f"{net}.lock").open("w", encoding="ascii") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
