"""What deserves a look, the most urgent first. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..closed_by import named
from ..documents.status import DatabaseStatus, JobStatus, Seen, ShippingStatus
from ..outage.copies import Copy
from ..outage.dr_plan import NEXT_HOP_IS_SILENT, STORE_STAYS
from ..outage.estate import Estate
from ..outage.not_gone import in_kept_copies, in_old_copies, may_hold_more
from ..resources.sqlserver.dr_intent import unreadable
from ..words import short_name, short_names
from .advice import FAILOVER, SITE, TO_THE_PRIMARY, would_act
from .clocks import clock_findings
from .finding import ORDER, Finding
from .logs import log_findings

_SERIOUS = {
    "SplitBrain",
    "Unknown",
    "PrimaryRefuses",
    "PrimaryUnseen",
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
    "BackupPrincipalLost",
    "BackupMirrorAlone",
    "CopyVanished",
    "CopyClosed",
}
_LABELS = {
    "primary": "primary",
    "mirror": "mirror",
    "backup": "backup",
    "backup_mirror": "backup's mirror",
}
_PAIRS = {"primary": ("primary", "mirror"), "backup": ("backup", "backup_mirror")}
#: While a pool is failed over there is nowhere else to fail over to.
ONLY_THERE = (
    "No log leaves the backup data centre: what is written now is lost with it, until the pool has"
    " been brought home."
)


def findings(
    estate: Estate, document: Seen, wanted: Sequence[str], most_active: int
) -> list[Finding]:
    """All that is to be said of an estate.

    ``wanted``: FQDNs in lower case of the servers that are declared active for this state of the
    pool. ``most_active``: how many may be.
    """
    found = [
        *_situation(document),
        *_intent(estate, document),
        *_store_lost(estate),
        *_active(estate, wanted, most_active),
        *_next_hop(estate),
        *_one_site(estate),
        *_not_gone(estate),
        *_store_abroad(estate, document),
        *_active_abroad(estate),
        *_stopped(estate),
        *_late(estate),
        *_unreachable(estate, document),
        *clock_findings(document["hosts"], estate.backup.host),
        *_databases(estate, document),
        *_old_primary(estate),
        *_shipping(document["log_shipping"]),
        *_agents(estate),
        *_lag(estate, document),
        *_logins(document),
        *log_findings(document["databases"], failed_over=estate.recovered),
    ]
    return sorted(found, key=_rank)


def _rank(finding: Finding) -> int:
    return ORDER.index(finding.urgency)


def _situation(document: Seen) -> Iterator[Finding]:
    name = document["situation"]["name"]
    if name != "Healthy":
        urgency = "critical" if name in _SERIOUS else "warning"
        yield Finding(urgency, "situation", f"{name}: {document['situation']['text']}")


def _intent(estate: Estate, document: Seen) -> Iterator[Finding]:
    if estate.intent_why is not None:
        text = str(unreadable(estate.pool, estate.backup.host, estate.intent_why))
        yield Finding("critical", "intent_unreadable", text)
    intent = document["intent"]
    if intent:
        yield Finding(
            "warning",
            "intent",
            f"A {intent['target']} is going on, declared by {intent['operator'] or 'somebody'} at"
            f" {intent['at']}.",
        )


def _store_lost(estate: Estate) -> Iterator[Finding]:
    if estate.store != "central":
        yield Finding(
            "critical",
            "cms_lost",
            f"The central management store does not answer: {estate.store_why}",
        )


def _active(estate: Estate, wanted: Sequence[str], most_active: int) -> Iterator[Finding]:
    """What is wrong with the list of active servers; nothing where it is unknown."""
    active = estate.active
    if active is None:
        return
    if not active:
        yield Finding("critical", "no_active_server", "No server accepts clients.")
        return
    if len(active) > most_active:
        yield Finding(
            "warning",
            "too_many_active",
            f"{len(active)} servers are active; at most {most_active} are supported.",
        )
    if wanted and set(active) != set(wanted):
        yield Finding(
            "warning",
            "active_differs",
            f"Active are {short_names(active)}; declared for this state are {short_names(wanted)}.",
        )


def _next_hop(estate: Estate) -> Iterator[Finding]:
    if estate.next_hop_is_silent:
        sentence = NEXT_HOP_IS_SILENT.format(pool=estate.next_hop)
        yield Finding("warning", "next_hop_silent", sentence)


def _one_site(estate: Estate) -> Iterator[Finding]:
    if estate.recovered:
        yield Finding("warning", "one_site", ONLY_THERE)


def _not_gone(estate: Estate) -> Iterator[Finding]:
    """Messages that the pool lacks, and that somebody can still read."""
    if may_hold_more(estate):
        yield Finding("note", "old_copies", in_old_copies(estate))
    kept = in_kept_copies(estate)
    if kept is not None:
        yield Finding("note", "kept_copies", kept)


def _store_abroad(estate: Estate, document: Seen) -> Iterator[Finding]:
    """The store is in the backup data centre although the pool is at home."""
    store = document["central_management_store"]
    at_home = not estate.recovered and estate.intent is None
    if estate.store == "central" and store["site"] == "backup" and at_home:
        yield Finding(
            "note",
            "store_in_backup_site",
            "The central management store is in the backup data centre"
            f" ({short_name(str(store['host']))}). {STORE_STAYS}",
        )


def _active_abroad(estate: Estate) -> Iterator[Finding]:
    active = estate.active or ()
    homeless = [server.fqdn for server in estate.servers_of("primary") if server.fqdn in active]
    if homeless and estate.pool_state == "FailedOver":
        yield Finding(
            "warning",
            "active_in_wrong_site",
            f"{short_names(homeless)} stand in the primary data centre and accept clients while the"
            " pool runs on the backup copy: every message crosses the link between the data"
            " centres.",
        )


def _stopped(estate: Estate) -> Iterator[Finding]:
    active = estate.active or ()
    for server in estate.servers:
        if server.fqdn in active and server.answers and not server.started:
            yield Finding(
                "critical",
                "service_stopped",
                f"{server.fqdn} is active and its Persistent Chat service does not run.",
            )


def _late(estate: Estate) -> Iterator[Finding]:
    """A replica that is late, unless its host is silent, which is told anyway."""
    silent = {server.fqdn for server in estate.servers if not server.answers}
    silent.update(name.lower() for name in estate.unreachable)
    for fqdn in estate.late:
        if fqdn not in silent:
            text = f"The configuration has not reached {fqdn}."
            yield Finding("warning", "replication_late", text)


def _unreachable(estate: Estate, document: Seen) -> Iterator[Finding]:
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


def _databases(estate: Estate, document: Seen) -> Iterator[Finding]:
    way_back = ""
    if would_act(estate, TO_THE_PRIMARY):
        way_back = f"; {TO_THE_PRIMARY.command} brings it back"
    for name, database in document["databases"].items():
        yield from _mirroring(name, database)
        yield from _owner(name, database)
        yield from _closed(name, database, estate.recovered)
        if name == "mgc":
            yield from _without_witness(estate)
        if database["principal"] == "mirror" and not estate.recovered:
            yield Finding("note", "other_principal", f"{name} runs on the mirror{way_back}.")


def _owner(name: str, database: DatabaseStatus) -> Iterator[Finding]:
    """A restored copy belongs to whoever restored it, and to nobody when that login is deleted."""
    for copy in database["copies"].values():
        if copy["dbo_sid"] is None or copy["dbo_sid"] == copy["owner_sid"]:
            continue
        owner = copy["owner"] or "a login that is gone"
        yield Finding(
            "note",
            "owner_differs",
            f"{name} on {copy['host']} belongs to {owner}, and not to the one whom it belonged to"
            " where it was made (its user dbo has another SID). Run there: ALTER AUTHORIZATION ON"
            f" DATABASE::[{name}] TO the login that is to own it.",
        )


def _closed(name: str, database: DatabaseStatus, is_failed_over: bool) -> Iterator[Finding]:
    """What somebody set by hand; the copies of a site that was left are nobody's."""
    for slot, copy in database["copies"].items():
        if is_failed_over and slot in _PAIRS["primary"]:
            continue
        for setting in map(named, copy["closed_by"]):
            urgency = "critical" if setting.stops_clients else "warning"
            yield Finding(urgency, "database_closed", setting.told(name, copy["host"]))


