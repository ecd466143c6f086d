"""Whom a copy belongs to. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ...._engine.model import LATER, ArgumentSpec, Resource, Session, Step
from ...calls.tsql import catalog, ownership
from ._instance import (
    INSTANCE_OPTION,
    DatabaseOptions,
    database_row,
    database_scope,
    one,
    rows_of,
    sid_of_dbo,
)

DATABASE_OWNER_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
}


class DatabaseOwnerOptions(DatabaseOptions):
    """Which database."""


class DatabaseOwnerFacts(t.TypedDict):
    """``owner``: None when its login is gone. ``belonged_to``: the login here with the SID of the
    owner where the database was made, else the built-in administrator; None of a closed copy.
    """

    database_state: str | None
    owner: str | None
    owner_sid: str | None
    belonged_to: str | None


class DatabaseOwner(Resource[DatabaseOwnerOptions, DatabaseOwnerFacts]):
    """A restored copy belongs to whoever restored it; it is given back."""

    def __init__(self, options: DatabaseOwnerOptions, host: str) -> None:
        self.scope = database_scope(options, host)
        self.database = options["database"]

    def read(self, session: Session) -> DatabaseOwnerFacts:
        """All None when there is no such database."""
        found, owners, users, logins = session.read(
            catalog.databases([self.database]),
            ownership.owner(self.database),
            catalog.database_users(self.database),
            catalog.logins(),
        )
        row = one(rows_of(ownership.OwnerRow, owners))
        if row is None:
            return {
                "database_state": None,
                "owner": None,
                "owner_sid": None,
                "belonged_to": None,
            }
        sid = sid_of_dbo(rows_of(catalog.DatabaseUserRow, users))
        return {
            "database_state": database_row(found, self.database)["database_state"],
            "owner": row["owner"],
            "owner_sid": row["owner_sid"],
            "belonged_to": _login_of(sid, rows_of(catalog.LoginRow, logins), row["sa"]),
        }

    def plan(self, current: DatabaseOwnerFacts) -> list[Step[DatabaseOwnerFacts]]:
        """Nothing while the copy is closed: its owner can be changed only when it is in use."""
        owner = current["belonged_to"]
        sid = current["owner_sid"]
        if current["database_state"] != "ONLINE" or owner is None or sid is None:
            return []
        if current["owner"] is not None and current["owner"].lower() == owner.lower():
            return []
        return [
            Step(
                name="set_owner",
                why=f"{self.database} belongs to {current['owner'] or 'a login that is gone'}, who"
                f" restored it, and not to {owner} as before.",
                sets={"owner": owner, "owner_sid": LATER},
                calls=(ownership.set_owner(self.database, owner, sid),),
            )
        ]


def _login_of(sid: str | None, logins: Sequence[catalog.LoginRow], sa: str) -> str | None:
    if sid is None:
        return None
    for login in logins:
        if login["sid"] == sid:
            return login["name"]
    return sa
