"""Which catalog objects, columns and procedures a batch of T-SQL names.

FOR INTERNAL COLLECTION USE ONLY.

This is no parser of T-SQL: it understands the batches that ``calls`` makes, and a test compares it
with Microsoft's parser on all of them.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

_TOKEN = re.compile(r"N?'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|@{0,2}\w+|<>|[^\s\w]")
#: Words that stand where a column could, and are none.
_WORDS = frozenset(
    [
        "select",
        "from",
        "where",
        "and",
        "or",
        "not",
        "exists",
        "in",
        "is",
        "null",
        "like",
        "between",
        "as",
        "on",
        "join",
        "left",
        "right",
        "inner",
        "outer",
        "full",
        "cross",
        "apply",
        "case",
        "when",
        "then",
        "else",
        "end",
        "top",
        "distinct",
        "order",
        "by",
        "group",
        "having",
        "asc",
        "desc",
        "union",
        "all",
        "if",
        "begin",
        "set",
        "declare",
        "exec",
        "raiserror",
        "alter",
        "create",
        "drop",
        "database",
        "login",
        "with",
        "grant",
        "connect",
        "to",
        "backup",
        "restore",
        "log",
        "disk",
        "off",
        "print",
        "for",
        "xml",
        "path",
        "int",
        "bigint",
        "bit",
        "varchar",
        "nvarchar",
        "char",
        "datetime",
        "uniqueidentifier",
        "numeric",
        "max",
        "second",
        "minute",
        "hour",
        "day",
        "month",
        "year",
    ]
)
_EXEC = re.compile(r"\bEXEC\s+(?:@\w+\s*=\s*)?([A-Za-z]\w*(?:\.\w+)*)\s*([^;]*)", re.IGNORECASE)
_ARGUMENT = re.compile(r"(@\w+)\s*=\s*[^,]*?(\bOUTPUT\b)?\s*(?:,|$)", re.IGNORECASE)


@dataclasses.dataclass
class _Query:
    """One SELECT: its sources by alias, and the names it uses."""

    outer: _Query | None
    depth: int
    sources: dict[str, str] = dataclasses.field(default_factory=dict)
    qualified: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    bare: list[str] = dataclasses.field(default_factory=list)

    def source(self, alias: str) -> str | None:
        return self.sources.get(alias) or (self.outer.source(alias) if self.outer else None)


def full_name(name: str) -> str:
    """``sys.x`` and ``master.dbo.x`` -> ``master.x``, ``msdb.dbo.x`` -> ``msdb.x``, in lower
    case.
    """
    parts = name.lower().split(".")
    return f"{parts[0] if len(parts) == 3 else 'master'}.{parts[-1]}"


def columns(text: str) -> dict[str, set[str]]:
    """``database.view`` -> columns, in lower case."""
    found: dict[str, set[str]] = {}
    for query in _queries(text):
        for view in query.sources.values():
            found.setdefault(view, set())
        for alias, column in query.qualified:
            known = query.source(alias)
            if known is not None:
                found.setdefault(known, set()).add(column)
        if len(query.sources) == 1:
            found[next(iter(query.sources.values()))] |= set(query.bare)
    return found


def procedures(text: str) -> list[tuple[str, dict[str, bool]]]:
    """Calls of procedures in their order: ``database.procedure``, and named argument -> whether it
    is OUTPUT. Positional arguments are not listed.
    """
    plain = re.sub(r"N?'(?:[^']|'')*'", "0", text)
    return [
        (
            full_name(name),
            {a.lower(): bool(output) for a, output in _ARGUMENT.findall(rest.strip())},
        )
        for name, rest in _EXEC.findall(plain)
    ]


def _queries(text: str) -> list[_Query]:
    """All SELECTs with their sources and names, subqueries knowing their outer one."""
    tokens = [t for t in _TOKEN.findall(text) if not t.startswith(("'", "N'"))]
    finished: list[_Query] = []
    stack: list[_Query] = []
    depth = 0
    position = 0
    while position < len(tokens):
        token = tokens[position]
        low = token.lower()
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
            while stack and stack[-1].depth > depth:
                finished.append(stack.pop())
        elif token == ";":
            finished += reversed(stack)
            stack.clear()
        elif low == "select":
            stack.append(_Query(stack[-1] if stack else None, depth))
        elif stack and low in ("from", "join"):
            position = _source(stack[-1], tokens, position + 1)
        elif stack and low == "as":
            position += 1
        elif stack and re.fullmatch(r"[A-Za-z_]\w*", token):
            position = _name(stack[-1], tokens, position)
        position += 1
    return finished + stack[::-1]


def _chain(tokens: list[str], position: int) -> tuple[list[str], int]:
    """a.b.c from here, and the place of its last token."""
    parts = [tokens[position]]
    while position + 2 < len(tokens) and tokens[position + 1] == ".":
        position += 2
        parts.append(tokens[position])
    return parts, position


def _source(query: _Query, tokens: list[str], position: int) -> int:
    parts, position = _chain(tokens, position)
    view = full_name(".".join(parts))
    following = tokens[position + 1].lower() if position + 1 < len(tokens) else ""
    if re.fullmatch(r"[a-z]\w*", following) and following not in _WORDS:
        query.sources[following] = view
        return position + 1
    query.sources[parts[-1].lower()] = view
    return position


def _name(query: _Query, tokens: list[str], position: int) -> int:
    parts, position = _chain(tokens, position)
    is_function = position + 1 < len(tokens) and tokens[position + 1] == "("
    if len(parts) == 2 and not is_function:
        query.qualified.append((parts[0].lower(), parts[1].lower()))
    elif len(parts) == 1 and not is_function and parts[0].lower() not in _WORDS:
        query.bare.append(parts[0].lower())
    return position


def defaults(head: str, parameters: list[str]) -> Iterator[tuple[str, str | None]]:
    """The parameters that a procedure's text declares, with their defaults as written, None for
    those without one.
    """
    plain = re.sub(r"/\*.*?\*/", " ", re.sub(r"--[^\n]*", " ", head), flags=re.DOTALL)
    for name in parameters:
        declared = re.search(
            rf"{re.escape(name)}\s+(?:as\s+)?[\w.\[\]]+(?:\s*\([^)]*\))?"
            r"\s*(?:=\s*(N?'[^']*'|[^\s,)]+))?",
            plain,
            re.IGNORECASE,
        )
        if declared is not None:
            yield name, declared[1]
