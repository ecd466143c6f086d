"""What a batch of T-SQL tells about itself: the rows of its guard, of a failed step, and of its
end.

Every batch ends with a statement that proves its end (``_engine.model.PROOF_OF_END``), so neither
an error that Invoke-Sqlcmd lost nor an answer that was cut off can pass for "no rows" or for
"done". FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._engine.errors import CmdletFailed, Moved, SqlFailed, Unproven
from .._engine.model import END_COLUMN, FAILED_COLUMN, MOVED_COLUMN, Record, Sql

_COLUMNS = frozenset({END_COLUMN, MOVED_COLUMN, FAILED_COLUMN})


def judged(batch: Sql, records: Sequence[Record]) -> list[Record]:
    """The batch's own rows, without those that tell how it went.

    Raises ``Moved`` when its guard spoke, ``SqlFailed`` when a step or its last statement failed,
    and ``Unproven`` when its end is not known.
    """
    came = _rows(records)
    records = _of_the_last_run(records)
    signs = [row for row in records if not _COLUMNS.isdisjoint(row)]
    told: Record = {}
    for row in signs:
        told.update((column, row[column]) for column in _COLUMNS & row.keys())
    numbers = error_numbers(records)
    if MOVED_COLUMN in told:
        raise moved(batch, str(told[MOVED_COLUMN]))
    if FAILED_COLUMN in told:
        raise SqlFailed(
            f"SQL Server refused, and the batch ended there: {told[FAILED_COLUMN]}.",
            cmdlet=str(batch),
            errors=numbers,
            rows=came,
        )
    if END_COLUMN not in told:
        raise Unproven(
            "SQL Server did not say that this batch came to its end, and no error arrived that"
            f" says why: {batch}",
            cmdlet=str(batch),
        )
    if numbers:
        raise SqlFailed(
            f"SQL Server refused: error {numbers[0]} (sys.messages of the instance has its text).",
            cmdlet=str(batch),
            errors=numbers,
            rows=came,
        )
    return [row for row in records if _COLUMNS.isdisjoint(row)]


def _rows(records: Sequence[Record]) -> int:
    """How many rows of the batch's own came, in all its runs."""
    return sum(_COLUMNS.isdisjoint(row) for row in records)


def _of_the_last_run(records: Sequence[Record]) -> Sequence[Record]:
    """Old versions of Invoke-Sqlcmd run a batch that failed once more: what stands behind the last
    end but one.
    """
    ends = [number for number, row in enumerate(records) if END_COLUMN in row]
    return records[ends[-2] + 1 :] if len(ends) > 1 else records


def with_own_words(batch: Sql, records: Sequence[Record], failure: CmdletFailed) -> CmdletFailed:
    """An error record arrived: a guard that spoke explains it, and the batch's own number goes
    along.
    """
    guard = next((str(row[MOVED_COLUMN]) for row in records if MOVED_COLUMN in row), "")
    if guard:
        return moved(batch, guard)
    numbers = [*failure.details.get("errors", []), *error_numbers(records)]
    failure.details["errors"] = list(dict.fromkeys(numbers))
    failure.details["rows"] = _rows(records)
    return failure


def error_numbers(records: Sequence[Record]) -> list[int]:
    """The number in the row of the end, if it tells one."""
    ends = [row[END_COLUMN] for row in records if END_COLUMN in row]
    return [int(ends[-1])] if ends and ends[-1] else []


def moved(batch: Sql, what: str) -> Moved:
    """The error of a batch whose guard found another world; ``what``: in the guard's words."""
    return Moved(
        f"Nothing was changed, because the world moved since it was looked at: {what}. "
        "Run again: the plan will be made from what is there now.",
        cmdlet=str(batch),
        errors=[],
    )
