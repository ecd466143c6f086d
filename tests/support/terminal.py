"""A person at a terminal: sees what a command prints, and answers its questions with yes."""

from __future__ import annotations

import math
import os
import pathlib
import pty
import select
import subprocess
import time

from support import labs

#: What an operation shows when it waits for a person.
_QUESTION = "Type yes to carry out the plan above"
#: Seconds after which a person types again what seems to have gone unheard.
_PATIENCE = 3.0


def at_a_terminal(
    words: list[str], folder: pathlib.Path, environment: dict[str, str], limit: float = 600.0
) -> tuple[int, str]:
    """Exit status and what was printed. Raises TimeoutError when it does not end within ``limit``
    seconds.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # setsid: a terminal that is a session's own, as a person's is
        ["setsid", "--ctty", *words],
        cwd=folder,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        printed = _conversation(ours, process, limit)
        return process.wait(timeout=30), printed
    finally:
        if process.poll() is None:
            labs.end(process)
        os.close(ours)


def _has_gone_on(printed: bytes) -> bool:
    """More than what is typed stands behind the last question."""
    behind = printed.decode(errors="replace").rpartition(_QUESTION + ":")[2]
    return bool(behind.replace("yes", "").strip())


def _conversation(terminal: int, process: subprocess.Popen[bytes], limit: float) -> str:
    """All that is printed until the program ends; its questions are answered.

    What is typed before Ansible reads is thrown away (it prints its question, and then forgets what
    came until then), so a person who sees nothing happen types it again.
    """
    printed = b""
    asked = 0
    again_at = math.inf
    until = time.monotonic() + limit
    while time.monotonic() < until:
        readable, _writable, _other = select.select([terminal], [], [], 0.2)
        if readable:
            try:
                printed += os.read(terminal, 65536)
            except OSError:  # the other side is closed
                break
        elif process.poll() is not None:
            break
        questions = printed.decode(errors="replace").count(_QUESTION + ":")
        if questions > asked or time.monotonic() > again_at:
            asked = questions
            os.write(terminal, b"yes\n")
            again_at = time.monotonic() + _PATIENCE
        elif asked and _has_gone_on(printed):
            again_at = math.inf
    else:
        seen = printed[-2000:].decode(errors="replace")
        raise TimeoutError(f"no end after {limit:.0f} s: {seen}")
    return printed.decode(errors="replace").replace("\r\n", "\n")
