"""Whether a pool's estate has what building and protecting it needs: all findings at once. FOR
INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping

from ..._engine.errors import Refused
from ..._engine.model import ArgumentSpec
from ..words import plural
from .checks_machines import machine_findings
from .checks_sql import sql_findings
from .seen import Finding, PreflightOptions, Seen, Told, seen_of

PREFLIGHT_SPEC: ArgumentSpec = {
    "estate": {"type": "dict", "required": True},
    "facts": {"type": "dict", "required": True},
    "manage_recovery_model": {"type": "bool", "default": True},
    "log_share": {"type": "str", "default": ""},
    "seed_share": {"type": "str", "default": ""},
    "accept_foreign_log_backups": {"type": "bool", "default": False},
    "active_servers": {"type": "list", "elements": "str", "default": []},
}


class Verdict(t.TypedDict):
    """Nothing stands against it. ``hosts``: how many told something."""

    findings: list[Finding]
    hosts: int


def judge(options: PreflightOptions) -> Verdict:
    """Refuses with every finding as a sentence; the code is that of the findings when they are all
    of one kind, ``preflight`` otherwise.
    """
    found = list(_findings(options))
    if not found:
        return {"findings": [], "hosts": len(options["facts"])}
    codes = {finding.code for finding in found}
    told = " | ".join(f"{finding.host}: {finding.text}" for finding in found)
    raise Refused(
        f"{plural(len(found), 'finding')} before anything was changed: {told}",
        code=codes.pop() if len(codes) == 1 else "preflight",
        findings=[finding._asdict() for finding in found],
    )


def _findings(options: PreflightOptions) -> Iterator[Finding]:
    facts = options["facts"]
    for host in options["estate"]["hosts"]:
        yield from _not_told(host, facts.get(host))
    answered = {host: told for host, told in facts.items() if not _unreachable(told)}
    seen = seen_of(options, answered)
    yield from sql_findings(seen)
    yield from machine_findings(seen)
    yield from _failed_over(seen)


def _not_told(host: str, told: Mapping[str, Told] | None) -> Iterator[Finding]:
    """Why a host did not tell what it was asked; ``told`` None: nobody asked."""
    if told is None:
        yield Finding(host, "unreachable", "it does not answer: it was not looked at")
        return
    lost = _unreachable(told)
    if lost:
        yield Finding(host, "unreachable", f"it does not answer: {lost[0].get('msg', '')}")
        return
    for result in told.values():
        if result.get("failed"):
            yield Finding(host, result.get("code", "failed"), str(result.get("msg")))


def _unreachable(told: Mapping[str, Told]) -> list[Told]:
    return [result for result in told.values() if result.get("unreachable")]


def _failed_over(seen: Seen) -> Iterator[Finding]:
    for host, pool in seen.pools.items():
        if pool["pool_state"] == "FailedOver":
            yield Finding(
                host,
                "failed_over",
                f"the pool {seen.estate['pool']} is FailedOver: it runs on its backup"
                " database, which building it anew would overwrite. Go back by the documented"
                " failback first.",
            )
            return
