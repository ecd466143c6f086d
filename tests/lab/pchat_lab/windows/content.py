"""Get-Content, Set-Content (Microsoft.PowerShell.Management) and Get-FileHash
(Microsoft.PowerShell.Utility, from PowerShell 4).
"""

from __future__ import annotations

import hashlib
import typing as t
from collections.abc import Iterable

from ..powershell.errors import CmdletError, LabGap
from ..powershell.objects import Int64, PSObject, noted
from ..powershell.registry import Invocation, Parameter, cmdlet, signature
from ..world.machine import File
from ..world.storage import StorageError
from .common import (
    MANAGEMENT,
    UTILITY,
    file_path,
    is_wild,
    names_from_input,
    provider_error,
    since,
    strings,
)
from .provider import provider_notes

#: -Encoding -> Python codec. Default: the ANSI code page, taken to be Western European.
_CODECS = {
    "Unknown": "utf-16-le",
    "String": "utf-16-le",
    "Unicode": "utf-16-le",
    "Byte": "",
    "BigEndianUnicode": "utf-16-be",
    "UTF8": "utf-8",
    "UTF7": "utf-7",
    "UTF32": "utf-32-le",
    "Ascii": "ascii",
    "Default": "cp1252",
    "Oem": "cp437",
}
_PATHS = {
    "Path": strings("Path", 0, pipeline=True),
    "LiteralPath": strings("LiteralPath", aliases=("PSPath",)),
    "Encoding": Parameter("Encoding", "string", values=tuple(_CODECS)),
    "Value": Parameter("Value", "object", position=1, pipeline=True),
}
_ALGORITHMS = {
    "SHA1": "sha1",
    "SHA256": "sha256",
    "SHA384": "sha384",
    "SHA512": "sha512",
    "MD5": "md5",
}


@cmdlet(
    "Set-Content",
    signature(
        "Default: [Path]! [Value]! Encoding Force? PassThru?",
        "Literal: LiteralPath! [Value]! Encoding Force? PassThru?",
        types={**_PATHS, "Path": strings("Path", 0)},
        should_process=True,
    ),
    module=MANAGEMENT,
    changes=True,
)
def set_content(call: Invocation) -> Iterable[t.Any]:
    codec = _codec(call, "Default")
    value = call.params.get("Value", call.inputs)
    lines = value if isinstance(value, list) else [value]
    # What the encoding cannot say becomes a question mark, and is lost.
    text = (
        "".join(f"{'' if line is None else line}\r\n" for line in lines)
        .encode(codec, "replace")
        .decode(codec)
    )
    size = len(text.encode(codec)) + {
        "utf-8": 3,
        "utf-16-le": 2,
        "utf-16-be": 2,
        "utf-32-le": 4,
    }.get(codec, 0)
    for path in _paths(call):
        try:
            call.world.storage.write(path, text, size, call.machine, call.caller)
        except StorageError as error:
            if error.os_code == 3:
                call.errors.append(
                    CmdletError(
                        f"Could not find a part of the path '{path}'.",
                        "GetContentWriterDirectoryNotFoundError",
                        "ObjectNotFound",
                        "System.IO.DirectoryNotFoundException",
                        path,
                    )
                )
            else:
                call.errors.append(provider_error(error))
    return list(lines) if call.switch("PassThru") else []


@cmdlet(
    "Get-Content",
    signature(
        "Default: [Path]! Raw? Encoding TotalCount Tail",
        "Literal: LiteralPath! Raw? Encoding TotalCount Tail",
        types={
            **_PATHS,
            "TotalCount": Parameter("TotalCount", "int64", ("First", "Head")),
            "Tail": Parameter("Tail", "int", ("Last",)),
        },
    ),
    module=MANAGEMENT,
)
def get_content(call: Invocation) -> Iterable[t.Any]:
    _codec(call, "Default")
    first = call.params.get("TotalCount")
    last = call.params.get("Tail")
    if call.switch("Raw") and (first is not None or last is not None):
        raise CmdletError(
            "The parameters TotalCount or Tail and Raw cannot be used together.",
            "InvalidOperation",
            "InvalidOperation",
        )
    for path, file in _files(call):
        text = _text_of(path, file)
        if call.switch("Raw"):
            yield noted(text, {**provider_notes(path), "ReadCount": Int64(1)})
            continue
        lines = text.replace("\r\n", "\n").split("\n")
        lines = lines[:-1] if lines[-1] == "" else lines
        if first is not None:
            lines = lines[:first]
        elif last:
            lines = lines[-last:]
        for number, line in enumerate(lines, start=1):
            yield noted(line, {**provider_notes(path), "ReadCount": Int64(number)})


@cmdlet(
    "Get-FileHash",
    signature(
        "Default: [Path]! Algorithm",
        "Literal: LiteralPath! Algorithm",
        types={
            **_PATHS,
            "Algorithm": Parameter(
                "Algorithm", "string", values=(*_ALGORITHMS, "MACTripleDES", "RIPEMD160")
            ),
        },
    ),
    module=UTILITY,
    on=since(powershell="4.0"),
)
def get_file_hash(call: Invocation) -> Iterable[t.Any]:
    algorithm = call.params.get("Algorithm") or "SHA256"
    if algorithm not in _ALGORITHMS:
        raise LabGap(f"Get-FileHash -Algorithm {algorithm}")
    for path, file in _files(call):
        digest = hashlib.new(_ALGORITHMS[algorithm], _bytes_of(file)).hexdigest().upper()
        yield PSObject(
            [
                "Microsoft.Powershell.Utility.FileHash",
                "System.Management.Automation.PSCustomObject",
                "System.Object",
            ],
            {"Algorithm": algorithm, "Hash": digest, "Path": path},
            f"@{{Algorithm={algorithm}; Hash={digest}; Path={path}}}",
        )


def _codec(call: Invocation, default: str) -> str:
    codec = _CODECS[call.params.get("Encoding") or default]
    if not codec:
        raise LabGap("files of this lab are texts or backups: -Encoding Byte")
    return codec


def _paths(call: Invocation) -> list[str]:
    literal: list[str] | None = call.params.get("LiteralPath")
    paths = literal if literal is not None else call.params.get("Path")
    if paths is None:
        paths = names_from_input(call, "PSPath", "FullName")
    if literal is None and any(is_wild(path) for path in paths):
        raise LabGap(f"wildcards in the paths of files to read or write: {paths}")
    return [file_path(call, path) for path in paths]


def _files(call: Invocation) -> Iterable[tuple[str, File]]:
    for path in _paths(call):
        try:
            yield path, call.world.storage.read(path, call.machine, call.caller)
        except StorageError as error:
            call.errors.append(provider_error(error))


def _text_of(path: str, file: File) -> str:
    if not isinstance(file.content, str):
        raise LabGap(f"{path} is not a text file")
    return "\x00" * 8 + file.content[8:] if file.damaged else file.content


def _bytes_of(file: File) -> bytes:
    """What the hash is made of.

    Backups have no bytes here: their size and time stand for them, which copies share.
    """
    content = (
        file.content.encode()
        if isinstance(file.content, str)
        else f"{file.size} {file.written_at.isoformat()}".encode()
    )
    return content + (b"damaged" if file.damaged else b"")
