"""Users of a database who find no login where another copy of it is.

FOR INTERNAL COLLECTION USE ONLY.

A copy carries its users and not the logins they belong to (Manage Metadata When Making a Database
Available on Another Server): after a switch of roles or a failover a service's account could not
open the database that it is sent to. Both are compared by SID, which is what SQL Server does.
"""

from __future__ import annotations

import typing as t

from ..._engine.model import State

_SLOTS = ("primary", "mirror", "backup", "backup_mirror")


def missing_logins(declared: t.Mapping[str, t.Any], seen: t.Mapping[str, t.Any]) -> list[State]:
    """[{host, database, users: [names], statement}] of each store that was read and lacks
    logins.
    """
    stores = {
        host: (seen.get(host) or {}).get("sql")
        for slot, host in declared["sql"].items()
        if host and slot in _SLOTS
    }
    read = {host: sql for host, sql in stores.items() if sql and sql.get("logins")}
    found: list[State] = []
    for database in sorted({name for sql in read.values() for name in sql["databases"]}):
        users = {
            user["sid"]: user
            for sql in read.values()
            for user in sql["databases"].get(database, {}).get("users") or ()
        }
        for host, sql in read.items():
            held = {login["sid"] for login in sql["logins"]}
            lacking = sorted(
                (user for sid, user in users.items() if sid not in held),
                key=lambda user: str(user["name"]),
            )
            if lacking:
                found.append(
                    {
                        "host": host,
                        "database": database,
                        "users": [user["name"] for user in lacking],
                        "statement": "; ".join(_create(user) for user in lacking),
                    }
                )
    return found


def _create(user: State) -> str:
    name = "[" + str(user["name"]).replace("]", "]]") + "]"
    if user["type"] == "S":
        return f"CREATE LOGIN {name} WITH PASSWORD = ..., SID = {user['sid']}"
    return f"CREATE LOGIN {name} FROM WINDOWS"