def _mirroring(name: str, database: DatabaseStatus) -> Iterator[Finding]:
    for slot, copy in database["copies"].items():
        if copy["mirroring_role"] and copy["mirroring_state"] != "SYNCHRONIZED":
            text = f"{name} on the {_LABELS[slot]} is {copy['mirroring_state']}."
            yield Finding("warning", "not_synchronized", text)
        if copy["mirroring_witness"] and copy["mirroring_witness_state"] != "CONNECTED":
            yield Finding(
                "warning",
                "witness",
                f"The witness of {name} is {copy['mirroring_witness_state']}, seen from the"
                f" {_LABELS[slot]}.",
            )


def _without_witness(estate: Estate) -> Iterator[Finding]:
    """Sessions of mgc with safety FULL that lack the witness that is declared and ready."""
    at_home = not estate.recovered and not estate.intent
    site = "; so does site.yml" if at_home and would_act(estate, SITE) else ""
    for pair, slots in _PAIRS.items():
        principal = _principal(estate.copies, slots)
        if principal is None or pair not in estate.witnesses:
            continue
        if principal.safety == "FULL" and principal.witness is None:
            yield Finding(
                "warning",
                "no_witness",
                f"The mirroring session of mgc on {principal.host} has no witness, although"
                f" {estate.witnesses[pair]} is declared and ready: nobody switches by itself. The"
                f" play that was cut off sets it when it is run again{site}.",
            )


