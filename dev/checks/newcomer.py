"""./run newcomer: docs/deployment.md from end to end, as a newcomer who has nothing else.

The tarball in an empty folder, plain ansible-playbook, an estate of its own on the lab: looked at,
prepared, built, lost, failed over, brought home, by the blocks of the page. Tells of each command
how long it took and how many lines it printed.
"""

from __future__ import annotations

import pathlib
import sys
import tempfile

from support import labs
from support.newcomer import (
    ESTATE,
    Failed,
    Newcomer,
    Typed,
    build_and_rehearse,
    look_and_prepare,
    tarball,
)


def main() -> int:
    """1 when something that the page promises did not come true, 143 when it was ended."""
    try:
        return _walk()
    except labs.Terminated as asked:
        print(f"Ended by {asked}; the lab and the command that ran are stopped.", flush=True)
        return 143


def _walk() -> int:
    """1 when something did not come true."""
    with tempfile.TemporaryDirectory(prefix="newcomer") as place:
        folder = pathlib.Path(place)
        tarball(folder)
        with labs.running(ESTATE) as lab:
            newcomer = Newcomer(folder, lab, tell=_tell)
            try:
                look_and_prepare(newcomer)
                build_and_rehearse(newcomer)
            except Failed as failure:
                print(failure)
                return 1
    seconds = sum(typed.seconds for typed in newcomer.typed)
    lines = sum(typed.lines for typed in newcomer.typed)
    print(f"{seconds:6.1f} s {lines:5} lines  {len(newcomer.typed)} commands; all came true.")
    return 0


def _tell(typed: Typed) -> None:
    print(typed, flush=True)


if __name__ == "__main__":
    sys.exit(main())
