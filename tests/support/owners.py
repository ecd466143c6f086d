"""The processes that hold the runspaces of runs, as the operating system tells of them (Linux)."""

from __future__ import annotations

import pathlib

from . import labs


def owners(lab: labs.Lab) -> list[int]:
    """Process ids of those that hold runspaces on the hosts of this lab, of runs that were started
    as programs of their own.
    """
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        is_owner = _read(folder / "comm").strip() == "pchat-owner"
        if is_owner and str(lab.connection_file) in _read(folder / "cmdline"):
            found.append(int(folder.name))
    return found


def _read(file: pathlib.Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""
