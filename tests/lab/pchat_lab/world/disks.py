"""How much room there is on the drives of a machine."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from .machine import Machine

MB = 1 << 20
_GB = 1 << 30
#: Gigabytes of a drive of which the estate says nothing.
USUAL_GB = 100


def size(machine: Machine, drive: str) -> int:
    """Bytes of a drive (``d:``)."""
    return machine.drive_gb.get(drive, USUAL_GB) * _GB


def free(machine: Machine, drive: str) -> int:
    """Bytes that are left on a drive."""
    if drive in machine.disk_full:
        return 0
    used = machine.drive_taken.get(drive, 0)
    for path, file in machine.files.items():
        if path.startswith(drive):
            used += file.size
    return max(0, size(machine, drive) - used)


def leave(machine: Machine, drive: str, room: int) -> None:
    """Something that is no file of ours takes all of a drive but this many bytes."""
    taken = machine.drive_taken.get(drive, 0)
    machine.drive_taken[drive] = max(0, taken + free(machine, drive) - room)


def drive_of(path: str) -> str:
    """``d:`` of a local path."""
    return path[:2].lower()
