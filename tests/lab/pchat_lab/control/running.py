"""Which labs run: each holds a lock on its lab.pid for as long as it lives, so a file left by a
killed one says nothing, whoever has its number now.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import stat
import tempfile
from collections.abc import Iterator


class UnsafeFolder(OSError):
    """A folder or file under the shared temporary folder is not ours alone; the text says which,
    why it matters and what to do.
    """


@contextlib.contextmanager
def declared(folder: pathlib.Path) -> Iterator[None]:
    """This process is the lab of this folder, until the end of the block.

    OSError when another one is.
    """
    file = folder / "lab.pid"
    number = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(number, "w", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held.truncate()  # only now: what stood there may have been a living lab's
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
    """Whether this block of loopback addresses is ours to start a lab in, until the end of the
    block. One lock for the whole machine: labs of other clones share the addresses. Released with
    the process that holds it. UnsafeFolder when somebody else could be behind the lock.
    """
    with _folder_of_locks() as folder:
        held = _lock_file(folder, f"{net}.lock")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
        finally:
            os.close(held)


@contextlib.contextmanager
def _folder_of_locks() -> Iterator[int]:
    """A descriptor of the folder under the shared temporary folder: ours, and nobody else's to
    write in.
    """
    path = pathlib.Path(tempfile.gettempdir(), f"chatlab-{os.getuid()}")
    path.mkdir(mode=0o700, exist_ok=True)
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise UnsafeFolder(
            _refusal(path, "it is no folder of its own, but a link or a file")
        ) from error
    try:
        found = os.fstat(folder)
        if found.st_uid != os.getuid():
            raise UnsafeFolder(_refusal(path, f"it belongs to the user with number {found.st_uid}"))
        if stat.S_IMODE(found.st_mode) & 0o077:
            raise UnsafeFolder(
                _refusal(
                    path, f"others may use it (mode {stat.S_IMODE(found.st_mode):o} instead of 700)"
                )
            )
        yield folder
    finally:
        os.close(folder)


def _lock_file(folder: int, name: str) -> int:
    """A descriptor of this file there, made when it is missing.

    Nothing is ever written to it, so nothing can be lost behind it.
    """
    try:
        held = os.open(
            name,
            os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK,
            0o600,
            dir_fd=folder,
        )
    except OSError as error:
        raise UnsafeFolder(_refusal(name, "it is a link, or cannot be opened")) from error
    if not stat.S_ISREG(os.fstat(held).st_mode):
        os.close(held)
        raise UnsafeFolder(_refusal(name, "it is no plain file"))
    return held


def _refusal(what: object, why: str) -> str:
    return (
        f"{what} is to hold the locks by which labs share this machine's loopback addresses, but "
        f"{why}. A lock there could be "
        "somebody else's doing, so it is left alone. Look at it and remove it, or set TMPDIR to a "
        "folder of your own."
    )
