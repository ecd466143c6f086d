"""What deserves a look, the most urgent first. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from ..._engine.model import State
from ..outage.dr_plan import STORE_STAYS
from ..outage.estate import Estate
from ..resources.sqlserver.dr_intent import unreadable
from .advice import FAILOVER, SITE, TO_THE_PRIMARY, would_act

#: critical: clients are without service, or a message may be lost at the next fault. warning: a
#: protection is missing. note: worth knowing.
ORDER = ("critical", "warning", "note")
_SERIOUS = {
    "SplitBrain",
    "Unknown",
    "PrimaryRefuses",
    "PrimaryLost",
    "PrimaryDown",
    "MirrorRemedy",
    "BackupRecovered",
    "TailTaken",
    "PrimarySeeded",
    "Fenced",
    "NotPublished",
    "TwoPrincipals",
    "StrayCopy",
}
_LABELS = {
    "primary": "primary",
    "mirror": "mirror",
    "backup": "backup",
    "backup_mirror": "backup's mirror",
}
#: While a pool is failed over there is nowhere else to fail over to.
ONLY_THERE = (
    "No log leaves the backup data centre: what is written now is lost with it, until the pool has"
    " been brought home."
)


class Finding(t.NamedTuple):
    urgency: str
    code: str
    text: str


def findings(
    estate: Estate, document: State, wanted: t.Sequence[str], most_active: int
) -> list[Finding]:
    found = [
        *_situation(estate, document),
        *_pool(estate, document, wanted, most_active),
        *_copies(estate, document),
        *_shipping(estate, document),
        *_logins(document),
    ]
    return sorted(found, key=lambda file: ORDER.index(file.urgency))


def _situation(estate: Estate, document: State) -> Iterator[Finding]:
    name = document["situation"]["name"]
    text = document["situation"]["text"]
    if name in _SERIOUS:
        yield Finding("critical", "situation", f"{name}: {text}")
    elif name != "Healthy":
        yield Finding("warning", "situation", f"{name}: {text}")
    if estate.intent_why is not None:
        yield Finding(
            "critical",
            "intent_unreadable",
            str(unreadable(estate.pool, estate.backup.host, estate.intent_why)),
        )
    if document["intent"]:
        i = document["intent"]
        yield Finding(
            "warning",
            "intent",
            f"A {i['target']} is going on, declared by {i['operator'] or 'somebody'} at {i['at']}.",
        )


def _pool(
    estate: Estate, document: State, wanted: t.Sequence[str], most_active: int
) -> Iterator[Finding]:
    if estate.store != "central":
        yield Finding(
            "critical",
            "cms_lost",
            f"The central management store does not answer: {estate.store_why}",
        )
    if estate.active == ():
        yield Finding("critical", "no_active_server", "No server accepts clients.")
    if estate.active is not None and len(estate.active) > most_active:
        yield Finding(
            "warning",
            "too_many_active",
            f"{len(estate.active)} servers are active; at most {most_active} are supported.",
        )
    if estate.active and wanted and set(estate.active) != set(wanted):
        yield Finding(
            "warning",
            "active_differs",
            f"Active are {_short(estate.active)}; declared for this state are {_short(wanted)}.",
        )
    if estate.recovered:
        yield Finding("warning", "one_site", ONLY_THERE)
    store = document["central_management_store"]
    if (
        estate.store == "central"
        and store["site"] == "backup"
        and not estate.recovered
        and estate.intent is None
    ):
        yield Finding(
            "note",
            "store_in_backup_site",
            "The central management store is in the backup data centre"
            f" ({_short([store['host']])}). {STORE_STAYS}",
        )
    homeless = [
        s.fqdn
        for s in estate.servers
        if estate.active
        and s.fqdn in estate.active
        and estate.pool_state == "FailedOver"
        and s.site == "primary"
    ]
    if homeless:
        yield Finding(
            "warning",
            "active_in_wrong_site",
            f"{_short(homeless)} stand in the primary data centre and accept clients while the pool"
            " runs on the backup copy: every message crosses the link between the data centres.",
        )
    for server in estate.servers:
        if estate.active and server.fqdn in estate.active and server.answers and not server.started:
            yield Finding(
                "critical",
                "service_stopped",
                f"{server.fqdn} is active and its Persistent Chat service does not run.",
            )
    silent = {s.fqdn for s in estate.servers if not s.answers} | {
        h.lower() for h in estate.unreachable
    }
    for fqdn in (f for f in estate.late if f not in silent):
        yield Finding("warning", "replication_late", f"The configuration has not reached {fqdn}.")
    for name in document["unreachable"]:
        if name in estate.refusing:
            yield Finding(
                "critical",
                "host_refuses",
                f"{name} answers but refuses, so nothing is known of it (the logon, a certificate,"
                " a proxy or a quota).",
            )
        else:
            yield Finding("warning", "unreachable", f"{name} does not answer.")


def _without_witness(estate: Estate) -> Iterator[Finding]:
    site = (
        ""
        if estate.recovered or estate.intent or not would_act(estate, SITE)
        else "; so does site.yml"
    )
    for pair, slots in (
        ("primary", ("primary", "mirror")),
        ("backup", ("backup", "backup_mirror")),
    ):
        principal = next(
            (
                estate.copies[s]
                for s in slots
                if s in estate.copies and estate.copies[s].role == "PRINCIPAL"
            ),
            None,
        )
        if (
            principal is not None
            and principal.safety == "FULL"
            and principal.witness is None
            and pair in estate.witnesses
        ):
            yield Finding(
                "warning",
                "no_witness",
                f"The mirroring session of mgc on {principal.host} has no witness, although"
                f" {estate.witnesses[pair]} is declared and ready: nobody switches by itself. The"
                f" play that was cut off sets it when it is run again{site}.",
            )


def _copies(estate: Estate, document: State) -> Iterator[Finding]:
    way_back = (
        f"; {TO_THE_PRIMARY.command} brings it back" if would_act(estate, TO_THE_PRIMARY) else ""
    )
    for name, database in document["databases"].items():
        for slot, copy in database["copies"].items():
            if copy["mirroring_role"] and copy["mirroring_state"] != "SYNCHRONIZED":
                yield Finding(
                    "warning",
                    "not_synchronized",
                    f"{name} on the {_LABELS[slot]} is {copy['mirroring_state']}.",
                )
            if copy["mirroring_witness"] and copy["mirroring_witness_state"] != "CONNECTED":
                yield Finding(
                    "warning",
                    "witness",
                    f"The witness of {name} is {copy['mirroring_witness_state']}, seen from the"
                    f" {_LABELS[slot]}.",
                )
        if name == "mgc":
            yield from _without_witness(estate)
        if database["principal"] == "mirror" and not estate.recovered:
            yield Finding("note", "other_principal", f"{name} runs on the mirror{way_back}.")
    if estate.recovered:
        for copy in (c for c in estate.primary_pair if c.answers and c.ships_enabled):
            remedy = (
                " Run failover.yml again: it silences that job."
                if would_act(estate, FAILOVER)
                else ""
            )
            yield Finding(
                "warning",
                "old_primary_ships",
                f"{copy.host} answers again and backs up a log that nobody may use.{remedy}",
            )


def _shipping(estate: Estate, document: State) -> Iterator[Finding]:
    shipping = document["log_shipping"]
    if shipping["share_error"]:
        yield Finding(
            "critical",
            "share_gone",
            f"The share with the log backups cannot be seen: {shipping['share_error']}.",
        )
    if shipping["obstacle"]:
        yield Finding(
            "critical",
            "chain_broken",
            f"The chain of log backups is broken: {shipping['obstacle']}.",
        )
    for job in shipping["jobs"]:
        if not job["enabled"]:
            yield Finding(
                "warning", "job_disabled", f"The job {job['job']} on {job['host']} is disabled."
            )
        if job["enabled"] and len(job["every_minutes"]) != 1:
            yield Finding(
                "warning",
                "job_schedule",
                f"The job {job['job']} on {job['host']} has {len(job['every_minutes'])} enabled"
                " schedules.",
            )
    for where in [
        c.host for c in (*estate.primary_pair, estate.backup) if c.answers and not c.agent
    ]:
        yield Finding(
            "warning",
            "no_agent",
            f"SQL Server Agent does not run on {where}; log shipping is Agent jobs.",
        )
    every = max((m for b in shipping["backups"].values() for m in b["every_minutes"]), default=None)
    if every and shipping["linked"] and estate.principal is not None:
        yield from _lag(document["failover_now"]["loss"]["minutes"], every)


def _logins(document: State) -> Iterator[Finding]:
    for lack in document["logins_missing"]:
        yield Finding(
            "warning",
            "login_missing",
            f"On {lack['host']} there is no login for {', '.join(lack['users'])}: who comes as that"
            f" could not open {lack['database']} there after a switch. Unless a group's login lets"
            f" them in, run there: {lack['statement']}.",
        )


def _lag(minutes: int | None, every: int) -> Iterator[Finding]:
    """By what could be applied if the primary site were lost now, not by when a job ran."""
    if minutes is None:
        yield Finding(
            "warning", "lag", "Nobody knows how old the newest log is that a failover could apply."
        )
    elif minutes > 3 * every:
        yield Finding(
            "warning",
            "lag",
            f"The newest log that a failover could apply is {minutes} minutes old, with a backup"
            f" every {every} minutes.",
        )


def _short(names: t.Iterable[str]) -> str:
    return ", ".join(n.split(".")[0] for n in names)
