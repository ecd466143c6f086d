"""Faults of shares, files and folders."""

from __future__ import annotations

from ..world import disks
from .breaker import Breaker
from .fault import Fault, strikes


@strikes("share")
def share(breaker: Breaker, fault: Fault) -> None:
    """A share is gone, denied, or full."""
    machine = breaker.host(fault)
    name = fault.text("share").lower()
    if name not in machine.shares:
        raise KeyError(f"share {name!r} on {machine.fqdn}")
    before = machine.share_faults.get(name)
    machine.share_faults[name] = fault.mode
    fault.fired = True

    def whole() -> None:
        if before is None:
            machine.share_faults.pop(name, None)
        else:
            machine.share_faults[name] = before

    fault.undo.append(whole)


@strikes("file")
def file(breaker: Breaker, fault: Fault) -> None:
    """A file is damaged, or gone."""
    machine = breaker.host(fault)
    key = fault.text("path").lower()
    found = machine.files.get(key)
    if found is None:
        raise KeyError(f"file {key!r} on {machine.fqdn} (a local path of that machine is needed)")
    fault.fired = True
    if fault.mode != "missing":
        breaker.hold_flag(fault, found, "damaged", ("damaged", machine.fqdn, key))
        return
    del machine.files[key]

    def back() -> None:
        machine.files.setdefault(key, found)

    fault.undo.append(back)


@strikes("disk_full")
def disk_full(breaker: Breaker, fault: Fault) -> None:
    """A folder takes no more bytes."""
    machine = breaker.host(fault)
    folder = fault.text("folder").lower().rstrip("\\")
    if folder not in machine.folders and folder not in machine.drives:
        raise KeyError(f"folder {folder!r} on {machine.fqdn}")
    breaker.hold_member(fault, machine.disk_full, folder, ("full", machine.fqdn, folder))
    fault.fired = True


@strikes("disk_space")
def disk_space(breaker: Breaker, fault: Fault) -> None:
    """Something else takes what was left of a drive."""
    machine = breaker.host(fault)
    drive = fault.text("drive")
    if drive not in machine.drives:
        raise KeyError(f"drive {drive!r} on {machine.fqdn}")
    before = machine.drive_taken.get(drive, 0)
    disks.leave(machine, drive, fault.number("free_mb") * disks.MB)
    fault.fired = True

    def back() -> None:
        machine.drive_taken[drive] = before

    fault.undo.append(back)
