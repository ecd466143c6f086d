"""What a Windows host is, as the module host_info returns it. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ..._engine.sql_tool import SqlToolDocument


class Service(t.TypedDict):
    """A Windows service. ``status``: started or stopped."""

    display_name: str
    status: str


class Share(t.TypedDict):
    """An SMB share. ``access``: account -> read, change, full or custom, of those let in."""

    path: str
    access: dict[str, str]


class HostFacts(t.TypedDict):
    """``utc_now``: the host's clock, ISO 8601 in UTC. ``utc_offset_minutes``: how far its local
    time is ahead of UTC. ``drives``: megabytes that are free on each local one. ``services``: those
    of Persistent Chat, by name. ``sees_files`` False: this session has no file system, whatever
    there is. ``sql_tools`` None: there is no Invoke-Sqlcmd, or it was not asked for.
    """

    computer: str | None
    domain: str | None
    os_version: str | None
    utc_now: str | None
    utc_offset_minutes: int | None
    services: dict[str, Service]
    shares: dict[str, Share]
    drives: dict[str, int]
    has_lync_tools: bool
    sees_files: bool
    sql_tools: SqlToolDocument | None
