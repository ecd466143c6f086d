"""Checks of endpoints, commands and the objects that cmdlets return.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..._engine.errors import PChatError
from ..._engine.model import State
from ..calls.missing import module_of
from ..resources.lync._pool import SLOTS
from ..resources.lync.topology import parts
from .fidelity_info import LATE as _LATE
from .fidelity_info import expected
from .verdicts import Finding, Looks, looked, per_host, verdict

#: Of these names one is enough: sources disagree, and the readers take either.
_EITHER = (
    frozenset({"MirroringStatusOnMirror", "MirroringStatusOnSecondary"}),
    frozenset({"Succeed", "InstalledVersion"}),
)
#: Not properties but our own decoding of bare values and of objects that print as text.
_OURS = frozenset({"_text", "value"})
#: A command tells its version since PowerShell 5, and its snap-in where it comes from one; the
#: readers do without.
_SOME_VERSIONS = frozenset({"Version", "PSSnapIn"})
_STORE = re.compile(r"\w+:[\w.-]+(\\[\w$]+)?")

Told = tuple[bool | None, str] | None


def listed(names: object) -> str:
    return (
        ", ".join(sorted(map(str, names)))
        if isinstance(names, (list, tuple, set, frozenset, dict))
        else str(names)
    )


@per_host("any")
def structured_commands(state: State) -> Told:
    """Reached at all means: every call travelled as a command with parameters, no script was
    sent.
    """
    answered = len(state["commands"])
    return (
        "_error" not in state["commands"] and answered > 0,
        f"{answered} commands answered for without any script",
    )


@per_host("any")
def commands_exist(state: State) -> Told:
    wanted = set(expected(state["kinds"]))
    there = {name.lower() for name in state["commands"]}
    missing = {name for name in wanted if name.lower() not in there}
    modules = listed(
        {c["module"] for c in state["commands"].values() if isinstance(c, dict)} - {""}
    )
    late = (
        f"; {listed(missing & _LATE)} not on this version of Windows, and done without"
        if missing & _LATE
        else ""
    )
    if missing - _LATE:
        return False, "not there: " + ", ".join(
            f"{name} (module {module_of(name).name})" for name in sorted(missing - _LATE)
        )
    return True, f"all {len(wanted - missing)} are there, from {modules or 'the core'}{late}"


@per_host("any")
def command_parameters(state: State) -> Told:
    wrong = []
    looked = 0
    mute = 0
    for name, parameters in expected(state["kinds"]).items():
        command = state["commands"].get(name)
        if not isinstance(command, dict):
            continue
        if command["parameters"] is None:
            mute += 1
            continue
        looked += 1
        known = {p.lower() for p in command["parameters"]}
        wrong += [f"{name} -{p}" for p in sorted(parameters) if p.lower() not in known]
    if wrong:
        return False, f"no such parameter: {', '.join(wrong)}"
    return (True if looked else None), f"parameters of {looked} commands" + (
        f"; {mute} do not tell theirs" if mute else ""
    )


#: Of these the first one ends everything behind it, the others do not.
_STOPPED = "stopped by -ErrorAction Stop"


@per_host("any")
def statement_errors(state: State) -> Told:
    """For each kind of failure, at the first place and behind another call."""
    told = state["statements"]
    wrong = [
        f"{kind} {place}"
        for kind, seen in told.items()
        for place in ("first", "later")
        if not seen[f"named_{place}"]
    ]
    if not told:
        return None
    return not wrong, (
        f"another call was named: {', '.join(wrong)}"
        if wrong
        else f"the call that failed was named, for {listed(told)}"
    )


@per_host("any")
def later_statements(state: State) -> Told:
    """By what happened on the host: a text that the statement behind the failed one kept in the
    runspace.
    """
    ran = {
        kind: seen["ran"] for kind, seen in state["statements"].items() if seen["ran"] is not None
    }
    if not ran:
        return None, "this session keeps no variables, so a statement leaves no trace in it"
    shown = "; ".join(
        f"{kind}: {'ran' if was else 'did not run'}" for kind, was in sorted(ran.items())
    )
    expected_to = {
        kind: kind != _STOPPED
        for kind in ran
        if kind in ("unknown cmdlet", "unknown parameter", _STOPPED)
    }
    return (
        all(ran[kind] == must for kind, must in expected_to.items()),
        f"the statement behind it, after {shown}",
    )


@per_host("any")
def reconnect(state: State) -> Told:
    taken = state.get("taken_up")
    if taken is None:
        return None, "runspaces are not kept in this run (pchat_keep_sessions)"
    return bool(taken), (
        "the runspace was disconnected and taken up again"
        if taken
        else "a fresh runspace had to be opened"
    )


@per_host("any")
def module_loads(state: State) -> Told:
    """A module of which no cmdlet is there was not loaded; of Lync's, that its cmdlets also answer
    can be told.
    """
    if "_error" in state["commands"]:
        return None
    absent = _absent_modules(state)
    if absent:
        return False, "; ".join(
            f"{name}: none of {listed(cmdlets)} is there"
            for name, cmdlets in sorted(absent.items())
        )
    return _lync_answers(state)


def _absent_modules(state: State) -> dict[str, set[str]]:
    there = {name.lower() for name in state["commands"]}
    wanted: dict[str, set[str]] = {}
    for name in set(expected(state["kinds"])) - _LATE:
        wanted.setdefault(module_of(name).name, set()).add(name)
    return {
        module: names
        for module, names in wanted.items()
        if not any(name.lower() in there for name in names)
    }


def _lync_answers(state: State) -> Told:
    calls = [c for c in state["calls"] if "-Cs" in c["cmdlet"]]
    good = [c for c in calls if c["error"] is None]
    module = (state["commands"].get("Get-CsService") or {}).get("module")
    if good:
        return True, f"{good[0]['cmdlet']} answered in a fresh session, from module {module or '?'}"
    return (False, str(calls[0]["error"])) if calls else None


def _properties(state: State, only: str | None) -> Told:
    """Every property that the collection's readers asked for, of calls that returned anything."""
    wrong = []
    looked = 0
    for call in state["calls"]:
        if (call["cmdlet"] == "Get-CsService") != (only == "Get-CsService") or not call["records"]:
            continue
        there = {name for name, had in call["properties"].items() if had}
        for name in sorted(set(call["properties"]) - _OURS - _SOME_VERSIONS):
            looked += 1
            group = next((g for g in _EITHER if name in g), frozenset({name}))
            if not group & there:
                wrong.append(f"{call['cmdlet']}: {name}")
    if wrong:
        return False, f"not there: {', '.join(wrong)}"
    return (True, f"all {looked} properties that are read are there") if looked else None


