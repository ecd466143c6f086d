"""Runspaces that wait between the tasks of one run.

A runspace costs a process start on the host and, with Lync's module, seconds of import; Ansible
opens one per task. A kept one is disconnected at the end of a task and connected to again by the
next. All that is stored is the shell's id, in a file that only the owner may read, in the run's own
temporary folder: no credentials. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import uuid


def digest_of(identity: tuple[str, ...]) -> str:
    """A name for the files of one endpoint."""
    return hashlib.sha256("\0".join(identity).encode()).hexdigest()[:24]


class Kept:
    """The shell ids of one endpoint, shared by the worker processes of one run."""

    def __init__(self, folder: str, identity: tuple[str, ...]) -> None:
        self._path = pathlib.Path(folder, f"pchat-runspace-{digest_of(identity)}")

    def claim(self) -> str | None:
        """Take the waiting shell's id, or None.

        The rename makes the claim atomic: two tasks never connect to the same shell.
        """
        mine = self._path.with_suffix(f".{os.getpid()}")
        try:
            os.rename(self._path, mine)
            text = mine.read_text(encoding="ascii").strip()
            mine.unlink()
        except OSError:
            return None
        try:
            return str(uuid.UUID(text)).upper()
        except ValueError:
            return None

    def put(self, shell_id: str) -> bool:
        """Leave a disconnected shell for the next task.

        False when one is waiting already: the caller closes its own.
        """
        mine = self._path.with_suffix(f".{os.getpid()}.new")
        try:
            descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(shell_id)
            # fails when the name is taken, unlike rename
            os.link(mine, self._path)
            return True
        except OSError:
            return False
        finally:
            mine.unlink(missing_ok=True)
