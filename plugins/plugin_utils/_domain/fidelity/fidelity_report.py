"""From what the hosts told to the report: confirmed, refuted or not checkable for each assumption.
FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..._engine.model import State
from ..documents.fidelity import (
    AssumptionEntry,
    FindingEntry,
    HostSeen,
    Report,
    ReportDocument,
)
from .assumptions import ASSUMPTIONS
from .verdicts import CONFIRMED, OPEN, REFUTED, Assumption, Finding, Looks

FIDELITY_REPORT_SPEC: State = {"facts": {"type": "dict", "required": True}}
#: What needs attention first.
_ORDER = (REFUTED, OPEN, CONFIRMED)


class HostResult(t.TypedDict, total=False):
    """What the task fidelity_info returned for a host. ``msg``: why it could not be asked."""

    state: HostSeen
    msg: str


class Asked(t.TypedDict):
    """``facts``: host -> what was returned for it."""

    facts: Mapping[str, HostResult]


def judge(looks: Looks, assumptions: Sequence[Assumption] = ASSUMPTIONS) -> list[AssumptionEntry]:
    """One entry for each assumption, in their order.

    One host that refutes outweighs any that confirm.
    """
    return [_judged(assumption, looks) for assumption in assumptions]


def _judged(assumption: Assumption, looks: Looks) -> AssumptionEntry:
    findings = list(assumption.check(looks)) if assumption.check else []
    entry: AssumptionEntry = {
        "id": assumption.id,
        "assumption": assumption.text,
        "verdict": _verdict_of(findings),
        "findings": [_finding(finding) for finding in findings],
    }
    if entry["verdict"] == OPEN:
        entry["why"] = assumption.why_not or _first_seen(findings) or assumption.otherwise
    return entry


def _verdict_of(findings: Iterable[Finding]) -> str:
    verdicts = {finding.verdict for finding in findings}
    for verdict in (REFUTED, CONFIRMED):
        if verdict in verdicts:
            return verdict
    return OPEN


def _finding(finding: Finding) -> FindingEntry:
    return {"host": finding.host, "verdict": finding.verdict or OPEN, "seen": finding.seen}


def _first_seen(findings: Sequence[Finding]) -> str:
    return findings[0].seen if findings else ""


def report(options: Asked) -> Report:
    """The document and its lines.

    Hosts that could not be asked are named in it: they confirm and refute nothing.
    """
    looks: dict[str, HostSeen] = {}
    silent: dict[str, str] = {}
    for host, result in options["facts"].items():
        state = result.get("state")
        if isinstance(state, dict):
            looks[host] = state
        else:
            silent[host] = str(result.get("msg") or "was not asked")
    entries = judge(looks)
    document: ReportDocument = {
        "counts": {verdict: len(_of_verdict(entries, verdict)) for verdict in _ORDER},
        "hosts": sorted(looks),
        "not_asked": silent,
        "assumptions": entries,
    }
    return {
        "report": document,
        "refuted": [entry["id"] for entry in _of_verdict(entries, REFUTED)],
        "lines": list(_lines(document)),
    }


def _of_verdict(entries: Iterable[AssumptionEntry], verdict: str) -> list[AssumptionEntry]:
    return [entry for entry in entries if entry["verdict"] == verdict]


def _lines(document: ReportDocument) -> Iterator[str]:
    """What needs attention first."""
    counts = document["counts"]
    yield (
        f"{counts[CONFIRMED]} confirmed, {counts[REFUTED]} refuted, {counts[OPEN]} not checkable,"
        f" on {len(document['hosts'])} hosts"
    )
    for host, why in sorted(document["not_asked"].items()):
        yield f"not asked      {host}: {why}"
    for verdict in _ORDER:
        for entry in _of_verdict(document["assumptions"], verdict):
            yield from _lines_of(entry)


def _lines_of(entry: AssumptionEntry) -> Iterator[str]:
    """An assumption, and what refutes it."""
    told = f"{entry['verdict'].replace('_', ' '):14} {entry['id']}: {entry['assumption']}"
    if "why" in entry:
        told += f" ({entry['why']})"
    yield told
    for finding in entry["findings"]:
        if finding["verdict"] == REFUTED:
            yield f"{'':14}   {finding['host']}: {finding['seen']}"
