"""What an instance's catalog has of the views, tables and procedures that batches name.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Iterator, Mapping

from ..._engine.model import Record, Session
from ..calls.tsql import probes
from ..documents.fidelity import ProcedureSeen
from . import tsql, used


class _Object(t.TypedDict):
    """A row of ``probes.objects``."""

    id: int
    name: str
    type: str


class _Names(t.TypedDict):
    """The one row of a list: ``id:name id:name``."""

    names: str | None


class _Head(t.TypedDict):
    """A row of ``probes.definitions``: the beginning of a procedure's text, where it is shown."""

    id: int
    head: str | None


class Catalog(t.NamedTuple):
    """View -> its columns, and procedure -> what it declares, as ``database.name``."""

    views: dict[str, list[str]]
    procedures: dict[str, ProcedureSeen]


def catalog_of(session: Session) -> Catalog:
    """Asks each database for what batches name in it."""
    catalog = Catalog({}, {})
    for database, names in _by_database([*used.columns(), *used.procedures()]).items():
        _read_database(session, catalog, database, names)
    return catalog


def _by_database(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        database, _dot, rest = name.partition(".")
        found.setdefault(database, []).append(rest)
    return found


def _read_database(session: Session, catalog: Catalog, database: str, names: list[str]) -> None:
    objects: dict[int, str] = {}
    called = used.procedures()
    for row in t.cast("list[_Object]", session.read(probes.objects(names, database))[0]):
        name = f"{database}.{row['name']}".lower()
        objects[row["id"]] = name
        if name in called:
            kind = str(row["type"]).strip()
            catalog.procedures[name] = {"type": kind, "parameters": {}, "defaults": None}
        else:
            catalog.views[name] = []
    columns, parameters, heads = session.read(
        probes.columns(list(objects), database),
        probes.parameters(list(objects), database),
        probes.definitions(list(objects), database),
    )
    for number, column in _listed(columns):
        catalog.views.setdefault(objects[number], []).append(column.lower())
    for number, parameter in _listed(parameters):
        name, _colon, output = parameter.partition(":")
        catalog.procedures[objects[number]]["parameters"][name.lower()] = output == "1"
    _read_defaults(catalog, objects, t.cast("list[_Head]", heads))


def _read_defaults(catalog: Catalog, objects: Mapping[int, str], heads: Iterable[_Head]) -> None:
    for row in heads:
        known = catalog.procedures.get(objects[row["id"]])
        if known is not None and row["head"]:
            known["defaults"] = dict(tsql.defaults(str(row["head"]), list(known["parameters"])))


def _listed(rows: list[Record]) -> Iterator[tuple[int, str]]:
    for row in t.cast("list[_Names]", rows[:1]):
        for word in str(row["names"] or "").split():
            number, _colon, name = word.partition(":")
            yield int(number), name