def _principal(copies: Mapping[str, Copy], slots: Sequence[str]) -> Copy | None:
    for slot in slots:
        if slot in copies and copies[slot].role == "PRINCIPAL":
            return copies[slot]
    return None


def _old_primary(estate: Estate) -> Iterator[Finding]:
    """Jobs of the site that was left, which write logs that no copy can use."""
    if not estate.recovered:
        return
    remedy = ""
    if would_act(estate, FAILOVER):
        remedy = " Run failover.yml again: it silences that job."
    for copy in estate.primary_pair:
        if copy.answers and copy.ships_enabled:
            yield Finding(
                "warning",
                "old_primary_ships",
                f"{copy.host} answers again and backs up a log that nobody may use.{remedy}",
            )


def _shipping(shipping: ShippingStatus) -> Iterator[Finding]:
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
        yield from _job(job)


def _job(job: JobStatus) -> Iterator[Finding]:
    if job["job"] is None:
        text = f"A job of log shipping on {job['host']} is gone; site.yml makes it anew."
        yield Finding("warning", "job_missing", text)
        return
    named = f"The job {job['job']} on {job['host']}"
    schedules = len(job["every_minutes"])
    if not job["enabled"]:
        yield Finding("warning", "job_disabled", f"{named} is disabled.")
    elif schedules != 1:
        yield Finding("warning", "job_schedule", f"{named} has {schedules} enabled schedules.")


def _agents(estate: Estate) -> Iterator[Finding]:
    for copy in (*estate.primary_pair, estate.backup):
        if copy.answers and not copy.agent:
            yield Finding(
                "warning",
                "no_agent",
                f"SQL Server Agent does not run on {copy.host}; log shipping is Agent jobs.",
            )


def _lag(estate: Estate, document: Seen) -> Iterator[Finding]:
    """By what could be applied if the primary site were lost now, not by when a job ran."""
    shipping = document["log_shipping"]
    every = _longest_interval(shipping)
    if not every or not shipping["linked"] or estate.principal is None:
        return
    minutes = document["failover_now"]["loss"]["minutes"]
    if minutes is None:
        text = "Nobody knows how old the newest log is that a failover could apply."
        yield Finding("warning", "lag", text)
    elif minutes > 3 * every:
        yield Finding(
            "warning",
            "lag",
            f"The newest log that a failover could apply is {minutes} minutes old, with a backup"
            f" every {every} minutes.",
        )


def _longest_interval(shipping: ShippingStatus) -> int:
    """In minutes; 0 when no log is backed up."""
    longest = 0
    for backup in shipping["backups"].values():
        longest = max(longest, *backup["every_minutes"], 0)
    return longest


def _logins(document: Seen) -> Iterator[Finding]:
    for lack in document["logins_missing"]:
        yield Finding(
            "warning",
            "login_missing",
            f"On {lack['host']} there is no login for {', '.join(lack['users'])}: who comes as that"
            f" could not open {lack['database']} there after a switch. Unless a group's login lets"
            f" them in, run there: {lack['statement']}.",
        )
