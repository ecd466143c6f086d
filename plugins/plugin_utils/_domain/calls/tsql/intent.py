"""The records that the collection keeps on an instance: extended properties of master. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping

from ...._engine.model import Sql
from . import quote
from .guard import execute, guarded


def records() -> Sql:
    """What the collection wrote down on this instance: extended properties of master named
    pchat_...
    """
    return Sql(
        "SET NOCOUNT ON; SELECT name AS name, CONVERT(nvarchar(4000), value) AS value FROM"
        " master.sys.extended_properties WHERE class = 0 AND name LIKE N'pchat[_]%'"
    )


def intent_name(pool: str) -> str:
    return f"pchat_intent {pool.lower()}"


PUT_TO_WORK = "pchat_put_to_work "


def put_to_work_name(pool: str) -> str:
    """The record of the copy that a failover opened: on which recovery fork it is, of which
    family.
    """
    return f"{PUT_TO_WORK}{pool.lower()}"


def intent(pool: str) -> Sql:
    """The record, if there is one: an extended property of master on the backup SQL Server."""
    return Sql(
        "SET NOCOUNT ON; SELECT CONVERT(nvarchar(4000), value) AS value FROM"
        f" sys.extended_properties WHERE class = 0 AND name = {quote.literal(intent_name(pool))}"
    )


def intent_text(record: Mapping[str, t.Any]) -> str:
    """One line of ASCII, keys in order; how it is read back does not depend on either."""
    return json.dumps(
        {k: str(record[k]) for k in ("target", "id", "operator", "at")},
        sort_keys=True,
        ensure_ascii=True,
    )


def _intent_is(pool: str, record: Mapping[str, t.Any] | None) -> str:
    named = (
        "EXISTS (SELECT 1 FROM master.sys.extended_properties WHERE class = 0 AND name ="
        f" {quote.literal(intent_name(pool))}"
    )
    if record is None:
        return f"NOT {named})"
    held = (
        f" AND CONVERT(nvarchar(4000), value) LIKE {_holding(record[key])}"
        for key in ("target", "id", "at")
        if record[key]
    )
    return f"{named}{''.join(held)})"


def _holding(value: str) -> str:
    """A pattern for texts that hold this value as a JSON text, whatever stands around it: a record
    that another hand wrote has other blanks or order.
    """
    escaped = "".join(f"[{c}]" if c in "[%_" else c for c in json.dumps(str(value)))
    return quote.literal(f"%{escaped}%")


def clear_intent_by_hand(pool: str) -> str:
    """What an administrator types on the backup SQL Server to remove a record, whatever it says."""
    return (
        f"USE master; EXEC sys.sp_dropextendedproperty @name = {quote.literal(intent_name(pool))};"
    )


def holds_intent(pool: str, attempt: str) -> str:
    """That the attempt with this id is still the declared one."""
    return (
        "EXISTS (SELECT 1 FROM master.sys.extended_properties WHERE class = 0 AND name ="
        f" {quote.literal(intent_name(pool))} AND CONVERT(nvarchar(4000), value) LIKE"
        f" {quote.literal('%' + quote.plain_name(attempt) + '%')})"
    )


def set_intent(pool: str, record: Mapping[str, t.Any], replaces: Mapping[str, t.Any] | None) -> Sql:
    """sp_addextendedproperty itself refuses a second record (15233), so two operators cannot both
    create one.
    """
    procedure = "sp_addextendedproperty" if replaces is None else "sp_updateextendedproperty"
    return guarded(
        _intent_is(pool, replaces),
        "somebody else declared something meanwhile",
        execute(
            "master",
            procedure,
            {"name": intent_name(pool), "value": intent_text(record)},
            schema="sys",
        ),
    )


def clear_intent(pool: str, record: Mapping[str, t.Any]) -> Sql:
    return guarded(
        _intent_is(pool, record),
        "the declared intent is another one by now",
        execute("master", "sp_dropextendedproperty", {"name": intent_name(pool)}, schema="sys"),
    )
