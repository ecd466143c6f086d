"""Logins of Windows accounts that use a database elsewhere. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...._engine.model import ArgumentSpec, Resource, Session, Step
from ...calls.tsql import logins
from ._instance import INSTANCE_OPTION, InstanceOptions, instance_scope, rows_of

WINDOWS_LOGINS_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "sids": {"type": "list", "elements": "str", "required": True},
}


class WindowsLoginsOptions(InstanceOptions):
    """``sids``: in hexadecimal digits, as sql_info tells them of the users of a database."""

    sids: list[str]


class WindowsLoginsFacts(t.TypedDict):
    """Of those that were asked for: accounts with a login and without one, by name, and SIDs that
    Windows does not know.
    """

    logins: list[str]
    missing: list[str]
    unknown: list[str]


class WindowsLogins(Resource[WindowsLoginsOptions, WindowsLoginsFacts]):
    """A copy carries its users and not their logins, which each instance has for itself."""

    def __init__(self, options: WindowsLoginsOptions, host: str) -> None:
        self.scope = f"{instance_scope(options, host)} logins"
        self.sids = options["sids"]

    def read(self, session: Session) -> WindowsLoginsFacts:
        """Nothing is asked where nobody was named."""
        found: WindowsLoginsFacts = {"logins": [], "missing": [], "unknown": []}
        if not self.sids:
            return found
        for row in rows_of(logins.AccountRow, session.read(logins.accounts(self.sids))[0]):
            if row["account"] is None:
                found["unknown"].append(row["sid"])
            elif row["has_login"]:
                found["logins"].append(row["account"])
            else:
                found["missing"].append(row["account"])
        return {
            "logins": sorted(found["logins"]),
            "missing": sorted(found["missing"]),
            "unknown": sorted(found["unknown"]),
        }

    def plan(self, current: WindowsLoginsFacts) -> list[Step[WindowsLoginsFacts]]:
        """One step for each account. Who is unknown to Windows is left out: a login of SQL Server
        needs a password, which nobody hands over here.
        """
        steps: list[Step[WindowsLoginsFacts]] = []
        there = list(current["logins"])
        missing = list(current["missing"])
        while missing:
            account = missing.pop(0)
            there.append(account)
            steps.append(
                Step(
                    name="create_login",
                    why=f"{account} uses a database of the pool and has no login here.",
                    sets={"logins": sorted(there), "missing": list(missing)},
                    calls=(logins.create_login(account),),
                )
            )
        return steps
