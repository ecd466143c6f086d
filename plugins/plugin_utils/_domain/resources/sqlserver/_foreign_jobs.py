"""Whether a job of somebody else backs up the log of one of our databases, by what its steps do.

FOR INTERNAL COLLECTION USE ONLY.

Known are BACKUP LOG itself (in T-SQL, and inside sqlcmd and other programs), the procedure
DatabaseBackup of a maintenance solution that many servers have, backup procedures of other
products, cmdlets, and maintenance plans, whose tasks say what they do in their package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ...._engine.model import Record

_COMMENTS = re.compile(r"/\*.*?\*/|--[^\r\n]*", re.DOTALL)
_BACKUP_LOG = re.compile(
    r"\bBACKUP\s+(?:LOG|TRAN(?:SACTION)?)\s+(?:\[(?P<bracketed>(?:[^\]]|\]\])+)\]|"
    r"(?P<variable>[@$]\S*)|\"?(?P<plain>[^\s\"';\[]+))",
    re.IGNORECASE,
)
_SOLUTION = re.compile(r"\bDatabaseBackup\b", re.IGNORECASE)
_LOG_TYPE = re.compile(r"@BackupType\s*=\s*N?'LOG'", re.IGNORECASE)
_CHOSEN = re.compile(r"@Databases\s*=\s*N?'(?P<list>[^']*)'", re.IGNORECASE)
_OTHER_PROCEDURE = re.compile(
    r"\bxp_backup_log\b.*?@database\s*=\s*N?'(?P<name>[^']*)'", re.IGNORECASE | re.DOTALL
)
_CMDLET = re.compile(
    r"\bBackup-(?:SqlDatabase|DbaDatabase)\b(?=.*-(?:BackupAction|Type)\s+['\"]?Log\b)"
    r"(?P<options>.*)",
    re.IGNORECASE | re.DOTALL,
)
_CMDLET_DATABASE = re.compile(r"-Database\s+(?P<list>[^-\r\n]+)", re.IGNORECASE)
#: The task of a maintenance plan: 2 is a backup of the log; 1 and 3 mean all databases and all user
#: databases.
_TASK = "<SQLTask:SqlTaskData"
_PLAN_LOG = re.compile(r'BackupAction="2"')
_PLAN_ALL = re.compile(r'DatabaseSelectionType="[13]"')
_PLAN_NAME = re.compile(r'DatabaseName="(?P<name>[^"]*)"')


def jobs_on(rows: Iterable[Record], databases: Sequence[str]) -> list[str]:
    """Names of the jobs that back up the log of one of these databases, or of one that only the
    running job knows.

    ``rows``: of ``sql_read.log_backup_jobs``: {job, subsystem, command, package}.
    """
    ours = [name.lower() for name in databases]
    return sorted(
        {
            str(row["job"])
            for row in rows
            if _touches(str(row["command"] or ""), str(row["package"] or ""), ours)
        }
    )


def _touches(command: str, package: str, ours: list[str]) -> bool:
    if package:
        return any(_task_touches(task, ours) for task in package.split(_TASK)[1:])
    text = _COMMENTS.sub(" ", command)
    return (
        _statement_touches(text, ours)
        or _solution_touches(text, ours)
        or _product_touches(text, ours)
        or _cmdlet_touches(text, ours)
    )


def _statement_touches(text: str, ours: list[str]) -> bool:
    for found in _BACKUP_LOG.finditer(text):
        name = (found["bracketed"] or found["plain"] or "").replace("]]", "]").lower()
        if found["variable"] or name in ours:
            return True
    return False


def _solution_touches(text: str, ours: list[str]) -> bool:
    if not (_SOLUTION.search(text) and _LOG_TYPE.search(text)):
        return False
    chosen = _CHOSEN.search(text)
    return chosen is None or any(_is_chosen(name, chosen["list"]) for name in ours)


def _is_chosen(name: str, listed: str) -> bool:
    """Keywords, names with % as a wildcard, and exclusions with a minus in front: those win."""
    words = [word.strip().strip("[]").lower() for word in listed.split(",")]
    included = any(_matches(name, word) for word in words if not word.startswith("-"))
    return included and not any(
        _matches(name, word[1:].strip("[]")) for word in words if word.startswith("-")
    )


def _matches(name: str, word: str) -> bool:
    if word in ("user_databases", "all_databases"):
        return True
    return re.fullmatch(".*".join(map(re.escape, word.split("%"))), name) is not None


def _product_touches(text: str, ours: list[str]) -> bool:
    return any(found["name"].lower() in ours for found in _OTHER_PROCEDURE.finditer(text))


def _cmdlet_touches(text: str, ours: list[str]) -> bool:
    found = _CMDLET.search(text)
    if found is None:
        return False
    named = _CMDLET_DATABASE.search(found["options"])
    return named is None or any(
        word.strip(" '\"").lower() in ours for word in named["list"].split(",")
    )


def _task_touches(task: str, ours: list[str]) -> bool:
    if not _PLAN_LOG.search(task):
        return False
    return bool(_PLAN_ALL.search(task)) or any(
        name.lower() in ours for name in _PLAN_NAME.findall(task)
    )
