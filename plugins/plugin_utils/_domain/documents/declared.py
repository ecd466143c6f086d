"""What the inventory declares of one pool, as the module estate_info returns it.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t


class Declared(t.TypedDict):
    """Who is what, and where. Names are those of the inventory, FQDNs are in lower case.

    ``sql``: slot (primary, mirror, witness, backup, backup_mirror, backup_witness) -> host, None
    for a slot that this pool has not. ``servers``: site -> chat servers. ``management``: those of
    the primary site first. ``instance``: host -> SQL Server instance, '' for the default one.
    ``site``: host -> primary or backup.
    """

    pool: str
    management: list[str]
    servers: dict[str, list[str]]
    sql: dict[str, str | None]
    file_servers: list[str]
    hosts: list[str]
    fqdn: dict[str, str]
    instance: dict[str, str]
    site: dict[str, str]
