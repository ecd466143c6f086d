"""T-SQL as a person reviews it and as it is sent: one clause a line here, one line a batch there.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from ...._engine.model import Sql


def one_line(text: str) -> str:
    """The lines of ``text`` joined with one blank; their indentation and empty lines go.

    Every line break in ``text`` is one of the source, because ``quote`` lets none into a name or a
    literal. Blanks inside a line stay, so a literal keeps all of its own.
    """
    lines = [line.strip(" ") for line in text.split("\n")]
    return " ".join(line for line in lines if line)


def query(select: str, database: str = "master") -> Sql:
    """A batch that only reads.

    SET NOCOUNT ON: no message with a count comes between the rows (SET NOCOUNT reference).
    """
    return Sql(one_line(f"SET NOCOUNT ON; {select}"), database)
