"""What stands against building on these SQL Servers: one function for each finding.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..closed_by import closed_by
from ..documents.instance import MAX_SKEW_SECONDS, InstanceFacts
from ..resources.sqlserver._instance import is_local_user
from ..resources.sqlserver._places import room_at
from ..two_clocks import lead, middle_of
from .checks_copies import CHECKS_OF_COPIES
from .seen import Finding, Seen, seen_copy

Findings = Iterator[Finding]

#: sys.dm_server_services, from which the service accounts come, exists since 2008 R2 SP1.
_OLDEST = (10, 50, 2500)
#: Principal -> its partner, and principal -> its witness, as slots of the estate.
_PARTNERS = {"primary": "mirror", "backup": "backup_mirror"}
_WITNESSES = {"primary": "witness", "backup": "backup_witness"}
#: The slots that log shipping runs on.
_SHIPPING = ("primary", "mirror", "backup")


def sql_findings(seen: Seen) -> Findings:
    """All findings: of each instance, of each pair, of the estate, of who ships logs."""
    for host, instance in seen.sql.items():
        for check_instance in _OF_AN_INSTANCE:
            yield from check_instance(host, instance)
    for check in _OF_THE_ESTATE:
        yield from check(seen)
    for slot in _SHIPPING:
        shipping = seen.instance_of(slot)
        if shipping is not None:
            for check_shipping in _OF_LOG_SHIPPING:
                yield from check_shipping(seen, slot, shipping)
    yield from _clocks(seen)


def _no_sysadmin(host: str, instance: InstanceFacts) -> Findings:
    if not instance["is_sysadmin"]:
        yield Finding(
            host,
            "no_sysadmin",
            "the account that Ansible uses is not sysadmin here: it would see mirrored"
            " databases as unmirrored.",
        )


def _two_names(host: str, instance: InstanceFacts) -> Findings:
    """What others know this instance by."""
    known = instance["server_name"] or ""
    real = instance["network_name"] or ""
    if known.lower() != real.lower():
        yield Finding(
            host,
            "server_name",
            f"@@SERVERNAME is {known or 'NULL'}, and the instance is {real}: backups and log"
            f" shipping would know it by two names. Run sp_dropserver N'{known}' and sp_addserver"
            f" N'{real}', N'local', and restart the instance.",
        )


def _local_accounts(host: str, instance: InstanceFacts) -> Findings:
    machine = instance["machine"] or ""
    for kind, account in (
        ("service account", instance["service_account"]),
        ("agent account", instance["agent_account"]),
    ):
        if account and is_local_user(account, machine):
            yield Finding(
                host,
                "local_account",
                f"its {kind} {account} is a user of this machine, whom no"
                " other machine knows: neither partners nor the share would let it in. Let the"
                " service run as a domain account or a virtual account.",
            )


def _no_folders(host: str, instance: InstanceFacts) -> Findings:
    """Where a restored database would go."""
    for kind, folder in instance["default_folders"].items():
        if not folder["exists"]:
            yield Finding(
                host,
                "no_folder",
                f"new {kind} files go to {folder['path']}, which is not there: no database could be"
                " restored here. Make the folder and let the service's account write to it, or"
                " choose another (database settings of the server's properties).",
            )


def _too_old(host: str, instance: InstanceFacts) -> Findings:
    version = str(instance["version"])
    if tuple(map(int, version.split(".")[:3])) < _OLDEST:
        yield Finding(host, "version", f"SQL Server {version} is older than 2008 R2 SP1.")


def _unequal_partners(seen: Seen) -> Findings:
    for first, second in _PARTNERS.items():
        one = seen.instance_of(first)
        other = seen.instance_of(second)
        if one is None or other is None:
            continue
        host = seen.host_of(second)
        partner = seen.host_of(first)
        if one["edition"] != other["edition"]:
            yield Finding(
                host,
                "edition",
                f"it is {other['edition']}, its partner {partner} is {one['edition']}; partners"
                " need the same edition.",
            )
        if _major(one) != _major(other):
            yield Finding(
                host,
                "version",
                f"it is SQL Server {other['version']}, its partner {partner} is"
                f" {one['version']}; partners need the same version.",
            )


def _versions_both_ways(seen: Seen) -> Findings:
    """Logs and databases go from the primary to the backup and, on the way home, back; never to an
    older SQL Server.
    """
    primary = seen.instance_of("primary")
    backup = seen.instance_of("backup")
    if primary is None or backup is None or _major(primary) == _major(backup):
        return
    yield Finding(
        seen.host_of("backup"),
        "version",
        f"it is SQL Server {backup['version']}, the primary {seen.host_of('primary')} is"
        f" {primary['version']}: what runs on the newer one can never be restored on the older one,"
        " so either a failover or the way back is barred.",
    )


def _no_room_for_a_copy(seen: Seen) -> Findings:
    """Where the pool's database is still to be restored."""
    size = _size_of_content(seen)
    for slot in ("mirror", "backup", "backup_mirror"):
        instance = seen.instance_of(slot)
        if instance is None or seen_copy(instance)["database_state"] is not None:
            continue
        folder = instance["default_folders"].get("data")
        free = room_at(folder["path"], instance["volumes"]) if folder else None
        if folder and size is not None and free is not None and free < size:
            yield Finding(
                seen.host_of(slot),
                "no_room",
                f"mgc has {size} MB, and {free} MB are free where its copy would go"
                f" ({folder['path']}). Make room, or choose another folder (database settings of"
                " the server's properties).",
            )


