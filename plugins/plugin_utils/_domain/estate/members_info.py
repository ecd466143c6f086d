"""What each host of a pool is, read by its kind: the facts that preflight judges. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ..._engine.errors import CmdletMissing, PChatError, TimedOut, Unreachable
from ..._engine.model import ArgumentSpec, Resource, Session
from ..calls.missing import named
from ..documents.declared import Declared
from ..resources.lync.pool_info import PoolInfo
from ..resources.sqlserver.sql_info import SqlInfo
from ..resources.windows.host_info import HostInfo
from .seen import Told

MEMBERS_INFO_SPEC: ArgumentSpec = {
    "estate": {"type": "dict", "required": True},
    "databases": {"type": "list", "elements": "str", "default": ["mgc", "mgccomp"]},
    "mirroring_port": {"type": "int", "default": 5022},
    "witness_port": {"type": "int", "default": 7022},
}
_WITNESSES = ("witness", "backup_witness")


class MembersInfoOptions(t.TypedDict):
    """``mirroring_port``: asked of a SQL Server whether something else listens there;
    ``witness_port``: the same of a witness.
    """

    estate: Declared
    databases: list[str]
    mirroring_port: int
    witness_port: int


def read_member(session: Session, name: str, options: MembersInfoOptions) -> dict[str, Told]:
    """sql, host or pool -> what this host tells of it. ``name``: that of the inventory.

    Raises Unreachable and TimedOut, after which nobody knows what the host does.
    """
    told: dict[str, Told] = {}
    for kind, resource in _asked(name, options).items():
        try:
            told[kind] = {"state": resource.read(session)}
        except (Unreachable, TimedOut):
            raise
        except PChatError as error:
            told[kind] = why_not(error, options["estate"]["fqdn"][name])
    return told


def why_not(error: PChatError, host: str) -> Told:
    """What a host's task would have left. ``host``: its fully qualified name."""
    if isinstance(error, CmdletMissing):
        error = named(error, host)
    told: Told = {"msg": str(error), "code": error.code}
    if isinstance(error, Unreachable):
        told["unreachable"] = True
    else:
        told["failed"] = True
    return told


def unread(error: PChatError, host: str) -> dict[str, Told]:
    """Of a host that told nothing at all."""
    return {"host": why_not(error, host)}


def _asked(name: str, options: MembersInfoOptions) -> Mapping[str, Resource[t.Any, t.Any]]:
    """A resource for each kind of host that this one is."""
    estate = options["estate"]
    fqdn = estate["fqdn"][name]
    asked: dict[str, Resource[t.Any, t.Any]] = {}
    slots = [slot for slot, host in estate["sql"].items() if host == name]
    if slots:
        is_witness = any(slot in _WITNESSES for slot in slots)
        asked["sql"] = SqlInfo(
            {
                "databases": options["databases"],
                "sql_instance": estate["instance"][name],
                "mirroring_port": options["witness_port" if is_witness else "mirroring_port"],
            },
            fqdn,
        )
    if name in _windows_hosts(estate):
        # what asks SQL Server tells it of its own hosts
        asked["host"] = HostInfo({"sql_tools": False}, fqdn)
    if name in estate["management"]:
        asked["pool"] = PoolInfo({"pool": estate["pool"]}, fqdn)
    return asked


def _windows_hosts(estate: Declared) -> list[str]:
    """Of which something else is asked than SQL Server."""
    servers = estate["servers"]
    return [*servers["primary"], *servers["backup"], *estate["management"], *estate["file_servers"]]
