"""Checks of SQL Server: catalog, procedures, messages, and how Invoke-Sqlcmd answers. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..._engine.model import State
from ..calls.tsql.probes import LONG, VARIABLE
from . import used
from .checks_host import Told, listed
from .numbers import NUMBERS
from .verdicts import per_host

#: SQL Server 2012 and later; its reader does without it.
_LATE = frozenset({"master.dm_tcp_listener_states"})


@per_host("sql")
def view_columns(state: State) -> Told:
    known = state["sql"]["columns"]
    wanted = {
        view: names for view, names in used.columns().items() if view in known or view not in _LATE
    }
    wrong = [
        f"{view}.{name}"
        for view, names in wanted.items()
        for name in sorted(names - set(known.get(view, ())))
    ]
    if not known:
        return None, "the catalog told nothing"
    return not wrong, (
        f"not there: {', '.join(wrong)}"
        if wrong
        else f"{sum(map(len, wanted.values()))} columns of {len(wanted)} views and tables"
    )


def _procedures(state: State) -> Iterator[tuple[str, dict[str, bool], State | None]]:
    for name, arguments in used.procedures().items():
        yield name, arguments, state["sql"]["procedures"].get(name)


@per_host("sql")
def procedure_parameters(state: State) -> Told:
    wrong = []
    looked = 0
    for name, arguments, found in _procedures(state):
        if found is None:
            wrong.append(f"{name} is not there")
        # extended procedures declare nothing
        elif found["type"] != "X":
            looked += len(arguments)
            wrong += [
                f"{name} has no {a}" for a in sorted(set(arguments) - set(found["parameters"]))
            ]
            wrong += [
                f"{name} {a} is no OUTPUT"
                for a, output in arguments.items()
                if output and found["parameters"].get(a) is False
            ]
    return not wrong, (
        "; ".join(wrong) if wrong else f"{looked} arguments of {len(used.procedures())} procedures"
    )


@per_host("sql")
def procedure_defaults(state: State) -> Told:
    """What a call does not pass must have a default, or the procedure refuses the call (201)."""
    wrong = []
    looked = 0
    for name, _arguments, found in _procedures(state):
        if found is not None and found["defaults"]:
            for parameter, default in found["defaults"].items():
                if parameter not in used.sparsest()[name]:
                    looked += 1
                    if default is None:
                        wrong.append(f"{name} {parameter} is needed, and not passed")
    if wrong:
        return False, "; ".join(wrong)
    return (
        (True, f"{looked} parameters are left to their defaults")
        if looked
        else (None, "the instance does not show the procedures' text")
    )


@per_host("sql")
def message_numbers(state: State) -> Told:
    texts = state["sql"]["messages"]
    wrong = [
        f"{number}: {texts.get(str(number), 'there is none')}"
        for number, words in NUMBERS.items()
        if words.lower() not in texts.get(str(number), "").lower()
    ]
    return not wrong, (
        "; ".join(wrong) if wrong else f"{len(NUMBERS)} messages say what they are taken for"
    )


@per_host("sql")
def guard_text(state: State) -> Told:
    failing = state["sql"]["failing"]
    return (
        failing["code"] == "world_moved",
        f"a guard that fires arrives as {failing['code'] or 'no error at all'}",
    )


@per_host("sql")
def batch_end(state: State) -> Told:
    """A batch that failed is known to have failed, whether or not its error arrived."""
    batches = state["sql"]["failing"]["batches"]
    passed = [name for name, seen in batches.items() if not seen["text"]]
    return not passed, (
        f"taken for done: {listed(passed)}"
        if passed
        else "all failed batches were known to have failed"
    )


@per_host("sql")
def script_errors(state: State) -> Told:
    batches = state["sql"]["failing"]["batches"]
    kept = {name: seen["numbers"] for name, seen in batches.items() if not seen["arrived"]}
    if not kept:
        return (
            True,
            "errors of the first and of later statements, and while rows are fetched, arrive",
        )
    shown = "; ".join(
        f"{name} (known by its row: {listed(numbers) or 'no number'})"
        for name, numbers in sorted(kept.items())
    )
    return False, f"kept back: {shown}"


@per_host("sql")
def single_run(state: State) -> Told:
    """The batch that fails later writes one row first."""
    rows = state["sql"]["failing"]["batches"]["later"]["rows"]
    if not rows:
        return None, "no row of the failed batch arrived, so its runs cannot be counted"
    return rows == 1, (
        "a batch that failed ran once" if rows == 1 else f"a batch that failed ran {rows} times"
    )


@per_host("sql")
def sqlcmd_module(state: State) -> Told:
    tool = (state["sql"]["info"] or {}).get("sql_tools")
    if not tool or not tool["parameters"]:
        return None, "the session does not tell what brings Invoke-Sqlcmd"
    lacking = sorted({"IncludeSqlUserErrors"} - set(tool["parameters"]))
    label = f"{tool['module'] or 'no module'} {tool['version'] or 'of unknown version'}"
    return not lacking, (
        f"{label} has no {listed(lacking)}"
        if lacking
        else f"{label}, {len(tool['parameters'])} parameters"
    )


@per_host("sql")
def certificate(state: State) -> Told:
    """Reached at all means: with the encryption that was chosen, the instance's certificate was no
    obstacle.
    """
    info = state["sql"]["info"] or {}
    tool = info.get("sql_tools") or {}
    newer = "TrustServerCertificate" in (tool.get("parameters") or ())
    if not info:
        return False, "SQL Server could not be asked; see object-properties for why"
    return True, (
        "reached; this module demands a trusted certificate unless pchat_sql_encryption says"
        " otherwise"
        if newer
        else "reached without a certificate"
    )


@per_host("sql")
def message_prefix(state: State) -> Told:
    first = state["sql"]["failing"]["batches"]["first"]
    return ("Msg " not in first["text"], first["text"]) if first["arrived"] else None


@per_host("sql")
def sqlcmd_values(state: State) -> Told:
    """No cut at 4000 characters, no replaced $(x), no lost digits, NULL as nothing."""
    probe = state["sql"]["probe"]
    if not probe:
        return False, "the probing SELECT returned nothing"
    wrong = []
    if len(str(probe.get("long_text") or "")) != LONG:
        wrong.append(
            f"a text of {LONG} characters came with {len(str(probe.get('long_text') or ''))}"
        )
    if probe.get("variable") != VARIABLE:
        wrong.append(f"{VARIABLE} became {probe.get('variable')!r}")
    if probe.get("lsn") != "1234567890123456789012345":
        wrong.append(f"an LSN of 25 digits became {probe.get('lsn')!r}")
    if probe.get("nothing") is not None:
        wrong.append(f"NULL became {probe.get('nothing')!r}")
    if probe.get("empty", "(not there)") is not None:
        wrong.append(
            f"an empty text became {probe.get('empty', '(not there)')!r}, and not what NULL becomes"
        )
    return not wrong, (
        "; ".join(wrong)
        if wrong
        else f"{LONG} characters, {VARIABLE}, 25 digits and NULL came as they are"
    )


@per_host("sql")
def default_domain(state: State) -> Told:
    probe = state["sql"]["probe"]
    login = str(probe.get("login") or "")
    domain = probe.get("domain")
    if "\\" not in login:
        return None, "the caller is no Windows login"
    return (
        str(domain).lower() == login.partition("\\")[0].lower(),
        f"{domain}; the caller is {login}",
    )


@per_host("sql")
def sql_service_names(state: State) -> Told:
    info = state["sql"]["info"]
    if not info:
        return None
    named = {"engine": info.get("service_account"), "Agent": info.get("agent_account")}
    lacking = [what for what, account in named.items() if not account]
    return not lacking, (
        f"not recognised: {listed(lacking)}"
        if lacking
        else f"engine as {named['engine']}, Agent as {named['Agent']}"
    )


def _databases(state: State) -> dict[str, State]:
    return {
        name: facts
        for name, facts in (state["sql"]["info"].get("databases") or {}).items()
        if facts["database_state"]
    }


@per_host("sql")
def simple_recovery(state: State) -> Told:
    """Only databases that nothing has been done to yet can tell."""
    untouched = {
        name: facts["recovery_model"]
        for name, facts in _databases(state).items()
        if facts["database_state"] == "ONLINE"
        and not facts["mirroring_role"]
        and not facts["last_full_backup"]
        and not facts["restored_at"]
    }
    if not untouched:
        return None
    return set(untouched.values()) == {"SIMPLE"}, "; ".join(
        f"{name} is {model}" for name, model in untouched.items()
    )


def _restored_since(facts: State) -> bool:
    """Whether the newest backups were taken before the database was restored, and so belong to
    another history.
    """
    taken = [
        str(backup.get("started_at") or "")
        for backup in (facts["last_full_backup"], facts["last_log_backup"])
        if backup
    ]
    return bool(facts["restored_at"]) and max(taken, default="") < str(facts["restored_at"])


@per_host("sql")
def recovery_fork(state: State) -> Told:
    seen = {
        name: (facts["recovery_fork"], state["sql"]["backup_forks"][name.lower()])
        for name, facts in _databases(state).items()
        if facts["database_state"] == "ONLINE"
        and name.lower() in state["sql"]["backup_forks"]
        and not _restored_since(facts)
    }
    if not seen:
        return None
    return all(str(now).lower() == str(then).lower() for now, then in seen.values()), "; ".join(
        f"{name}: database {now}, newest backup {then}" for name, (now, then) in seen.items()
    )


@per_host("sql")
def redo_lsn(state: State) -> Told:
    """A mirror copy restores without our reading its position; only copies that no mirroring runs
    on are read.
    """
    seen = {
        name: facts["redo_lsn"]
        for name, facts in _databases(state).items()
        if facts["database_state"] == "RESTORING" and not facts["mirroring_role"]
    }
    return (
        (all(seen.values()), "; ".join(f"{name}: {lsn}" for name, lsn in seen.items()))
        if seen
        else None
    )
