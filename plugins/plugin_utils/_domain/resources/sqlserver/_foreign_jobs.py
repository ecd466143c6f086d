"""Whether a job of somebody else backs up the log of one of our databases, by what its steps do.

FOR INTERNAL COLLECTION USE ONLY.

Known are BACKUP LOG itself (in T-SQL, and inside sqlcmd and other programs), the procedure
DatabaseBackup of a maintenance solution that many servers have, backup procedures of other
products, cmdlets, and maintenance plans, whose tasks say what they do in their package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ...calls.tsql.agent import LogBackupJobRow

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


def jobs_on(rows: Iterable[LogBackupJobRow], databases: Sequence[str]) -> list[str]:
    """Names of the jobs that back up the log of one of these databases, or of one that only the
    running job knows.
    """
    ours = [name.lower() for name in databases]
    found = {row["job"] for row in rows if _touches(row["command"], row["package"], ours)}
    return sorted(found)


def _touches(command: str | None, package: str | None, ours: list[str]) -> bool:
    if package:
        return any(_task_touches(task, ours) for task in package.split(_TASK)[1:])
    text = _COMMENTS.sub(" ", command or "")
    return any(touches(text, ours) for touches in _WAYS)


def _statement_touches(text: str, ours: list[str]) -> bool:
    for found in _BACKUP_LOG.finditer(text):
        if found["variable"]:
            return True
        name = found["bracketed"] or found["plain"] or ""
        if name.replace("]]", "]").lower() in ours:
            return True
    return False


def _solution_touches(text: str, ours: list[str]) -> bool:
    if not (_SOLUTION.search(text) and _LOG_TYPE.search(text)):
        return False
    chosen = _CHOSEN.search(text)
    return chosen is None or any(_is_chosen(name, chosen["list"]) for name in ours)


def _is_chosen(name: str, listed: str) -> bool:
    """Keywords, names with % as a wildcard, and exclusions with a minus in front: those win."""
    is_included = False
    for listed_word in listed.split(","):
        word = listed_word.strip().strip("[]").lower()
        if word.startswith("-"):
            if _matches(name, word[1:].strip("[]")):
                return False
        elif _matches(name, word):
            is_included = True
    return is_included


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
    if named is None:
        return True
    return any(word.strip(" '\"").lower() in ours for word in named["list"].split(","))


def _task_touches(task: str, ours: list[str]) -> bool:
    if not _PLAN_LOG.search(task):
        return False
    if _PLAN_ALL.search(task):
        return True
    return any(name.lower() in ours for name in _PLAN_NAME.findall(task))


#: How a step may back up a log, other than by a maintenance plan.
_WAYS = (_statement_touches, _solution_touches, _product_touches, _cmdlet_touches)
