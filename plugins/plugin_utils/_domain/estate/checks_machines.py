"""What stands against building on these machines: one function for each finding.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ..documents.host import Share
from ..documents.instance import InstanceFacts
from ..resources.windows.folder import NO_FILE_SYSTEM
from ..unc import share_of
from .seen import Finding, Seen

Findings = Iterator[Finding]


def machine_findings(seen: Seen) -> Findings:
    """All findings."""
    yield from _no_file_system(seen)
    yield from _no_tools(seen)
    yield from _no_service(seen)
    yield from _other_time_zones(seen)
    for unc in (seen.options["log_share"], seen.options["seed_share"]):
        if unc:
            yield from _share(seen, unc)


def _no_file_system(seen: Seen) -> Findings:
    for name, machine in seen.machines.items():
        if not machine["sees_files"]:
            yield Finding(name, "no_file_system", NO_FILE_SYSTEM)


def _no_tools(seen: Seen) -> Findings:
    for name in seen.estate["management"]:
        if name in seen.machines and not seen.machines[name]["has_lync_tools"]:
            yield Finding(
                name,
                "no_tools",
                "the Lync management tools are not there (Set-CsPersistentChatState is unknown).",
            )


def _no_service(seen: Seen) -> Findings:
    for name in _chat_servers(seen):
        if not seen.machines[name]["services"]:
            yield Finding(
                name,
                "no_service",
                "the Persistent Chat services are not installed; run the deployment wizard there.",
            )


def _other_time_zones(seen: Seen) -> Findings:
    hop = _offset_of_the_next_hop(seen)
    if hop is None:
        return
    active = {server.lower() for server in seen.options["active_servers"]}
    for name in _chat_servers(seen):
        is_active = not active or name.lower() in active or seen.estate["fqdn"][name] in active
        offset = seen.machines[name]["utc_offset_minutes"]
        if is_active and offset != hop:
            yield Finding(
                name,
                "time_zone",
                f"it is {offset} minutes from UTC, the Front End {hop}: active chat servers"
                " must be in the time zone of their next hop.",
            )


def _offset_of_the_next_hop(seen: Seen) -> int | None:
    """Minutes ahead of UTC, of the first Front End that answered."""
    for name in seen.estate["management"]:
        if name in seen.machines:
            return seen.machines[name]["utc_offset_minutes"]
    return None


def _chat_servers(seen: Seen) -> list[str]:
    """Those that answered."""
    servers = seen.estate["servers"]
    return [name for name in servers["primary"] + servers["backup"] if name in seen.machines]


def _share(seen: Seen, unc: str) -> Findings:
    """A share on a file server of the estate; of others nothing was asked."""
    server, name = share_of(unc)
    host = _file_server(seen, server)
    if host is None:
        return
    share = _share_named(seen.machines[host]["shares"], name)
    if share is None:
        yield Finding(
            host,
            "no_share",
            f"there is no share {unc}; the SQL Servers need it. Create it, and let their"
            " service accounts change it.",
        )
        return
    yield from _no_room(seen, host, share, unc)
    services = {instance["service_account"] for instance in _instances(seen)}
    agents = {instance["agent_account"] for instance in _instances(seen)}
    known = {account.lower() for account in services | agents if account}
    kept_out = [
        account
        for account in sorted(filter(None, services))
        if not _may_change(share["access"], account, known)
    ]
    if kept_out:
        yield Finding(
            host,
            "share_denied",
            f"{', '.join(kept_out)} may not change files in {unc}; the SQL Servers run as that."
            " Grant it Change.",
        )


def _no_room(seen: Seen, host: str, share: Share, unc: str) -> Findings:
    """Seeds and logs are files of the size of what they hold."""
    sizes = [_size_of(instance) for instance in _instances(seen)]
    largest = max(sizes, default=0)
    free = seen.machines[host]["drives"].get(share["path"][:2].upper())
    if free is not None and free < largest:
        yield Finding(
            host,
            "no_room",
            f"{free} MB are free where {unc} lies, and a backup of the largest database may take"
            f" {largest} MB. Make room: without it no log is shipped and no copy is seeded.",
        )


def _size_of(instance: InstanceFacts) -> int:
    """Megabytes of the largest of the pool's databases there; 0 where nobody knows."""
    spaces = [database["space"] for database in instance["databases"].values()]
    return max((space["size_mb"] or 0 for space in spaces if space), default=0)


def _file_server(seen: Seen, fqdn: str) -> str | None:
    for host in seen.estate["file_servers"]:
        if seen.estate["fqdn"][host] == fqdn.lower() and host in seen.machines:
            return host
    return None


def _share_named(shares: Mapping[str, Share], wanted: str) -> Share | None:
    for name, share in shares.items():
        if name.lower() == wanted.lower():
            return share
    return None


def _instances(seen: Seen) -> list[InstanceFacts]:
    """Those whose services read or write the shares."""
    slots = ("primary", "mirror", "backup", "backup_mirror")
    return [instance for instance in map(seen.instance_of, slots) if instance is not None]


def _may_change(access: Mapping[str, str], account: str, known: Collection[str]) -> bool:
    """By the share's list.

    A grant to something that is no service account (``known``, in lower case) may be a group with
    the account in it: that is not for us to judge.
    """
    changers = {who.lower() for who, right in access.items() if right in ("change", "full")}
    return account.lower() in changers or bool(changers - set(known))
