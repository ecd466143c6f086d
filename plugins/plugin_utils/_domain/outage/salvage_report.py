"""What only an opened copy holds, and what it holds beside the pool's. FOR INTERNAL COLLECTION USE
ONLY.

Connects to nothing and merges nothing.
"""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Iterator, Mapping, Sequence

from ..._engine.model import ArgumentSpec
from ..documents.salvage import (
    ComparedTable,
    ContentFacts,
    KeptBackup,
    OnlyHere,
    Reached,
    SalvageReport,
    TableFacts,
)
from ..resources.sqlserver._instance import same
from ..resources.sqlserver.salvaged_copy import SalvagedCopyFacts
from ..words import short_name

SALVAGE_REPORT_SPEC: ArgumentSpec = {
    "host": {"type": "str", "required": True},
    "copy": {"type": "dict", "required": True},
    "opened": {"type": "dict", "required": True},
    "pool": {"type": "dict"},
    "pool_host": {"type": "str", "default": ""},
    "reached": {"type": "dict"},
}
#: Names of tables are cut to this width in lines.
_WIDTH = 44
#: The clock of a column may be that of another zone than the backup's.
_ANY_ZONE = dt.timedelta(days=1)


class ReportOptions(t.TypedDict):
    """``copy``: the state that salvaged_copy told. ``opened``, ``pool``: what content_info told of
    that copy and of the pool's. ``reached``: of the backup SQL Server's copy, for the kept copy's
    fork.
    """

    host: str
    copy: SalvagedCopyFacts
    opened: ContentFacts
    pool: ContentFacts | None
    pool_host: str
    reached: Reached | None


def report_of(given: ReportOptions) -> SalvageReport:
    """Both copies beside each other. ``copy`` is of a backup that could be read."""
    kept = given["copy"]["kept"]
    if kept is None:
        raise ValueError("salvaged_copy told of no kept backup")
    pool = given["pool"]
    return {
        "host": given["host"],
        "database": given["copy"]["name"],
        "kept": kept,
        "same_family": _same_family(given["opened"], pool),
        "pool_host": given["pool_host"] or None,
        "only_here": _only_here(kept, given["opened"], given["reached"]),
        "tables": _compared(given["opened"]["tables"], pool["tables"] if pool else ()),
    }


def _same_family(opened: ContentFacts, pool: ContentFacts | None) -> bool | None:
    if pool is None or pool["family"] is None or opened["family"] is None:
        return None
    return same(opened["family"], pool["family"])


# -- what only it holds
def _only_here(kept: KeptBackup, opened: ContentFacts, reached: Reached | None) -> OnlyHere:
    newest, newest_of = _newest(opened["tables"], _latest(kept))
    holds = None
    if reached is not None and kept["last_lsn"] is not None:
        holds = int(kept["last_lsn"]) > int(reached["last_lsn"])
    return {
        "holds": holds,
        "from_lsn": reached["last_lsn"] if reached else None,
        "from_at": reached["at"] if reached else None,
        "to_lsn": kept["last_lsn"],
        "newest": newest,
        "newest_of": newest_of,
    }


def _latest(kept: KeptBackup) -> str:
    """Nothing in the copy happened later: dates behind it are no times of records."""
    if kept["began_local"] is None:
        return "9999"
    return (dt.datetime.fromisoformat(kept["began_local"]) + _ANY_ZONE).isoformat()


def _newest(tables: Sequence[TableFacts], latest: str) -> tuple[str | None, str | None]:
    """The newest date, and which column has it. ISO 8601 sorts as text."""
    found: list[tuple[str, str]] = []
    for table in tables:
        for column, value in table["newest"].items():
            if value is not None and value <= latest:
                found.append((value, f"{table['schema']}.{table['name']}.{column}"))
    return max(found, default=(None, None))


# -- tables
def _compared(here: Sequence[TableFacts], there: Sequence[TableFacts]) -> list[ComparedTable]:
    """By schema and name; a table that only one of them has as well."""
    mine = {_key(table): table for table in here}
    pool = {_key(table): table for table in there}
    found: list[ComparedTable] = []
    for key, named in {**pool, **mine}.items():
        nowhere = _nowhere(named)
        found.append(_pair(mine.get(key, nowhere), pool.get(key, nowhere)))
    return found


def _key(table: TableFacts) -> tuple[str, str]:
    return (table["schema"].lower(), table["name"].lower())


def _nowhere(named: TableFacts) -> TableFacts:
    """What is told of a table where it is not."""
    return {**named, "rows": None, "newest": {}, "why": None}


def _pair(here: TableFacts, there: TableFacts) -> ComparedTable:
    reasons = [table["why"] for table in (here, there) if table["why"]]
    return {
        "schema": here["schema"],
        "name": here["name"],
        "rows": here["rows"],
        "rows_in_pool": there["rows"],
        "newest": here["newest"],
        "newest_in_pool": there["newest"],
        "why": "; ".join(reasons) or None,
    }


# -- for people
def lines_of(report: SalvageReport) -> Iterator[str]:
    """What a person wants to know of it, and what is to be done with it."""
    kept = report["kept"]
    where = f"{report['database']} on {short_name(report['host'])}"
    yield f"{where}: the old copy of {kept['server']}, kept in {kept['path']}"
    yield f"  backed up {kept['began_local']} by that server's clock, up to LSN {kept['last_lsn']}"
    yield f"  {_FAMILIES[report['same_family']]}"
    yield f"  {_span(report['only_here'])}"
    newest = report["only_here"]["newest"]
    if newest is not None:
        yield f"  newest date in it: {newest} ({report['only_here']['newest_of']})"
    yield from _tables(report)
    yield (
        "Nothing is merged, and the copy is read-only. The backup stays where it is, however often"
        " the copy is opened and closed."
    )


_FAMILIES: Mapping[bool | None, str] = {
    True: "it is of the same family as the pool's copy",
    False: "it is of ANOTHER FAMILY than the pool's copy: it is no copy of what the pool holds",
    None: "nobody can say whether it is of the pool's family",
}


def _span(only: OnlyHere) -> str:
    if only["holds"] is None:
        return (
            "nobody knows any more where the pool left it: msdb on the backup SQL Server tells of"
            " no restore from this history. What the failover announced is in its record"
            " (history.yml)"
        )
    if not only["holds"]:
        return (
            f"it holds nothing that the pool lacks: the pool has all up to LSN {only['from_lsn']}"
        )
    at = only["from_at"] or "an unknown time"
    return (
        f"only it holds what was written from LSN {only['from_lsn']} on; the last log that reached"
        f" the backup was begun at {at}"
    )


def _tables(report: SalvageReport) -> Iterator[str]:
    if not report["tables"]:
        yield "  its tables were not read"
        return
    yield f"  {'table':{_WIDTH}} {'rows here':>12} {'in the pool':>12}"
    for table in report["tables"]:
        name = f"{table['schema']}.{table['name']}"[:_WIDTH]
        yield f"  {name:{_WIDTH}} {_count(table['rows'])} {_count(table['rows_in_pool'])}"
        for column, here in table["newest"].items():
            there = table["newest_in_pool"].get(column)
            yield f"    newest {column}: {here or 'none'} here, {there or 'none'} in the pool"
        if table["why"]:
            yield f"    not read: {table['why']}"


def _count(rows: int | None) -> str:
    return f"{'-' if rows is None else rows:>12}"
