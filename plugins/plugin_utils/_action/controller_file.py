"""Files of lines on the controller. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Iterable, Mapping

from .._engine.errors import Refused


def append_line(path: str, line: str) -> None:
    """One line more, on the disk before this returns; the file and its folder are made for their
    owner alone. Refuses (``record_unwritable``).
    """
    file = pathlib.Path(path).expanduser()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, f"{line}\n".encode())
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise Refused(
            f"The record {file} takes no line: {error.strerror}. Who looks for this operation later"
            " would not find it. Name a file that can be written (pchat_record), or none.",
            code="record_unwritable",
        ) from error


def text_of(path: str) -> str:
    """What the file holds, '' where there is none. Refuses (``record_unreadable``)."""
    file = pathlib.Path(path).expanduser()
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Refused(
            f"The record {file} cannot be read: {error.strerror}. Nothing is known of operations"
            " then. Run as a user who may read it, or name another file (pchat_record).",
            code="record_unreadable",
        ) from error


def replace_files(
    folder: pathlib.Path,
    files: Mapping[str, str],
    stale: Callable[[Iterable[tuple[str, str]]], list[str]],
) -> None:
    """These files, in a folder that is made for its owner alone; those that an earlier run wrote
    there go.

    ``stale``: which ones those are, told by name and first line. Refuses (``plan_unwritable``).
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = [(file.name, _first_line(file)) for file in folder.iterdir() if file.is_file()]
        for name in stale(there):
            (folder / name).unlink()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(
            f"The plan cannot be written to {folder}: {error.strerror}. Nobody could review it"
            " then. Name a folder that can be written (pchat_plan_folder), or none.",
            code="plan_unwritable",
        ) from error


def _first_line(file: pathlib.Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as lines:
        return lines.readline()
