"""Checks of endpoints and commands: what is there, and how its errors arrive.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...calls.missing import module_of
from ...documents.fidelity import HostSeen, StatementsSeen
from ..commands import LATE, expected
from ..failures import STOPPED
from ..verdicts import NO_COMMANDS, Told, commands_of, each_host, listed

#: What stands behind the first two runs all the same.
_TELLING = ("unknown cmdlet", "unknown parameter", STOPPED)


@each_host
def structured_commands(state: HostSeen) -> Told:
    """Reached at all means: every call travelled as a command with parameters, no script was
    sent.
    """
    answered = len(state["commands"])
    holds = NO_COMMANDS not in state["commands"] and answered > 0
    return holds, f"{answered} commands answered for without any script"


@each_host
def commands_exist(state: HostSeen) -> Told:
    """Every cmdlet is there, but for those that this version of Windows may lack."""
    wanted = set(expected(state["kinds"]))
    missing = _not_there(state, wanted)
    if missing - LATE:
        named = [f"{name} (module {module_of(name).name})" for name in sorted(missing - LATE)]
        return False, f"not there: {', '.join(named)}"
    modules = {command["module"] for command in commands_of(state).values()} - {""}
    seen = f"all {len(wanted - missing)} are there, from {listed(modules) or 'the core'}"
    if missing:
        seen += f"; {listed(missing)} not on this version of Windows, and done without"
    return True, seen


def _not_there(state: HostSeen, names: Iterable[str]) -> set[str]:
    there = {name.lower() for name in state["commands"]}
    return {name for name in names if name.lower() not in there}


@each_host
def command_parameters(state: HostSeen) -> Told:
    """Of the commands that are there and tell their parameters."""
    wrong: list[str] = []
    told = 0
    mute = 0
    commands = commands_of(state)
    for name, parameters in expected(state["kinds"]).items():
        if name not in commands:
            continue
        known = commands[name]["parameters"]
        if known is None:
            mute += 1
        else:
            told += 1
            wrong += _lacking(name, parameters, known)
    if wrong:
        return False, f"no such parameter: {', '.join(wrong)}"
    seen = f"parameters of {told} commands"
    if mute:
        seen += f"; {mute} do not tell theirs"
    return (True if told else None), seen


def _lacking(name: str, wanted: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    there = set(map(str.lower, known))
    for parameter in sorted(wanted):
        if parameter.lower() not in there:
            yield f"{name} -{parameter}"


@each_host
def module_loads(state: HostSeen) -> Told:
    """A module of which no cmdlet is there was not loaded; of Lync's, that its cmdlets also answer
    can be told.
    """
    if NO_COMMANDS in state["commands"]:
        return None
    absent = _absent_modules(state)
    if not absent:
        return _lync_answers(state)
    told = [f"{name}: none of {listed(absent[name])} is there" for name in sorted(absent)]
    return False, "; ".join(told)


def _absent_modules(state: HostSeen) -> dict[str, set[str]]:
    """Module -> its expected cmdlets, for modules of which none is there."""
    wanted: dict[str, set[str]] = {}
    for name in set(expected(state["kinds"])) - LATE:
        wanted.setdefault(module_of(name).name, set()).add(name)
    return {module: names for module, names in wanted.items() if _not_there(state, names) == names}


def _lync_answers(state: HostSeen) -> Told:
    calls = [call for call in state["calls"] if "-Cs" in call["cmdlet"]]
    for call in calls:
        if call["error"] is None:
            module = _module_of_lync(state) or "?"
            return True, f"{call['cmdlet']} answered in a fresh session, from module {module}"
    return (False, str(calls[0]["error"])) if calls else None


def _module_of_lync(state: HostSeen) -> str | None:
    command = commands_of(state).get("Get-CsService")
    return command["module"] if command else None


@each_host
def reconnect(state: HostSeen) -> Told:
    """As the action plugin found it when it asked for the runspace once more."""
    taken = state.get("taken_up")
    if taken is None:
        return None, "runspaces are not kept in this run (pchat_keep_sessions)"
    if taken:
        return True, "the runspace was disconnected and taken up again"
    return False, "a fresh runspace had to be opened"


@each_host
def statement_errors(state: HostSeen) -> Told:
    """For each kind of failure, at the first place and behind another call."""
    told = state["statements"]
    if not told:
        return None
    wrong = list(_misnamed(told))
    if wrong:
        return False, f"another call was named: {', '.join(wrong)}"
    return True, f"the call that failed was named, for {listed(told)}"


def _misnamed(told: Mapping[str, StatementsSeen]) -> Iterator[str]:
    for kind, seen in told.items():
        if not seen["named_first"]:
            yield f"{kind} first"
        if not seen["named_later"]:
            yield f"{kind} later"


@each_host
def later_statements(state: HostSeen) -> Told:
    """By what happened on the host: a text that the statement behind the failed one kept in the
    runspace.
    """
    ran: dict[str, bool] = {}
    for kind, seen in state["statements"].items():
        if seen["ran"] is not None:
            ran[kind] = seen["ran"]
    if not ran:
        return None, "this session keeps no variables, so a statement leaves no trace in it"
    holds = all(ran[kind] == (kind != STOPPED) for kind in _TELLING if kind in ran)
    shown = [f"{kind}: {'ran' if ran[kind] else 'did not run'}" for kind in sorted(ran)]
    return holds, f"the statement behind it, after {'; '.join(shown)}"
