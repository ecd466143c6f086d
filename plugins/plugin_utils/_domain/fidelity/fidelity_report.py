"""From what the hosts told to the report: confirmed, refuted or not checkable for each assumption.
FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ..._engine.model import State
from .assumptions import ASSUMPTIONS
from .verdicts import CONFIRMED, OPEN, REFUTED, Assumption, Finding, Looks

FIDELITY_REPORT_SPEC: State = {"facts": {"type": "dict", "required": True}}
_ORDER = (REFUTED, OPEN, CONFIRMED)


def judge(looks: Looks, assumptions: Sequence[Assumption] = ASSUMPTIONS) -> list[State]:
    """One entry for each assumption, in their order.

    One host that refutes outweighs any that confirm.
    """
    return [
        _judged(assumption, list(assumption.check(looks)) if assumption.check else [])
        for assumption in assumptions
    ]


def _judged(assumption: Assumption, findings: list[Finding]) -> State:
    verdicts = {f.verdict for f in findings}
    verdict = next((v for v in (REFUTED, CONFIRMED) if v in verdicts), OPEN)
    entry: State = {
        "id": assumption.id,
        "assumption": assumption.text,
        "verdict": verdict,
        "findings": [
            {"host": f.host, "verdict": f.verdict or OPEN, "seen": f.seen} for f in findings
        ],
    }
    if verdict == OPEN:
        entry["why"] = assumption.why_not or next((f.seen for f in findings), assumption.otherwise)
    return entry


def report(options: Mapping[str, t.Any]) -> State:
    """The document and its lines.

    Hosts that could not be asked are named in it: they confirm and refute nothing.
    """
    looks = {
        host: result["state"]
        for host, result in options["facts"].items()
        if isinstance(result.get("state"), dict)
    }
    silent = {
        host: str(result.get("msg") or "was not asked")
        for host, result in options["facts"].items()
        if host not in looks
    }
    entries = judge(looks)
    counts = {verdict: sum(e["verdict"] == verdict for e in entries) for verdict in _ORDER}
    document = {
        "counts": counts,
        "hosts": sorted(looks),
        "not_asked": silent,
        "assumptions": entries,
    }
    return {
        "report": document,
        "refuted": [e["id"] for e in entries if e["verdict"] == REFUTED],
        "lines": _lines(document),
    }


def _lines(document: State) -> list[str]:
    """What needs attention first."""
    counts = document["counts"]
    lines = [
        f"{counts[CONFIRMED]} confirmed, {counts[REFUTED]} refuted, {counts[OPEN]} not checkable,"
        f" on {len(document['hosts'])} hosts"
    ]
    lines += [
        f"not asked      {host}: {why}" for host, why in sorted(document["not_asked"].items())
    ]
    for verdict in _ORDER:
        for entry in (e for e in document["assumptions"] if e["verdict"] == verdict):
            lines.append(
                f"{verdict.replace('_', ' '):14} {entry['id']}: {entry['assumption']}"
                + (f" ({entry['why']})" if "why" in entry else "")
            )
            if verdict == REFUTED:
                lines += [
                    f"{'':14}   {f['host']}: {f['seen']}"
                    for f in entry["findings"]
                    if f["verdict"] == REFUTED
                ]
    return lines
