"""The databases of Persistent Chat as Lync creates them: mgc (content) and mgccomp (compliance
events in transit).

Table names come from the Persistent Chat database schema pages; of the columns
tblServerIdentity(serverID, serverAddress, serverLastPingTime), tblActivePeers(aplServerID,
aplPeerID) and tblConfig.configPoolID are documented. assumed: every other column and table here,
the owner, the recovery model SIMPLE that a fresh database gets, and that user rights are those of
the RTC groups.
"""

from __future__ import annotations

import itertools
import typing as t
import uuid

from ..language.tables import ComputedTable, Table, TableColumn, key_of
from ..language.types import parse_type
from .database import Database, DataFile

if t.TYPE_CHECKING:
    from .instance import SqlInstance

KINDS = ("mgc", "mgccomp")


def _columns(text: str) -> tuple[TableColumn, ...]:
    found = []
    for word in text.split(","):
        name, _space, kind = word.strip().partition(" ")
        found.append(TableColumn(name, parse_type(kind)))
    return tuple(found)


def _chat_rows(database: Database) -> list[dict[str, t.Any]]:
    """One row per message in this copy.

    A payload may say number, server, author, text; what it lacks is NULL.
    """
    rows: list[dict[str, t.Any]] = []
    for record in database.records:
        payload = record.payload
        if payload is None:
            continue
        rows.append(
            {
                "chatId": len(rows) + 1,
                "channelId": payload.get("room", 1),
                "serverID": payload.get("server_id"),
                "userId": payload.get("author"),
                "content": str(payload.get("text", payload.get("number", ""))),
                "chatDate": record.at,
            }
        )
    return rows


def create(
    instance: SqlInstance,
    kind: str,
    *,
    pool_id: uuid.UUID | None = None,
    owner: str | None = None,
    files: list[DataFile] | None = None,
) -> Database:
    """Create mgc or mgccomp. SqlError 1801 when it exists, 1802 when its files cannot be made."""
    if kind not in KINDS:
        raise ValueError(f"{kind} is not one of {KINDS}")
    database = instance.create_database(kind, owner=owner, recovery_model="SIMPLE", files=files)
    tables: list[Table | ComputedTable] = [
        Table(
            "dbo",
            "tblConfig",
            245575913,
            _columns("configPoolID uniqueidentifier, configSchemaVersion int"),
            ((pool_id or uuid.uuid4(), 1),),
        )
    ]
    if kind == "mgc":
        tables += [
            Table(
                "dbo",
                "tblServerIdentity",
                261575970,
                _columns("serverID int, serverAddress nvarchar(256), serverLastPingTime datetime"),
                keys=(("PK_tblServerIdentity", (0,)),),
            ),
            Table("dbo", "tblActivePeers", 277576027, _columns("aplServerID int, aplPeerID int")),
            ComputedTable(
                "dbo",
                "tblChat",
                293576084,
                _columns(
                    "chatId bigint, channelId int, serverID int, userId nvarchar(256), content "
                    "nvarchar(4000), chatDate datetime"
                ),
                _chat_rows,
            ),
        ]
    else:
        tables.append(
            Table(
                "dbo",
                "tblComplianceEvent",
                261575970,
                _columns("eventId bigint, eventDate datetime, eventXml nvarchar(4000)"),
            )
        )
    database.log(changes={key_of(table.schema, table.name): table for table in tables}, weight=20)
    return database


def set_server_identities(database: Database, servers: dict[int, str]) -> None:
    """What active chat servers write about themselves: id -> address; the others' rows and links
    go. SqlError when the database is closed.
    """
    key = key_of("dbo", "tblServerIdentity")
    peers = key_of("dbo", "tblActivePeers")
    identity: Table = database.content[key]
    links: Table = database.content[peers]
    now = database.instance.utc_now()
    database.append(
        changes={
            key: identity.with_rows(
                (number, address, now) for number, address in sorted(servers.items())
            ),
            peers: links.with_rows(itertools.permutations(sorted(servers), 2)),
        }
    )
