"""Logins, server roles and server permissions of an instance."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import typing as t
import uuid

from ...world.identities import LANGUAGES, well_known_sid, windows_sid
from ..language.errors import error

if t.TYPE_CHECKING:
    from ...world.network import Account
    from .instance import SqlInstance

SERVER_ROLES = (
    "public",
    "sysadmin",
    "securityadmin",
    "serveradmin",
    "setupadmin",
    "processadmin",
    "diskadmin",
    "dbcreator",
    "bulkadmin",
)
ENDPOINT_CLASS = 105  # sys.server_permissions.class of an endpoint
SA_SID = b"\x01"  # of the login that is called sa until somebody renames it
_BUILTIN_GROUPS = ("BUILTIN\\ADMINISTRATORS", "BUILTIN\\USERS")


@dataclasses.dataclass
class Login:
    """A server principal.

    ``type``: S (SQL login), U (Windows user), G (Windows group), R (server role).
    """

    name: str
    principal_id: int
    type: str
    sid: bytes
    create_date: dt.datetime
    default_database: str = "master"
    is_disabled: bool = False


@dataclasses.dataclass
class Permission:
    """A row of sys.server_permissions.

    ``state``: G(RANT), D(ENY) or W (grant with grant option).
    """

    class_: int
    major_id: int
    permission: str
    grantee_id: int
    grantor_id: int
    state: str = "G"


class Principals:
    def __init__(self, instance: SqlInstance, sa: str = "sa") -> None:
        self._instance = instance
        self._numbers = itertools.count(256)
        self.all: dict[str, Login] = {}  # by lower-case name, roles included
        self.members: dict[str, set[str]] = {
            role: set() for role in SERVER_ROLES
        }  # role -> lower-case login names
        self.permissions: list[Permission] = []
        now = instance.local_now()
        self.all[sa.lower()] = Login(sa, 1, "S", SA_SID, now)
        for number, role in enumerate(SERVER_ROLES, start=2):
            self.all[role] = Login(role, number, "R", bytes([number]), now)
        self.members["sysadmin"].add(sa.lower())
        authority, system = LANGUAGES[instance.machine.language][:2]
        for name in (
            f"{authority}\\{system}",
            f"NT SERVICE\\{instance.engine_service_name}",
            f"NT SERVICE\\{instance.agent_service_name}",
        ):
            self.create_windows(name)
            if name.startswith("NT SERVICE"):
                self.members["sysadmin"].add(name.lower())

    @property
    def sa(self) -> Login:
        """The built-in administrator, whatever it is called here."""
        return next(login for login in self.all.values() if login.sid == SA_SID)

    def find(self, name: str) -> Login | None:
        return self.all.get(name.lower())

    def rename(self, login: Login, name: str) -> None:
        """ALTER LOGIN ...

        WITH NAME: principal_id and SID stay, and with them all that the login owns and may do.
        SqlError 15025 (taken).
        """
        if self.find(name) not in (None, login):
            raise error(15025, name)
        old = login.name
        del self.all[old.lower()]
        login.name = name
        self.all[name.lower()] = login
        for members in self.members.values():
            if old.lower() in members:
                members.discard(old.lower())
                members.add(name.lower())
        self._instance.owner_renamed(old, name)

    def by_id(self, principal_id: int) -> Login | None:
        return next(
            (login for login in self.all.values() if login.principal_id == principal_id), None
        )

    def create_windows(self, name: str, default_database: str = "master") -> Login:
        """CREATE LOGIN ...

        FROM WINDOWS. SqlError 15025 (exists), 15401 (no such Windows principal), 15407 (not
        DOMAIN\\name).
        """
        if self.find(name):
            raise error(15025, name)
        if "\\" not in name:
            raise error(15407, name)
        kind = self.windows_kind(name)
        if kind is None:
            raise error(15401, name)
        return self._add(
            Login(
                name,
                next(self._numbers),
                kind,
                windows_sid(name),
                self._instance.local_now(),
                default_database,
            )
        )

    def create_sql(
        self, name: str, sid: bytes | None = None, default_database: str = "master"
    ) -> Login:
        if self.find(name):
            raise error(15025, name)
        return self._add(
            Login(
                name,
                next(self._numbers),
                "S",
                sid or uuid.uuid4().bytes,
                self._instance.local_now(),
                default_database,
            )
        )

    def drop(self, login: Login) -> None:
        """Without checks; its role memberships and permissions go with it."""
        self.all.pop(login.name.lower())
        for members in self.members.values():
            members.discard(login.name.lower())
        self.permissions = [
            p for p in self.permissions if login.principal_id not in (p.grantee_id, p.grantor_id)
        ]

    def windows_kind(self, name: str) -> str | None:
        """U or G for an account or group that Windows knows, None otherwise."""
        world = self._instance.world
        folded = name.lower()
        domain, _unused, short = folded.partition("\\")
        if folded.upper() in _BUILTIN_GROUPS:
            return "G"
        if well_known_sid(name) is not None:
            return "U" if domain == LANGUAGES[self._instance.machine.language][0].lower() else None
        if domain == "nt service":
            return "U" if short in self._instance.machine.services else None
        if folded in world.accounts:
            return "U"
        for machine in world.machines.values():
            if folded == machine.machine_account.lower():
                return "U"
            if domain == machine.name.lower() and machine is not self._instance.machine:
                return None
        groups = {"domain users", "domain admins"}
        for account in world.accounts.values():
            groups.update(group.lower() for group in account.groups)
        groups |= {group.partition("\\")[2] for group in groups if "\\" in group}
        return "G" if domain == self._instance.machine.domain.lower() and short in groups else None

    # --- who is who

    def login_of(self, account: Account) -> Login | None:
        """The login that lets a Windows account in: its own, a group's, or the administrators' of
        every instance (account group sysadmin).
        """
        own = self.find(account.name)
        if own is not None:
            return None if own.is_disabled else own
        for group in self._groups(account):
            login = self.find(group)
            if login is not None and login.type == "G" and not login.is_disabled:
                return dataclasses.replace(login, name=account.name)
        if account.is_in("sysadmin"):
            return Login(account.name, 0, "U", windows_sid(account.name), self._instance.started_at)
        return None

    def is_in_role(self, account: Account, role: str) -> bool:
        """Whether a Windows account has a server role, by itself or through a group; sysadmin
        implies every role.
        """
        if role.lower() == "public" or account.is_in("sysadmin"):
            return True
        names = {account.name.lower(), *(g.lower() for g in self._groups(account))}
        return bool(names & (self.members.get(role.lower(), set()) | self.members["sysadmin"]))

    def _groups(self, account: Account) -> list[str]:
        domain = self._instance.machine.domain
        return [
            group if "\\" in group else f"{domain}\\{group}" for group in sorted(account.groups)
        ]

    # --- permissions

    def set_permission(
        self,
        class_: int,
        major_id: int,
        permission: str,
        grantee: Login,
        grantor: Login,
        state: str | None,
    ) -> None:
        """Grant (G), deny (D), or revoke (None)."""
        self.permissions = [
            p
            for p in self.permissions
            if (p.class_, p.major_id, p.permission, p.grantee_id)
            != (class_, major_id, permission, grantee.principal_id)
        ]
        if state:
            self.permissions.append(
                Permission(
                    class_, major_id, permission, grantee.principal_id, grantor.principal_id, state
                )
            )

    def drop_permissions_on(self, class_: int, major_id: int) -> None:
        """The object is gone, or has a new owner."""
        self.permissions = [
            p for p in self.permissions if (p.class_, p.major_id) != (class_, major_id)
        ]

    def may_connect(self, account_name: str, endpoint_id: int) -> bool:
        """Whether an account arriving at an endpoint gets in: it has a login, and CONNECT on the
        endpoint (or is sysadmin), and no DENY.
        """
        login = self.find(account_name)
        if login is None or login.is_disabled:
            return False
        if login.name.lower() in self.members["sysadmin"]:
            return True
        states = {
            p.state
            for p in self.permissions
            if (p.class_, p.major_id, p.permission, p.grantee_id)
            == (ENDPOINT_CLASS, endpoint_id, "CONNECT", login.principal_id)
        }
        return bool(states & {"G", "W"}) and "D" not in states

    def _add(self, login: Login) -> Login:
        self.all[login.name.lower()] = login
        return login
