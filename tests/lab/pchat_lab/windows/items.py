"""Items of the file system provider: Get-ChildItem, Get-Item, Test-Path, New-Item, Remove-Item,
Copy-Item (Microsoft.PowerShell.Management reference). Everything happens with the caller's
identity: a share on a third machine needs a delegated logon.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from ..powershell.errors import CmdletError, LabGap, no_prompt
from ..powershell.objects import Collection, Int64, PSObject, enum
from ..powershell.registry import Invocation, Parameter, cmdlet, signature
from ..world.storage import Entry, StorageError
from .common import (
    MANAGEMENT,
    file_path,
    is_wild,
    local,
    matches,
    names_from_input,
    provider_error,
    strings,
)
from .provider import provider_notes

_PATHS = {
    "Path": strings("Path", 0, pipeline=True),
    "LiteralPath": strings("LiteralPath", aliases=("PSPath",)),
}
_NO_TARGET = (
    "System.Collections.Generic.List`1[[System.String, mscorlib, Version=4.0.0.0, Culture=neutral, "
    "PublicKeyToken=b77a5c561934e089]]",
    "System.Object",
)
_ATTRIBUTES = {True: ("Directory", 16), False: ("Archive", 32)}


def item_object(call: Invocation, entry: Entry) -> PSObject:
    """A FileInfo or DirectoryInfo with the provider's notes."""
    parent, _unused, name = entry.path.rpartition("\\")
    stem, dot, extension = name.rpartition(".")
    full = f"{parent}\\{name}"
    when = local(call, entry.written_at)
    notes = {
        **provider_notes(full),
        "PSIsContainer": entry.is_folder,
        "Mode": "d-----" if entry.is_folder else "-a----",
        "BaseName": name if entry.is_folder or not dot else stem,
        "Target": Collection([], *_NO_TARGET),
        "LinkType": None,
    }
    if not entry.is_folder:
        notes["VersionInfo"] = f"File:             {full}\r\n"
    times = {}
    for kind in ("CreationTime", "LastAccessTime", "LastWriteTime"):
        times[kind] = when
        times[f"{kind}Utc"] = entry.written_at
    own: dict[str, t.Any] = {
        "Name": name,
        "FullName": full,
        "Extension": "" if entry.is_folder or not dot else f".{extension}",
        "Exists": True,
        **times,
        "Attributes": enum("System.IO.FileAttributes", *_ATTRIBUTES[entry.is_folder]),
    }
    if entry.is_folder:
        own.update(Parent=parent.rpartition("\\")[2], Root=full.partition("\\")[0] + "\\")
    else:
        own.update(
            Length=Int64(entry.size), DirectoryName=parent, Directory=parent, IsReadOnly=False
        )
    kind = "System.IO.DirectoryInfo" if entry.is_folder else "System.IO.FileInfo"
    return PSObject(
        [kind, "System.IO.FileSystemInfo", "System.MarshalByRefObject", "System.Object"],
        own,
        name,
        notes=notes,
    )


@cmdlet(
    "Get-ChildItem",
    signature(
        "Default: [Path] [Filter] Recurse? File? Directory? Force? Name?",
        "Literal: LiteralPath! [Filter] Recurse? File? Directory? Force? Name?",
        types={**_PATHS, "Recurse": Parameter("Recurse", "switch", ("s",))},
    ),
    module=MANAGEMENT,
)
def get_child_item(call: Invocation) -> Iterable[t.Any]:
    for path, literal in _given(call, default=True):
        parent, _unused, last = path.rpartition("\\")
        narrowed = not literal and is_wild(last)
        try:
            if not narrowed and call.world.storage.kind(path, call.machine, call.caller) == "file":
                found = [call.world.storage.entry(path, call.machine, call.caller)]
            else:
                found = _children(call, parent if narrowed else path, call.switch("Recurse"))
        except StorageError as error:
            call.errors.append(provider_error(error))
            continue
        pattern = last if narrowed else call.params.get("Filter")
        for entry in found:
            if (
                (pattern and not matches(entry.name, [pattern]))
                or (call.switch("File") and entry.is_folder)
                or (call.switch("Directory") and not entry.is_folder)
            ):
                continue
            yield entry.name if call.switch("Name") else item_object(call, entry)


