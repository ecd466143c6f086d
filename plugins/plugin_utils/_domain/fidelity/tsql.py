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
# fmt: off
_CLAUSES = (
    "select", "from", "where", "on", "join", "left", "right", "inner", "outer", "full", "cross",
    "apply", "top", "distinct", "order", "by", "group", "having", "asc", "desc", "union", "all",
    "for", "xml", "path", "cross", "apply",
)
_OPERATORS = (
    "and", "or", "not", "exists", "in", "is", "null", "like", "between", "as", "case", "when",
    "then", "else", "end",
)
_STATEMENTS = (
    "if", "begin", "set", "declare", "exec", "raiserror", "print", "alter", "create", "drop",
    "database", "login", "with", "grant", "connect", "to", "backup", "restore", "log", "disk",
    "off", "readuncommitted", "try", "catch", "nocount",
)
_TYPES = (
    "int", "bigint", "bit", "varchar", "nvarchar", "char", "datetime", "uniqueidentifier",
    "numeric", "max",
)
_DATE_PARTS = (
    "second", "minute", "hour", "day", "month", "year",
)
# fmt: on
#: Words that stand where a column could, and are none.
_WORDS = frozenset([*_CLAUSES, *_OPERATORS, *_STATEMENTS, *_TYPES, *_DATE_PARTS])
_NAME_OF_PROCEDURE = r"(?:\[(?:[^\]]|\]\])*\]|[A-Za-z]\w*)(?:\.\w+)*"
_EXEC = re.compile(rf"\bEXEC\s+(?:@\w+\s*=\s*)?({_NAME_OF_PROCEDURE})\s*([^;]*)", re.IGNORECASE)
_BRACKET = "["
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
        """The view or table of an alias, here or in an outer query."""
        known = self.sources.get(alias)
        if known is None and self.outer is not None:
            return self.outer.source(alias)
        return known


def full_name(name: str) -> str:
    """``sys.x`` and ``master.dbo.x`` -> ``master.x``, ``msdb.dbo.x`` -> ``msdb.x``, in lower
    case.

    A database in brackets is one of the host's: what it has besides is what every database has.
    """
    parts = name.lower().split(".")
    database = parts[0] if len(parts) == 3 else "master"
    if database.startswith(_BRACKET):
        database = "master"
    return f"{database}.{parts[-1]}"


def is_data(view: str) -> bool:
    """Whether a full name is that of a table of the host's own: calls put names that they were
    told in brackets.
    """
    return view.rpartition(".")[2].startswith(_BRACKET)


def columns(text: str) -> dict[str, set[str]]:
    """``database.view`` -> columns, in lower case; of the server's own views and tables alone."""
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
    return {view: names for view, names in found.items() if not is_data(view)}


def procedures(text: str) -> list[tuple[str, dict[str, bool]]]:
    """Calls of procedures in their order: ``database.procedure``, and named argument -> whether it
    is OUTPUT. Positional arguments are not listed.
    """
    plain = re.sub(r"N?'(?:[^']|'')*'", "0", text)
    return [(full_name(name), _arguments(rest)) for name, rest in _EXEC.findall(plain)]


def _arguments(text: str) -> dict[str, bool]:
    """Named argument -> whether it is OUTPUT."""
    return {name.lower(): bool(output) for name, output in _ARGUMENT.findall(text.strip())}


def _queries(text: str) -> list[_Query]:
    """All SELECTs with their sources and names, subqueries knowing their outer one."""
    reader = _Reader([token for token in _TOKEN.findall(text) if not _is_text(token)])
    reader.read()
    return reader.finished


def _is_text(token: str) -> bool:
    return token.startswith(("'", "N'"))


class _Reader:
    """Goes through the tokens of a batch once. ``finished``: SELECTs that have ended."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.finished: list[_Query] = []
        self.open: list[_Query] = []
        self.depth = 0

    def read(self) -> None:
        """Through all tokens; what is still open at the end ends there."""
        position = 0
        while position < len(self.tokens):
            position = self._step(position) + 1
        self._end_all()

    def _step(self, position: int) -> int:
        """One token, and those that belong to it; returns the place of the last one."""
        token = self.tokens[position]
        word = token.lower()
        if token in ("(", ")", ";"):
            self._bracket_or_end(token)
        elif word == "select":
            self.open.append(_Query(self.open[-1] if self.open else None, self.depth))
        elif not self.open:
            return position
        elif word in ("from", "join"):
            return _source(self.open[-1], self.tokens, position + 1)
        elif word == "apply":
            return _applied(self.open[-1], self.tokens, position + 1)
        elif word == "as":
            return position + 1
        elif re.fullmatch(r"[A-Za-z_]\w*", token):
            return _name(self.open[-1], self.tokens, position)
        return position

    def _bracket_or_end(self, token: str) -> None:
        if token == "(":
            self.depth += 1
        elif token == ")":
            self.depth -= 1
            while self.open and self.open[-1].depth > self.depth:
                self.finished.append(self.open.pop())
        else:
            self._end_all()

    def _end_all(self) -> None:
        """The innermost first."""
        self.finished += reversed(self.open)
        self.open.clear()


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


def _applied(query: _Query, tokens: list[str], position: int) -> int:
    """A function whose rows are a source: its alias stands behind its arguments, which are read
    as names like others.
    """
    parts, position = _chain(tokens, position)
    end = tokens.index(")", position)
    query.sources[tokens[end + 1].lower()] = full_name(".".join(parts))
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
    without_lines = re.sub(r"--[^\n]*", " ", head)
    plain = re.sub(r"/\*.*?\*/", " ", without_lines, flags=re.DOTALL)
    for name in parameters:
        declared = re.search(
            rf"{re.escape(name)}\s+(?:as\s+)?[\w.\[\]]+(?:\s*\([^)]*\))?"
            r"\s*(?:=\s*(N?'[^']*'|[^\s,)]+))?",
            plain,
            re.IGNORECASE,
        )
        if declared is not None:
            yield name, declared[1]
