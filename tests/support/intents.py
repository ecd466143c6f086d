"""The record of an attempt, written by hand as an operator would."""

from __future__ import annotations

from support import labs
from support.console import sql
from support.outage import POOL

#: Where the record lies: the backup's SQL Server.
BACKUP = "sql-s1"
_NAME = f"pchat_intent {POOL}"


def declare(lab: labs.Lab, record: str) -> None:
    """``record``: any text."""
    sql(lab, BACKUP, f"EXEC sys.sp_addextendedproperty @name = N'{_NAME}', @value = N'{record}';")


def withdraw(lab: labs.Lab) -> None:
    sql(lab, BACKUP, f"EXEC sys.sp_dropextendedproperty @name = N'{_NAME}';")