@cmdlet(
    "Get-Item",
    signature("Default: [Path]! Force?", "Literal: LiteralPath! Force?", types=_PATHS),
    module=MANAGEMENT,
)
def get_item(call: Invocation) -> Iterable[t.Any]:
    for entry in _entries(call):
        yield item_object(call, entry)


@cmdlet(
    "Test-Path",
    signature(
        "Default: [Path]! PathType IsValid?",
        "Literal: LiteralPath! PathType IsValid?",
        types={
            **_PATHS,
            "PathType": Parameter(
                "PathType", "string", ("Type",), values=("Any", "Container", "Leaf")
            ),
        },
    ),
    module=MANAGEMENT,
)
def test_path(call: Invocation) -> Iterable[t.Any]:
    wanted = {"Container": "folder", "Leaf": "file"}.get(call.params.get("PathType") or "Any")
    if call.switch("IsValid"):
        raise LabGap("Test-Path -IsValid")
    for path, literal in _given(call):
        if not literal and is_wild(path):
            yield any(
                wanted in (None, "folder" if e.is_folder else "file") for e in _expand(call, path)
            )
            continue
        try:
            call.world.storage.resolve(path, call.machine, call.caller)
        except StorageError as error:
            if (
                error.os_code == 5
            ):  # it says so, and answers False (assumed for a share that the logon cannot reach)
                call.errors.append(
                    CmdletError(
                        "Access is denied",
                        "ItemExistsUnauthorizedAccessError",
                        "PermissionDenied",
                        "System.UnauthorizedAccessException",
                        path,
                    )
                )
        kind = call.world.storage.kind(path, call.machine, call.caller)
        yield kind is not None and wanted in (None, kind)


@cmdlet(
    "New-Item",
    signature(
        "Path: [Path]! ItemType Value Force?",
        "Name: [Path] Name! ItemType Value Force?",
        types={
            "Path": strings("Path", 0),
            "ItemType": Parameter("ItemType", "string", ("Type",), values=("File", "Directory")),
            "Value": Parameter("Value", "object", ("Target",)),
        },
        should_process=True,
    ),
    module=MANAGEMENT,
    changes=True,
)
def new_item(call: Invocation) -> Iterable[t.Any]:
    storage = call.world.storage
    machine = call.machine
    caller = call.caller
    folder = call.params.get("ItemType") == "Directory"
    out = []
    for path in [file_path(call, p) for p in call.params.get("Path") or ()]:
        path = f"{path.rstrip(chr(92))}\\{call.params['Name']}" if call.params.get("Name") else path
        try:
            if folder:
                storage.make_folder(path, machine, caller, exist_ok=call.switch("Force"))
            else:
                text = "" if call.params.get("Value") is None else str(call.params["Value"])
                storage.write(
                    path, text, len(text.encode()), machine, caller, overwrite=call.switch("Force")
                )
            out.append(item_object(call, storage.entry(path, machine, caller)))
        except StorageError as error:
            if error.os_code == 183 and folder:
                call.errors.append(
                    CmdletError(
                        f"An item with the specified name {path} already exists.",
                        "DirectoryExist",
                        "ResourceExists",
                        "System.IO.IOException",
                        path,
                    )
                )
            elif error.os_code == 3:
                call.errors.append(
                    CmdletError(
                        f"Could not find a part of the path '{path}'.",
                        "NewItemIOError",
                        "WriteError",
                        "System.IO.DirectoryNotFoundException",
                        path,
                    )
                )
            else:
                call.errors.append(provider_error(error))
    return out


