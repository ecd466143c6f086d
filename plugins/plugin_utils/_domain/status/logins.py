"""Users of a database who find no login where another copy of it is.

FOR INTERNAL COLLECTION USE ONLY.

A copy carries its users and not the logins they belong to (Manage Metadata When Making a Database
Available on Another Server): after a switch of roles or a failover a service's account could not
open the database that it is sent to. Both are compared by SID, which is what SQL Server does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..documents.instance import DatabaseUser, InstanceFacts
from ..documents.look import Look, database_seen, sql_seen
from ..documents.status import MissingLogins
from ..outage.copies import STORES

_Instances = Mapping[str, InstanceFacts]


def missing_logins(look: Look) -> list[MissingLogins]:
    """One entry for each database of each store that was read and lacks logins."""
    instances = _read(look)
    found: list[MissingLogins] = []
    for database in _databases(instances):
        users = _users(instances, database)
        for host, sql in instances.items():
            lacking = _lacking(sql, users)
            if lacking:
                found.append(_told(host, database, lacking))
    return found


def _read(look: Look) -> dict[str, InstanceFacts]:
    """Host -> what its SQL Server told, for stores that told their logins."""
    found: dict[str, InstanceFacts] = {}
    for slot, host in look["estate"]["sql"].items():
        sql = sql_seen(look, host)
        if host and slot in STORES and sql["logins"]:
            found[host] = sql
    return found


def _databases(instances: _Instances) -> list[str]:
    names: set[str] = set()
    for sql in instances.values():
        names.update(sql["databases"])
    return sorted(names)


def _users(instances: _Instances, database: str) -> list[DatabaseUser]:
    """Users of all copies of a database, each SID once."""
    found: dict[str, DatabaseUser] = {}
    for sql in instances.values():
        for user in database_seen(sql, database)["users"] or ():
            found[user["sid"]] = user
    return list(found.values())


def _lacking(sql: InstanceFacts, users: Iterable[DatabaseUser]) -> list[DatabaseUser]:
    held = {login["sid"] for login in sql["logins"]}
    lacking = [user for user in users if user["sid"] not in held]
    return sorted(lacking, key=_name)


def _told(host: str, database: str, lacking: Iterable[DatabaseUser]) -> MissingLogins:
    return {
        "host": host,
        "database": database,
        "users": [user["name"] for user in lacking],
        "statement": "; ".join(map(_create, lacking)),
    }


def _name(user: DatabaseUser) -> str:
    return str(user["name"])


def _create(user: DatabaseUser) -> str:
    name = "[" + _name(user).replace("]", "]]") + "]"
    if user["type"] == "S":
        return f"CREATE LOGIN {name} WITH PASSWORD = ..., SID = {user['sid']}"
    return f"CREATE LOGIN {name} FROM WINDOWS"
