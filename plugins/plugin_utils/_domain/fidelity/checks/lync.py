"""Checks of what Lync's cmdlets return, and of the properties that all cmdlets have.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...._engine.errors import PChatError
from ...documents.fidelity import CallSeen, HostSeen, LyncSeen
from ...resources.lync._pool import SLOTS
from ...resources.lync.topology import parts
from ..verdicts import (
    Finding,
    Looks,
    Told,
    each_host,
    each_management_host,
    listed,
    looked,
    verdict,
)

#: Of these names one is enough: sources disagree, and the readers take either.
_MIRROR_STATUS = frozenset({"MirroringStatusOnMirror", "MirroringStatusOnSecondary"})
_DATABASE_STATUS = frozenset({"Succeed", "InstalledVersion"})
#: Not properties but our own decoding of bare values and of objects that print as text.
_OURS = frozenset({"_text", "value"})
#: A command tells its version since PowerShell 5, and its snap-in where it comes from one; the
#: readers do without.
_SOME_VERSIONS = frozenset({"Version", "PSSnapIn"})
_STORE = re.compile(r"\w+:[\w.-]+(\\[\w$]+)?")
_STORE_KINDS = ("PersistentChatDatabase", "PersistentChatComplianceDatabase")


@each_management_host
def service_properties(state: HostSeen, lync: LyncSeen) -> Told:
    """Of Get-CsService alone, and how many of the stores that it may name are filled."""
    told = _properties([call for call in state["calls"] if _is_of_service(call)])
    if told is None or not told[0]:
        return told
    wanted: set[str] = set()
    for prefix in SLOTS.values():
        wanted.update(prefix + kind for kind in _STORE_KINDS)
    return True, f"{told[1]}; filled stores: {len(wanted.intersection(lync['stores']))}"


@each_host
def object_properties(state: HostSeen) -> Told:
    """Of all other cmdlets; a reader that stumbled refutes as well."""
    if state["broken"]:
        return False, "; ".join(state["broken"])
    return _properties([call for call in state["calls"] if not _is_of_service(call)])


def _is_of_service(call: CallSeen) -> bool:
    return call["cmdlet"] == "Get-CsService"


def _properties(calls: list[CallSeen]) -> Told:
    """Every property that the collection's readers asked for, of calls that returned anything."""
    wrong: list[str] = []
    asked = 0
    for call in calls:
        if not call["records"]:
            continue
        names = sorted(set(call["properties"]) - _OURS - _SOME_VERSIONS)
        asked += len(names)
        wrong += [f"{call['cmdlet']}: {name}" for name in names if not _had(call, name)]
    if wrong:
        return False, f"not there: {', '.join(wrong)}"
    return (True, f"all {asked} properties that are read are there") if asked else None


def _had(call: CallSeen, name: str) -> bool:
    """Whether a record had this property, or the other one that says the same."""
    alike = {name}
    for either in (_MIRROR_STATUS, _DATABASE_STATUS):
        if name in either:
            alike |= either
    return any(call["properties"].get(each) for each in alike)


@each_management_host
def store_format(_state: HostSeen, lync: LyncSeen) -> Told:
    """Role:host, with \\instance behind it."""
    stores = sorted(lync["stores"].items())
    if not stores:
        return None
    wrong = [f"{name} prints as {text}" for name, text in stores if not _STORE.fullmatch(text)]
    if wrong:
        return False, "; ".join(wrong)
    return True, "; ".join(f"{name} {text}" for name, text in stores)


def store_instance(looks: Looks) -> Iterator[Finding]:
    """Only an estate with named instances can tell."""
    named = _named_instances(looks)
    for host, state in looks.items():
        lync = state["lync"]
        if lync is None or "lync" not in looked(state) or not lync["stores"]:
            continue
        shown = {store.partition("\\")[2].lower() for store in lync["stores"].values()} - {""}
        if named or shown:
            yield Finding(
                host,
                verdict(not named or bool(shown & named)),
                f"instances shown: {listed(shown) or 'none'}; in the inventory: {listed(named)}",
            )


def _named_instances(looks: Looks) -> set[str]:
    found: set[str] = set()
    for state in looks.values():
        if "sql" in looked(state) and state["instance"]:
            found.add(state["instance"])
    return found


@each_management_host
def mirror_status_name(_state: HostSeen, lync: LyncSeen) -> Told:
    """The name of the second status property of Get-CsDatabaseMirrorState."""
    rows = lync["mirror_rows"]
    if not rows:
        return None
    names: set[str] = set().union(*rows)
    found = _MIRROR_STATUS & names
    if found:
        return True, f"it is called {listed(found)}"
    return False, f"the rows have {listed(rows[0])}"


@each_management_host
def database_rows(_state: HostSeen, lync: LyncSeen) -> Told:
    """The properties of the rows of Test-CsDatabase."""
    rows = lync["database_rows"]
    if not rows:
        return None
    lacking = {"SqlInstanceName", "DatabaseName"} - set(rows[0])
    if not _DATABASE_STATUS & set(rows[0]):
        lacking |= _DATABASE_STATUS
    if lacking:
        return False, f"{len(rows)} rows without {listed(lacking)}"
    return True, f"{len(rows)} rows tell database, instance and success"


@each_management_host
def topology_document(_state: HostSeen, lync: LyncSeen) -> Told:
    """The published topology can be taken apart into machines and services of known clusters."""
    text = lync["document"]
    if not text:
        return None
    try:
        found, clusters = parts(text, "the published topology")
    except PChatError as error:
        return False, str(error)
    kinds = {words.partition(" ")[0] for words in found}
    holds = {"machine", "service"} <= kinds and "?" not in clusters
    return (
        holds,
        f"{len(clusters)} clusters, {len(found)} parts of the kinds {listed(kinds)}",
    )