@cmdlet(
    "Remove-Item",
    signature(
        "Default: [Path]! Recurse? Force?",
        "Literal: LiteralPath! Recurse? Force?",
        types=_PATHS,
        should_process=True,
    ),
    module=MANAGEMENT,
    changes=True,
)
def remove_item(call: Invocation) -> Iterable[t.Any]:
    for entry in _entries(call):
        try:
            call.world.storage.delete(
                entry.path, call.machine, call.caller, recurse=call.switch("Recurse")
            )
        except StorageError as error:
            if (
                error.os_code == 145
            ):  # it would ask whether the children are to go too, and nobody can answer
                raise no_prompt() from error
            call.errors.append(provider_error(error))
    return []


@cmdlet(
    "Copy-Item",
    signature(
        "Default: [Path]! [Destination] Recurse? Force? PassThru?",
        "Literal: LiteralPath! [Destination] Recurse? Force? PassThru?",
        types=_PATHS,
        should_process=True,
    ),
    module=MANAGEMENT,
    changes=True,
)
def copy_item(call: Invocation) -> Iterable[t.Any]:
    if not call.params.get("Destination"):
        raise LabGap(
            "Copy-Item without -Destination copies to the current location, which a runspace of "
            "this lab has none of"
        )
    target = file_path(call, call.params["Destination"])
    out: list[t.Any] = []
    for entry in _entries(call):
        try:
            into = call.world.storage.kind(target, call.machine, call.caller) == "folder"
            place = f"{target.rstrip(chr(92))}\\{entry.name}" if into else target
            _copy(call, entry, place)
            if call.switch("PassThru"):
                out.append(
                    item_object(call, call.world.storage.entry(place, call.machine, call.caller))
                )
        except StorageError as error:
            if error.os_code == 3:
                call.errors.append(
                    CmdletError(
                        f"Could not find a part of the path '{error.path}'.",
                        "CopyDirectoryInfoItemIOError",
                        "WriteError",
                        "System.IO.DirectoryNotFoundException",
                        error.path,
                    )
                )
            else:
                call.errors.append(provider_error(error))
    return out


def _copy(call: Invocation, entry: Entry, place: str) -> None:
    storage = call.world.storage
    if not entry.is_folder:
        storage.copy(entry.path, place, call.machine, call.caller)
        return
    storage.make_folder(place, call.machine, call.caller, exist_ok=True)
    if call.switch("Recurse"):
        for child in storage.list(entry.path, call.machine, call.caller):
            _copy(call, child, f"{place}\\{child.name}")


def _given(call: Invocation, default: bool = False) -> list[tuple[str, bool]]:
    """The paths that were given, and whether they are literal."""
    if call.params.get("LiteralPath") is not None:
        return [(file_path(call, path), True) for path in call.params["LiteralPath"]]
    paths = call.params.get("Path")
    if paths is None and call.inputs:
        return [
            (file_path(call, path), True) for path in names_from_input(call, "PSPath", "FullName")
        ]
    if paths is None and default:
        raise LabGap("a path must be given: a runspace of this lab has no current location")
    return [(file_path(call, path), False) for path in paths or ()]


def _entries(call: Invocation) -> Iterable[Entry]:
    """The items that the paths mean; what is not there is a non-terminating error, unless it was a
    pattern.
    """
    for path, literal in _given(call):
        if not literal and is_wild(path):
            yield from _expand(call, path)
            continue
        try:
            yield call.world.storage.entry(path, call.machine, call.caller)
        except StorageError as error:
            call.errors.append(provider_error(error))


def _expand(call: Invocation, path: str) -> list[Entry]:
    parent, _unused, last = path.rpartition("\\")
    if is_wild(parent):
        raise LabGap(f"wildcards in folders: {path}")
    try:
        return [
            e
            for e in call.world.storage.list(parent, call.machine, call.caller)
            if matches(e.name, [last])
        ]
    except StorageError as error:
        if error.os_code == 5:
            call.errors.append(provider_error(error))
        return []


def _children(call: Invocation, path: str, recurse: bool) -> list[Entry]:
    found = call.world.storage.list(path, call.machine, call.caller)
    if recurse:
        for folder in [e for e in found if e.is_folder]:
            found += _children(call, folder.path, True)
    return found
