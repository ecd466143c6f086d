"""Files and folders of the machines, and the shares through which others see them.

A path is local (``D:\\folder\\file``) or UNC (``\\\\host\\share\\folder\\file``). Share rights
decide over UNC access; there is no NTFS detail:
on the machine itself everybody may do everything. Error codes and texts: Microsoft's System Error
Codes (0-499).
"""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import typing as t

from . import disks
from .machine import File, Machine, Share
from .network import Account, Caller, on_the_network
from .paths import Entry, Parts, Place, StorageError, split

if t.TYPE_CHECKING:
    from .world import World

Who = Caller | Account | str
READ = 1
CHANGE = 2
FULL = 3
__all__ = ["Entry", "Place", "Storage", "StorageError"]
_RIGHTS = {"read": READ, "change": CHANGE, "full": FULL}


Names = list[str]
Entries = list[Entry]  # a name of its own, as Storage has a method called list


class Storage:
    """All disks of the estate.

    ``machine`` is where an access starts, ``account`` who makes it: a Caller that is not delegated,
    or LOCAL SERVICE, is nobody on any other machine (5); other local identities are the machine
    account there.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    # --- reading

    def read(self, path: str, machine: Machine, account: Who) -> File:
        """The file. StorageError 2 (no such file), 3 (no such folder), 5, 53, 67."""
        place = self.resolve(path, machine, account, READ)
        found = place.machine.files.get(place.key)
        if found is None:
            if self._is_folder(place):
                raise StorageError(5, path)
            raise StorageError(2 if place.parent in self._folders(place.machine) else 3, path)
        return found

    def exists(self, path: str, machine: Machine, account: Who) -> bool:
        """Whether a file or folder is there *and can be seen*; every error reads as no, as in
        Windows.
        """
        return self.kind(path, machine, account) is not None

    def kind(self, path: str, machine: Machine, account: Who) -> str | None:
        """``file``, ``folder``, or None when nothing is there or can be seen."""
        try:
            place = self.resolve(path, machine, account, READ)
        except StorageError:
            return None
        if place.key in place.machine.files:
            return "file"
        return "folder" if self._is_folder(place) else None

    def list(self, path: str, machine: Machine, account: Who) -> Entries:
        """What a folder holds, folders first, by name. StorageError 3 when it is no folder."""
        place = self.resolve(path, machine, account, READ)
        self._may_list(place, path)
        under = place.key + "\\"
        folders = [
            key
            for key in place.machine.folders
            if key.startswith(under) and "\\" not in key[len(under) :]
        ]
        files = [
            key
            for key in place.machine.files
            if key.startswith(under) and "\\" not in key[len(under) :]
        ]
        return [self._entry(path, place.machine, key) for key in (*sorted(folders), *sorted(files))]

    def file_names(self, path: str, machine: Machine, account: Who) -> Names:
        """Only the names of the files in a folder, in no order: what a job needs that looks every
        few minutes. StorageError 3 when it is no folder.
        """
        place = self.resolve(path, machine, account, READ)
        self._may_list(place, path)
        under = place.key + "\\"
        shown = place.machine.shown
        start = len(under)
        return [
            shown.get(key, key).rpartition("\\")[2]
            for key in place.machine.files
            if key.startswith(under) and "\\" not in key[start:]
        ]

    def entry(self, path: str, machine: Machine, account: Who) -> Entry:
        """One file or folder. StorageError 2 or 3 when there is none."""
        place = self.resolve(path, machine, account, READ)
        if place.key not in place.machine.files and not self._is_folder(place):
            raise StorageError(2 if place.parent in self._folders(place.machine) else 3, path)
        return dataclasses.replace(self._entry(path, place.machine, place.key), path=path)

    # --- writing

    def write(
        self,
        path: str,
        content: t.Any,
        size: int,
        machine: Machine,
        account: Who,
        overwrite: bool = True,
    ) -> File:
        """Create or replace a file.

        StorageError 3, 5, 32 (held open), 53, 67, 112, 183 (there already, and not ``overwrite``).
        """
        place = self.resolve(path, machine, account, CHANGE)
        old = place.machine.files.get(place.key)
        if self._is_folder(place):
            raise StorageError(5, path)
        if old is not None and not overwrite:
            raise StorageError(183, path)
        self._need_room(place, path, size - (old.size if old is not None else 0))
        if old is not None and old.held_by:
            raise StorageError(32, path)
        made = File(content, self._time(place.machine), size)
        place.machine.files[place.key] = made
        place.machine.shown.setdefault(place.key, place.path)
        return made

    def append(self, path: str, content: str, size: int, machine: Machine, account: Who) -> File:
        """Add text to the end of a text file, which is made if it is not there.

        StorageError as for ``write``.
        """
        place = self.resolve(path, machine, account, CHANGE)
        old = place.machine.files.get(place.key)
        if old is None:
            return self.write(path, content, size, machine, account)
        if not isinstance(old.content, str):
            raise StorageError(5, path)
        self._need_room(place, path, size)
        old.content += content
        old.size += size
        old.written_at = self._time(place.machine)
        return old

    def make_folder(
        self, path: str, machine: Machine, account: Who, exist_ok: bool = False
    ) -> None:
        """Create a folder and the ones above it.

        StorageError 183 when it is there (unless ``exist_ok``), or a file of the name is.
        """
        place = self.resolve(path, machine, account, CHANGE)
        if place.key in place.machine.files or (self._is_folder(place) and not exist_ok):
            raise StorageError(183, path)
        self._make_folders(place.machine, place.path)

    def delete(self, path: str, machine: Machine, account: Who, recurse: bool = False) -> None:
        """Delete a file or a folder.

        StorageError 2, 3, 5, 32, 145 (a folder that is not empty, without ``recurse``).
        """
        place = self.resolve(path, machine, account, CHANGE)
        if place.key in place.machine.files:
            if place.machine.files[place.key].held_by:
                raise StorageError(32, path)
            del place.machine.files[place.key]
            return
        if not self._is_folder(place):
            raise StorageError(2 if place.parent in self._folders(place.machine) else 3, path)
        self._delete_folder(place, path, recurse)

    def rename(self, path: str, new_path: str, machine: Machine, account: Who) -> File:
        """Give a file another name on the same machine.

        StorageError 183 when the new one is taken.
        """
        source = self.resolve(path, machine, account, CHANGE)
        target = self.resolve(new_path, machine, account, CHANGE)
        found = self.read(path, machine, account)
        if found.held_by:
            raise StorageError(32, path)
        if target.key in target.machine.files and target.key != source.key:
            raise StorageError(183, new_path)
        if target.parent not in self._folders(target.machine):
            raise StorageError(3, new_path)
        del source.machine.files[source.key]
        target.machine.files[target.key] = found
        target.machine.shown[target.key] = target.path
        return found

    def copy(
        self, path: str, new_path: str, machine: Machine, account: Who, overwrite: bool = True
    ) -> File:
        """Copy a file; the copy keeps the source's time, size and damage.

        Content that can change is copied with ``copy.copy``.
        """
        source = self.read(path, machine, account)
        made = self.write(
            new_path, copy.copy(source.content), source.size, machine, account, overwrite
        )
        made.written_at = source.written_at
        made.damaged = source.damaged
        return made

    # --- where a path leads and who may go there

    def resolve(self, path: str, machine: Machine, account: Who, right: int = READ) -> Place:
        """Where a path leads, if this account has this right there. StorageError 3, 5, 53, 67,
        123. Says nothing about what is there."""
        text = path.strip().replace("/", "\\")
        parts = split(text)
        if text.startswith("\\\\"):
            return self._through_share(path, parts, machine, account, right)
        if not parts or len(parts[0]) != 2 or parts[0][1] != ":":
            raise StorageError(123, path)
        if parts[0].lower() not in machine.drives:
            raise StorageError(3, path, no_drive=True)
        return Place(machine, "\\".join(parts), None)

    def _through_share(
        self, path: str, parts: Parts, machine: Machine, account: Who, right: int
    ) -> Place:
        host = self._host(parts[0]) if parts else None
        if (
            host is None
            or not self._world.network.reachable(machine.fqdn, host.fqdn)
            or not _serves(host)
        ):
            raise StorageError(53, path)
        if len(parts) < 2:
            raise StorageError(67, path)
        share = self._share(host, parts[1])
        fault = host.share_faults.get(parts[1].lower())
        if share is None or fault == "gone":
            raise StorageError(67, path)
        if fault == "denied" or self.right_on(share, host, machine, account) < right:
            raise StorageError(5, path)
        return Place(host, "\\".join((share.path.rstrip("\\"), *parts[2:])), share)

    def right_on(self, share: Share, host: Machine, machine: Machine, account: Who) -> int:
        """0 (none), READ, CHANGE or FULL: what an account coming from ``machine`` may do through a
        share of ``host``.
        """
        who = self._identity(machine, host, account)
        if who is None:
            return 0
        names = {
            who.name.lower(),
            "everyone",
            "authenticated users",
            "nt authority\\authenticated users",
        }
        for group in who.groups:
            names.add(group.lower())
            names.add(f"{self._world.domain.lower()}\\{group.lower()}")
        if who.is_in("Domain Admins"):
            names |= {"builtin\\administrators", "administrators"}
        if who.name.endswith("$"):
            names |= {"domain computers", f"{self._world.domain.lower()}\\domain computers"}
        rights = {name.lower(): right.lower() for name, right in share.rights.items()}
        if any(rights.get(name) == "deny" for name in names):
            return 0
        return max((_RIGHTS[rights[name]] for name in names & rights.keys()), default=0)

    def _identity(self, machine: Machine, host: Machine, account: Who) -> Account | None:
        """Who an access is for the machine that keeps the files; None: nobody."""
        if isinstance(account, Caller):
            if host is machine or account.goes_to("cifs", host.fqdn):
                return account.account
            return None
        name = on_the_network(
            account if isinstance(account, str) else account.name, machine.machine_account
        )
        if name is None:
            return None
        if isinstance(account, Account) and account.name == name:
            return account
        return self._world.account(name)

    def _host(self, name: str) -> Machine | None:
        try:
            return self._world.machine(name)
        except KeyError:
            return next((m for m in self._world.machines.values() if m.address == name), None)

    def _share(self, host: Machine, name: str) -> Share | None:
        """A share, or an administrative one (``D$``), which administrators have on every drive."""
        low = name.lower()
        if len(low) == 2 and low[1] == "$" and f"{low[0]}:" in host.drives:
            return Share(name, f"{name[0]}:", {"BUILTIN\\Administrators": "Full"})
        return host.shares.get(low)

    # --- helpers

    def _need_room(self, place: Place, path: str, more: int) -> None:
        """StorageError 112 unless there is room for so many bytes more."""
        machine = place.machine
        if place.parent not in self._folders(machine):
            raise StorageError(3, path)
        full = any(
            place.key.startswith(folder.rstrip("\\").lower() + "\\") for folder in machine.disk_full
        )
        if more > disks.free(machine, disks.drive_of(place.key)):
            full = True
        if full or (
            place.share is not None and machine.share_faults.get(place.share.name.lower()) == "full"
        ):
            raise StorageError(112, path)

    def _may_list(self, place: Place, path: str) -> None:
        """StorageError 3 when it is no folder, 5 when it may be passed through only."""
        if not self._is_folder(place):
            raise StorageError(3, path)
        share = place.share
        if share and place.machine.share_faults.get(share.name.lower()) == "unlisted":
            raise StorageError(5, path)

    def _delete_folder(self, place: Place, path: str, recurse: bool) -> None:
        under = place.key + "\\"
        machine = place.machine
        files = [key for key in machine.files if key.startswith(under)]
        folders = [key for key in machine.folders if key.startswith(under)]
        if (files or folders) and not recurse:
            raise StorageError(145, path)
        if place.key in machine.drives or any(machine.files[key].held_by for key in files):
            raise StorageError(32, path)
        for key in files:
            del machine.files[key]
        machine.folders.difference_update(folders, {place.key})

    def _make_folders(self, machine: Machine, path: str) -> None:
        parts = path.split("\\")
        for count in range(2, len(parts) + 1):
            made = "\\".join(parts[:count])
            if made.lower() in machine.files:
                raise StorageError(183, path)
            machine.folders.add(made.lower())
            machine.shown.setdefault(made.lower(), made)

    def _folders(self, machine: Machine) -> set[str]:
        return machine.folders | set(machine.drives)

    def _is_folder(self, place: Place) -> bool:
        return place.key in place.machine.folders or place.key in place.machine.drives

    def _entry(self, asked: str, machine: Machine, key: str) -> Entry:
        name = machine.shown.get(key, key).rpartition("\\")[2]
        file = machine.files.get(key)
        if file is None:
            return Entry(
                name,
                f"{asked.rstrip(chr(92))}\\{name}",
                True,
                0,
                machine.booted_at or self._world.clock.now(),
            )
        return Entry(name, f"{asked.rstrip(chr(92))}\\{name}", False, file.size, file.written_at)

    def _time(self, machine: Machine) -> dt.datetime:
        """Now, UTC, by the clock of the machine that keeps the file."""
        return self._world.clock.now() + dt.timedelta(seconds=machine.clock_skew_seconds)


def _serves(host: Machine) -> bool:
    """Whether the machine's Server service answers; one that lists none has it."""
    server = host.services.get("lanmanserver")
    return server is None or server.status == "Running"
