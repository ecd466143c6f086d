"""The whole estate as plain values: for people (``describe``), and for "is it the same estate?"
(``fingerprint``).
"""

from __future__ import annotations

import re
import typing as t

from ..sqlserver.backups.media import BackupMedia
from .describe_sql import instance, label, time

if t.TYPE_CHECKING:
    from ..world.machine import File, Machine
    from ..world.world import World

#: Keys whose values differ between two runs that end in the same estate: times, identities,
#: positions, lengths.
_VOLATILE = frozenset(
    {
        "clock",
        "faults",
        "started_at",
        "clock_skew_seconds",
        "end_lsn",
        "redo_start_lsn",
        "last_log_backup_lsn",
        "log_used",
        "recovery_fork",
        "forks",
        "messages",
        "rows",
        "size",
        "written_at",
        "sets",
        "last_file",
        "last_utc",
        "since",
        "address",
        "port_of_winrm",
        "error_log_lines",
    }
)
_MASKS = (
    (re.compile(r"\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?"), "<guid>"),
    (
        re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"),
        "<time>",
    ),
    (re.compile(r"(?<!\d)20\d{6}T?_?\d{4,6}Z?(?!\d)"), "<stamp>"),
    (re.compile(r"(?<![0-9a-fA-F])[0-9a-f]{32}(?![0-9a-fA-F])"), "<guid>"),
)


def describe(world: World) -> dict[str, t.Any]:
    """Everything a test wants to know, JSON-able, keys in a stable order.

    Names are lower-case FQDNs; instances are ``fqdn`` or ``fqdn\\NAME``.
    """
    return {
        "name": world.name,
        "product": world.estate.get("product"),
        "domain": world.domain,
        "clock": world.clock.now().isoformat(),
        "machines": {name: _machine(machine) for name, machine in sorted(world.machines.items())},
        "instances": {label(i): instance(i) for i in sorted(world.instances(), key=label)},
        "lync": _lync(world),
        "pools": _pools(world),
        "cut_links": sorted(sorted(pair) for pair in world.network.cut_links),
        "faults": world.faults.list(),
    }


def fingerprint(world: World) -> dict[str, t.Any]:
    """The same without what differs between two runs that end alike: times, identities, LSNs,
    sizes; names of files keep their pattern only.
    """
    return t.cast("dict[str, t.Any]", _stable(describe(world)))


def _stable(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {
            masked(str(key)): _stable(item) for key, item in value.items() if key not in _VOLATILE
        }
    if isinstance(value, list):
        return [_stable(item) for item in value]
    return masked(value) if isinstance(value, str) else value


def masked(text: str) -> str:
    """A text with its GUIDs, times and time stamps made equal."""
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


# --- machines


def _machine(machine: Machine) -> dict[str, t.Any]:
    return {
        "site": machine.site,
        "kind": machine.kind,
        "address": machine.address,
        "port_of_winrm": machine.port,
        "up": machine.up,
        "hangs": machine.hangs,
        "deaf": machine.deaf,
        "unseen": machine.unseen,
        "clock_skew_seconds": machine.clock_skew_seconds,
        "time_zone": machine.time_zone,
        "modules": sorted(machine.products),
        "powershell": machine.powershell,
        "execution_policy": machine.execution_policy,
        "sql_tools": list(machine.sql_tools),
        "sql_quirks_by_faults": sorted(machine.more_quirks),
        "hides_forks": machine.hides_forks,
        "services": {
            s.name: {
                "status": s.status,
                "start_mode": s.start_mode,
                "account": s.account,
                "started_at": time(s.started_at),
            }
            for _unused, s in sorted(machine.services.items())
        },
        "shares": {
            s.name: {
                "path": s.path,
                "rights": dict(sorted(s.rights.items())),
                "fault": machine.share_faults.get(name),
            }
            for name, s in sorted(machine.shares.items())
        },
        "files": {
            machine.shown.get(key, key): _file(file)
            for key, file in sorted(machine.files.items())
            if not file.held_by
        },
        "folders": sorted(key for key in machine.folders if not key.startswith("c:\\")),
        "disk_full": sorted(machine.disk_full),
        "drive_taken": {drive: taken for drive, taken in machine.drive_taken.items() if taken},
    }


def _file(file: File) -> dict[str, t.Any]:
    found: dict[str, t.Any] = {
        "size": file.size,
        "written_at": time(file.written_at),
        "damaged": file.damaged,
    }
    if isinstance(file.content, BackupMedia):
        found["databases"] = sorted({f"{s.kind} {s.database_name}" for s in file.content.sets})
        found["sets"] = [
            {
                "kind": s.kind,
                "database": s.database_name,
                "name": s.name,
                "server": s.server_name,
                "first_lsn": str(s.first_lsn),
                "last_lsn": str(s.last_lsn),
            }
            for s in file.content.sets
        ]
    elif not isinstance(file.content, str):
        found["kind"] = type(file.content).__name__
    return found


# --- SQL Server


# --- Lync


def _lync(world: World) -> dict[str, t.Any]:
    lync = world.lync
    return {
        "cms": lync.cms_machine.fqdn,
        "cms_down": lync.cms_down,
        "enabled": lync.settings.enabled,
        "up_to_date": {
            machine.fqdn: lync.up_to_date(machine)
            for machine in sorted(lync.replicated(), key=lambda machine: machine.fqdn)
        },
    }


def _pools(world: World) -> dict[str, t.Any]:
    """The published pools; ``servers``: the copy that a message through each would reach, or why it
    would reach none.
    """
    found = {}
    for fqdn, pool in sorted(world.lync.pools.items()):
        members = sorted(name.lower() for name in pool.machines)
        active = sorted(name.lower() for name in pool.active)
        reached = {
            name: world.lync.serving_instance(world.machines[name])
            for name in members
            if name in world.machines
        }
        found[fqdn] = {
            "enabled": world.lync.settings.enabled,
            "members": members,
            "active": active,
            "inactive": [m for m in members if m not in active],
            "state": world.lync.state(fqdn),
            "next_hop": pool.next_hop,
            "file_store": pool.file_store,
            "compliance": pool.compliance,
            "stores": dict(sorted(pool.stores.items())),
            "compliance_stores": dict(sorted(pool.compliance_stores.items())),
            "ports": dict(sorted(pool.ports.items())),
            "servers": {
                name: where if isinstance(where, str) else label(where)
                for name, where in reached.items()
            },
        }
    return found