def _size_of_content(seen: Seen) -> int | None:
    """Of the largest copy that there is, in megabytes."""
    sizes = [seen_copy(instance)["space"] for instance in seen.sql.values()]
    known = [space["size_mb"] for space in sizes if space and space["size_mb"] is not None]
    return max(known, default=None)


def _unequal_witnesses(seen: Seen) -> Findings:
    for principal, slot in _WITNESSES.items():
        partner = seen.instance_of(principal)
        witness = seen.instance_of(slot)
        if partner is None or witness is None or _major(partner) == _major(witness):
            continue
        yield Finding(
            seen.host_of(slot),
            "version",
            f"the witness is SQL Server {witness['version']}, the principal {partner['version']}.",
        )


def _no_agent(seen: Seen, slot: str, instance: InstanceFacts) -> Findings:
    if not instance["agent_running"]:
        yield Finding(
            seen.host_of(slot),
            "no_agent",
            "SQL Server Agent does not run; log shipping is Agent jobs. Start it, and let it"
            " start automatically.",
        )


def _port_taken(seen: Seen, slot: str, instance: InstanceFacts) -> Findings:
    if instance["port_taken"]:
        yield Finding(
            seen.host_of(slot),
            "port_taken",
            "something listens on the port of the mirroring endpoint that is to be made. Choose"
            " another (mirror_port).",
        )


def _foreign_log_backups(seen: Seen, slot: str, instance: InstanceFacts) -> Findings:
    jobs = instance["log_backup_jobs"]
    if jobs and not seen.options["accept_foreign_log_backups"]:
        yield Finding(
            seen.host_of(slot),
            "foreign_log_backup",
            f"the jobs {', '.join(jobs)} back up the log of this pool's"
            " databases and would break the chain of log shipping. Leave these databases out"
            " there, or disable the jobs.",
        )


def _simple_recovery(seen: Seen, slot: str, instance: InstanceFacts) -> Findings:
    if slot == "backup" or seen.options["manage_recovery_model"]:
        return
    for name, database in instance["databases"].items():
        if database["recovery_model"] == "SIMPLE" and database["mirroring_role"] is None:
            yield Finding(
                seen.host_of(slot),
                "simple_recovery",
                f"{name} is in SIMPLE recovery, and mirror_manage_recovery_model is false. Set"
                " it to FULL.",
            )


def _closed(seen: Seen, slot: str, instance: InstanceFacts) -> Findings:
    """A build does not open what somebody closed, and a pool is not up as long as it is."""
    for name, database in instance["databases"].items():
        for setting in closed_by(database):
            yield Finding(seen.host_of(slot), "database_closed", setting.told(name))


def _clocks(seen: Seen) -> Findings:
    clocks = {host: sql["clock"] for host, sql in seen.sql.items() if sql["clock"]}
    if not clocks:
        return
    middle = middle_of(clocks.values())
    for host, clock in clocks.items():
        seconds = abs(lead(clock, middle))
        if seconds > MAX_SKEW_SECONDS:
            yield Finding(
                host,
                "clock",
                f"its clock is {seconds} s off the others'; log shipping orders files by time.",
            )


_OF_AN_INSTANCE: tuple[Callable[[str, InstanceFacts], Findings], ...] = (
    _no_sysadmin,
    _two_names,
    _local_accounts,
    _no_folders,
    _too_old,
)
_OF_THE_ESTATE: tuple[Callable[[Seen], Findings], ...] = (
    _unequal_partners,
    _versions_both_ways,
    *CHECKS_OF_COPIES,
    _no_room_for_a_copy,
    _unequal_witnesses,
)
_OF_LOG_SHIPPING: tuple[Callable[[Seen, str, InstanceFacts], Findings], ...] = (
    _no_agent,
    _port_taken,
    _foreign_log_backups,
    _simple_recovery,
    _closed,
)


def _major(instance: InstanceFacts) -> str:
    """``11.0`` of ``11.0.7001.0``."""
    return ".".join(str(instance["version"]).split(".")[:2])