@per_host("lync")
def service_properties(state: State) -> Told:
    told = _properties(state, "Get-CsService")
    if told is None or not told[0]:
        return told
    wanted = {
        f"{prefix}{kind}"
        for prefix in SLOTS.values()
        for kind in ("PersistentChatDatabase", "PersistentChatComplianceDatabase")
    }
    return True, f"{told[1]}; filled stores: {len(set(state['lync']['stores']) & wanted)}"


@per_host("any")
def object_properties(state: State) -> Told:
    if state["broken"]:
        return False, "; ".join(state["broken"])
    return _properties(state, None)


@per_host("lync")
def store_format(state: State) -> Told:
    stores = state["lync"]["stores"]
    wrong = {name: text for name, text in stores.items() if not _STORE.fullmatch(text)}
    if wrong:
        return False, "; ".join(f"{name} prints as {text}" for name, text in sorted(wrong.items()))
    return (
        (True, "; ".join(f"{name} {text}" for name, text in sorted(stores.items())))
        if stores
        else None
    )


def store_instance(looks: Looks) -> Iterator[Finding]:
    """Only an estate with named instances can tell."""
    named = {
        state["instance"]
        for state in looks.values()
        if "sql" in looked(state) and state["instance"]
    }
    for host, state in looks.items():
        stores = list(state["lync"]["stores"].values()) if "lync" in looked(state) else []
        shown = {store.partition("\\")[2].lower() for store in stores} - {""}
        if stores and (named or shown):
            yield Finding(
                host,
                verdict(bool(shown & named) or not named),
                f"instances shown: {listed(shown) or 'none'}; in the inventory: {listed(named)}",
            )


@per_host("lync")
def mirror_status_name(state: State) -> Told:
    rows = state["lync"]["mirror_rows"]
    found = {name for row in rows for name in row} & _EITHER[0]
    return (
        (
            bool(found),
            f"it is called {listed(found)}" if found else f"the rows have {listed(rows[0])}",
        )
        if rows
        else None
    )


@per_host("lync")
def database_rows(state: State) -> Told:
    rows = state["lync"]["database_rows"]
    if not rows:
        return None
    lacking = {"SqlInstanceName", "DatabaseName"} - set(rows[0])
    if not _EITHER[1] & set(rows[0]):
        lacking |= _EITHER[1]
    return not lacking, (
        f"{len(rows)} rows without {listed(lacking)}"
        if lacking
        else f"{len(rows)} rows tell database, instance and success"
    )


@per_host("lync")
def topology_document(state: State) -> Told:
    text = state["lync"]["document"]
    if not text:
        return None
    try:
        found, clusters = parts(text, "the published topology")
    except PChatError as error:
        return False, str(error)
    kinds = {words.partition(" ")[0] for words in found}
    return (
        {"machine", "service"} <= kinds and "?" not in clusters,
        f"{len(clusters)} clusters, {len(found)} parts of the kinds {listed(kinds)}",
    )


@per_host("chat")
def service_display_names(state: State) -> Told:
    shown = [name for name in (state["services"] or {}).values() if name]
    return bool(shown), (
        f"display names: {listed(shown)}"
        if shown
        else "no service with Persistent Chat in its display name"
    )


@per_host("chat")
def service_names(state: State) -> Told:
    names = {name.upper() for name in state["services"] or {}}
    return (names <= {"RTCCHAT", "RTCCOMP"}, f"they are {listed(names)}") if names else None
