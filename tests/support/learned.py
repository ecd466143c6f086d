"""What runs had to make, kept for those after them, whichever process those are of: a file to which
each appends.
"""

from __future__ import annotations

import os
import pathlib
import struct

#: Before each record: how many bytes it has.
_LENGTH = struct.Struct("!I")


class Learned:
    """The file, and how far this process and those that it forks have read it."""

    def __init__(self, file: pathlib.Path) -> None:
        self._file = file
        self._read = 0

    def tell(self, record: bytes) -> None:
        """One write for all of it, so that records of several processes do not mix."""
        to = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(to, _LENGTH.pack(len(record)) + record)
        finally:
            os.close(to)

    def news(self) -> list[bytes]:
        """What was told since; without a last record that is being written."""
        if not self._file.exists():
            return []
        with self._file.open("rb") as file:
            file.seek(self._read)
            there = file.read()
        found = []
        at = 0
        while at + _LENGTH.size <= len(there):
            end = at + _LENGTH.size + _LENGTH.unpack_from(there, at)[0]
            if end > len(there):
                break
            found.append(there[at + _LENGTH.size : end])
            at = end
        self._read += at
        return found
