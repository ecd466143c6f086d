"""The records that the collection keeps on an instance: extended properties of master. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterable, Mapping

from ...._engine.model import Sql
from ...documents.look import IntentRecord
from . import quote
from .guard import execute, guarded
from .text import one_line, query

#: Keys of an intent, and those of them that must be as they were when it is replaced.
_KEYS: tuple[t.Literal["target", "id", "operator", "at"], ...] = ("target", "id", "operator", "at")
_TELLING: tuple[t.Literal["target", "id", "at"], ...] = ("target", "id", "at")


class RecordRow(t.TypedDict):
    """An extended property of master that the collection wrote."""

    name: str
    value: str | None


def records() -> Sql:
    """What the collection wrote down on this instance: extended properties of master named
    pchat_... Rows ``RecordRow``.
    """
    return query("""
        SELECT name AS name,
               CONVERT(nvarchar(4000), value) AS value
        FROM master.sys.extended_properties
        WHERE class = 0
        AND name LIKE N'pchat[_]%'
    """)


def intent_name(pool: str) -> str:
    """The extended property that holds the intent of a pool."""
    return f"pchat_intent {pool.lower()}"


PUT_TO_WORK = "pchat_put_to_work "


def put_to_work_name(pool: str) -> str:
    """The record of the copy that a failover opened: on which recovery fork it is, of which
    family.
    """
    return f"{PUT_TO_WORK}{pool.lower()}"


class IntentRow(t.TypedDict):
    """``value``: JSON, unless another hand wrote it."""

    value: str | None


def intent(pool: str) -> Sql:
    """The record, if there is one: an extended property of master on the backup SQL Server. At most
    one row ``IntentRow``.
    """
    return query(f"""
        SELECT CONVERT(nvarchar(4000), value) AS value
        FROM sys.extended_properties
        WHERE class = 0
        AND name = {quote.literal(intent_name(pool))}
    """)


def intent_text(record: IntentRecord) -> str:
    """One line of ASCII, keys in order; how it is read back does not depend on either."""
    values = {key: str(record[key]) for key in _KEYS}
    return json.dumps(values, sort_keys=True, ensure_ascii=True)


def _has_record(name: str, further: Iterable[str] = ()) -> str:
    """A condition: master has this extended property, and ``further`` holds for it as well."""
    tests = ["class = 0", f"name = {quote.literal(name)}", *further]
    return one_line(f"""
        EXISTS (SELECT 1
                FROM master.sys.extended_properties
                WHERE {" AND ".join(tests)})
    """)


def _value_is_like(pattern: str) -> str:
    return f"CONVERT(nvarchar(4000), value) LIKE {pattern}"


def _intent_is(pool: str, record: IntentRecord | None) -> str:
    if record is None:
        return f"NOT {_has_record(intent_name(pool))}"
    held = [_value_is_like(_holding(record[key])) for key in _TELLING if record[key]]
    return _has_record(intent_name(pool), held)


def _holding(value: str) -> str:
    """A pattern for texts that hold this value as a JSON text, whatever stands around it: a record
    that another hand wrote has other blanks or order.
    """
    return quote.literal(f"%{quote.like(json.dumps(str(value)))}%")


def clear_intent_by_hand(pool: str) -> str:
    """What an administrator types on the backup SQL Server to remove a record, whatever it says."""
    name = quote.literal(intent_name(pool))
    return f"USE master; EXEC sys.sp_dropextendedproperty @name = {name};"


def holds_intent(pool: str, attempt: str) -> str:
    """A condition: the attempt with this id is still the declared one."""
    pattern = quote.literal(f"%{quote.plain_name(attempt)}%")
    return _has_record(intent_name(pool), [_value_is_like(pattern)])


def set_intent(pool: str, record: IntentRecord, replaces: IntentRecord | None) -> Sql:
    """sp_addextendedproperty itself refuses a second record (15233), so two operators cannot both
    create one.
    """
    value = {"name": intent_name(pool), "value": intent_text(record)}
    if replaces is None:
        write = _execute("sp_addextendedproperty", value)
    else:
        write = _execute("sp_updateextendedproperty", value)
    return guarded(_intent_is(pool, replaces), "somebody else declared something meanwhile", write)


def clear_intent(pool: str, record: IntentRecord) -> Sql:
    """Remove the record, if it is still this one."""
    return guarded(
        _intent_is(pool, record),
        "the declared intent is another one by now",
        _execute("sp_dropextendedproperty", {"name": intent_name(pool)}),
    )


def write_record(name: str, variable: str) -> str:
    """Steps: the record gets what is in the variable, whether it was there or not."""
    record = {"name": name, "value": (variable,)}
    replace = _execute("sp_updateextendedproperty", record)
    add = _execute("sp_addextendedproperty", record)
    return one_line(f"""
        IF {_has_record(name)}
        BEGIN
            {replace}
        END
        ELSE
        BEGIN
            {add}
        END
    """)


def _execute(procedure: str, arguments: Mapping[str, object]) -> str:
    return execute("master", procedure, arguments, schema="sys")
