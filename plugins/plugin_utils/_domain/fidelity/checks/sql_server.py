"""Checks of SQL Server: catalog, procedures, messages, and what it tells of databases.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...documents.fidelity import ProcedureSeen, SqlSeen
from ...documents.instance import DatabaseFacts
from .. import used
from ..numbers import NUMBERS
from ..verdicts import Told, each_sql_server, info_of, listed

#: SQL Server 2012 and later; its reader does without it.
_LATE = frozenset({"master.dm_tcp_listener_states"})
#: Type of an extended procedure (sys.all_objects), which declares nothing.
_EXTENDED = "X"


@each_sql_server
def view_columns(sql: SqlSeen) -> Told:
    """Every view and table that a batch reads, with the columns that it reads."""
    known = sql["columns"]
    if not known:
        return None, "the catalog told nothing"
    wrong: list[str] = []
    views = 0
    columns = 0
    for view, names in used.columns().items():
        if view in known or view not in _LATE:
            views += 1
            columns += len(names)
            wrong += [f"{view}.{name}" for name in sorted(names.difference(known.get(view, ())))]
    if wrong:
        return False, f"not there: {', '.join(wrong)}"
    return True, f"{columns} columns of {views} views and tables"


@each_sql_server
def procedure_parameters(sql: SqlSeen) -> Told:
    """Every procedure that is called, with the arguments that are passed to it."""
    wrong: list[str] = []
    arguments = 0
    for name, passed in used.procedures().items():
        found = sql["procedures"].get(name)
        if found is None:
            wrong.append(f"{name} is not there")
        elif found["type"] != _EXTENDED:
            arguments += len(passed)
            wrong += _wrong_arguments(name, passed, found["parameters"])
    if wrong:
        return False, "; ".join(wrong)
    return True, f"{arguments} arguments of {len(used.procedures())} procedures"


def _wrong_arguments(
    name: str, passed: Mapping[str, bool], declared: Mapping[str, bool]
) -> Iterator[str]:
    """``passed``, ``declared``: argument -> whether OUTPUT."""
    for argument in sorted(set(passed) - set(declared)):
        yield f"{name} has no {argument}"
    for argument, output in passed.items():
        if output and declared.get(argument) is False:
            yield f"{name} {argument} is no OUTPUT"


@each_sql_server
def procedure_defaults(sql: SqlSeen) -> Told:
    """What a call does not pass must have a default, or the procedure refuses the call (201)."""
    wrong: list[str] = []
    left = 0
    for name, passed in used.sparsest().items():
        unpassed = _unpassed(sql["procedures"].get(name), passed)
        left += len(unpassed)
        for parameter, default in unpassed.items():
            if default is None:
                wrong.append(f"{name} {parameter} is needed, and not passed")
    if wrong:
        return False, "; ".join(wrong)
    if left:
        return True, f"{left} parameters are left to their defaults"
    return None, "the instance does not show the procedures' text"


def _unpassed(found: ProcedureSeen | None, passed: Iterable[str]) -> dict[str, str | None]:
    """Parameter -> default, for those that some call does not pass."""
    if found is None or found["defaults"] is None:
        return {}
    return {name: default for name, default in found["defaults"].items() if name not in passed}


@each_sql_server
def message_numbers(sql: SqlSeen) -> Told:
    """Each message has the words that its number is known for."""
    wrong: list[str] = []
    for number, words in NUMBERS.items():
        text = sql["messages"].get(str(number))
        if words.lower() not in (text or "").lower():
            wrong.append(f"{number}: {'there is none' if text is None else text}")
    if wrong:
        return False, "; ".join(wrong)
    return True, f"{len(NUMBERS)} messages say what they are taken for"


@each_sql_server
def sql_service_names(sql: SqlSeen) -> Told:
    """The services of the instance were recognised by their programs."""
    info = info_of(sql)
    if info is None:
        return None
    named = {"engine": info.get("service_account"), "Agent": info.get("agent_account")}
    lacking = [what for what, account in named.items() if not account]
    if lacking:
        return False, f"not recognised: {listed(lacking)}"
    return True, ", ".join(f"{what} as {account}" for what, account in named.items())


@each_sql_server
def default_domain(sql: SqlSeen) -> Told:
    """The domain that the caller's own Windows login has."""
    login = str(sql["probe"].get("login") or "")
    domain = sql["probe"].get("domain")
    if "\\" not in login:
        return None, "the caller is no Windows login"
    holds = str(domain).lower() == login.partition("\\")[0].lower()
    return holds, f"{domain}; the caller is {login}"


def _databases(sql: SqlSeen) -> dict[str, DatabaseFacts]:
    """The databases that are there, by name."""
    info = info_of(sql)
    databases = info.get("databases") if info else None
    return {name: facts for name, facts in (databases or {}).items() if facts["database_state"]}


@each_sql_server
def simple_recovery(sql: SqlSeen) -> Told:
    """Only databases that nothing has been done to yet can tell."""
    untouched: dict[str, str | None] = {}
    for name, facts in _databases(sql).items():
        if _is_untouched(facts):
            untouched[name] = facts["recovery_model"]
    if not untouched:
        return None
    told = [f"{name} is {model}" for name, model in untouched.items()]
    return set(untouched.values()) == {"SIMPLE"}, "; ".join(told)


def _is_untouched(facts: DatabaseFacts) -> bool:
    if facts["database_state"] != "ONLINE" or facts["mirroring_role"]:
        return False
    return not facts["last_full_backup"] and not facts["restored_at"]


@each_sql_server
def recovery_fork(sql: SqlSeen) -> Told:
    """The fork of a database beside that of its newest backup, unless it was restored since."""
    told: list[str] = []
    holds = True
    for name, facts in _databases(sql).items():
        if name.lower() not in sql["backup_forks"]:
            continue
        if facts["database_state"] != "ONLINE" or _restored_since(facts):
            continue
        now = facts["recovery_fork"]
        then = sql["backup_forks"][name.lower()]
        told.append(f"{name}: database {now}, newest backup {then}")
        holds = holds and str(now).lower() == str(then).lower()
    return (holds, "; ".join(told)) if told else None


def _restored_since(facts: DatabaseFacts) -> bool:
    """Whether the newest backups were taken before the database was restored, and so belong to
    another history.
    """
    if not facts["restored_at"]:
        return False
    newest = ""
    for backup in (facts["last_full_backup"], facts["last_log_backup"]):
        if backup:
            newest = max(newest, backup.get("started_at") or "")
    return newest < facts["restored_at"]


@each_sql_server
def redo_lsn(sql: SqlSeen) -> Told:
    """A mirror copy restores without our reading its position; only copies that no mirroring runs
    on are read.
    """
    seen: dict[str, str | None] = {}
    for name, facts in _databases(sql).items():
        if facts["database_state"] == "RESTORING" and not facts["mirroring_role"]:
            seen[name] = facts["redo_lsn"]
    return _are_filled(seen)


@each_sql_server
def restoring_fork(sql: SqlSeen) -> Told:
    """Where it is hidden, msdb's history and the log backups tell it."""
    seen: dict[str, str | None] = {}
    for name, facts in _databases(sql).items():
        if facts["database_state"] == "RESTORING":
            seen[name] = facts["recovery_fork"]
    return _are_filled(seen)


def _are_filled(seen: dict[str, str | None]) -> Told:
    """``seen``: database -> what its copy tells."""
    if not seen:
        return None
    return all(seen.values()), "; ".join(f"{name}: {value}" for name, value in seen.items())
