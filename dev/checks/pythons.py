"""The Pythons of this machine, found by running them: a version manager's shim stands on PATH even
when its version is not active.
"""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
from collections.abc import Iterator

#: An interpreter's own word: its version, and that virtual environments can be made with it.
ASK = "import sys, ensurepip, venv; print('%d.%d' % sys.version_info[:2])"
NAME = re.compile(r"python3\.\d+")


def folders() -> Iterator[pathlib.Path]:
    """Where interpreters may stand: PATH first, then those that pyenv and uv keep beside it."""
    yield from (pathlib.Path(name) for name in os.environ.get("PATH", "").split(os.pathsep) if name)
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv")
    for kept in (pyenv / "versions", pathlib.Path.home() / ".local" / "share" / "uv" / "python"):
        yield from sorted(kept.glob("*/bin"))


def ask(program: pathlib.Path) -> str | None:
    """The version it says it is; None when it does not run or cannot make virtual environments."""
    try:
        done = subprocess.run(
            [str(program), "-c", ASK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def present() -> dict[str, pathlib.Path]:
    """Version, as in ``3.11``, to the first interpreter found that is of this version."""
    found: dict[str, pathlib.Path] = {}
    for folder in folders():
        if not folder.is_dir():
            continue
        for program in sorted(folder.iterdir()):
            version = program.name.removeprefix("python")
            if NAME.fullmatch(program.name) and version not in found and ask(program) == version:
                found[version] = program
    return found
