"""Functions about logins, users and roles (Security Functions reference)."""

from __future__ import annotations

import typing as t

from ...world.identities import windows_sid
from ...world.network import Account
from ..language.registry import function
from ..server.security import SERVER_CLASS, users_of

if t.TYPE_CHECKING:
    from ..language.session import SqlSession


def _account(session: SqlSession, name: str) -> Account:
    return session.account if name.lower() == session.login.lower() else session.world.account(name)


@function("SUSER_ID", returns="int")
def suser_id(session: SqlSession, name: str | None = None) -> int | None:
    found = session.instance.principals.find(name if name is not None else session.login)
    return found.principal_id if found is not None else None


@function("SUSER_NAME")
def suser_name(session: SqlSession, number: int | None = None) -> str | None:
    if number is None:
        return session.login
    found = session.instance.principals.by_id(number)
    return found.name if found is not None else None


@function("SUSER_SID", returns="varbinary(85)")
def suser_sid(session: SqlSession, name: str | None = None, parameter2: int = 1) -> bytes | None:
    wanted = name if name is not None else session.login
    found = session.instance.principals.find(wanted)
    if found is not None:
        return found.sid
    return windows_sid(wanted) if session.instance.principals.windows_kind(wanted) else None


@function("SUSER_SNAME")
def suser_sname(session: SqlSession, sid: bytes | None = None) -> str | None:
    if sid is None:
        return session.login
    for login in session.instance.principals.all.values():
        if login.sid == sid:
            return login.name
    names = [
        *(account.name for account in session.world.accounts.values()),
        *(m.machine_account for m in session.world.machines.values()),
    ]
    return next((name for name in names if windows_sid(name) == sid), None)


@function("ORIGINAL_LOGIN")
def original_login(session: SqlSession) -> str:
    return session.login


@function("SYSTEM_USER")
def system_user(session: SqlSession) -> str:
    return session.login


@function("USER_NAME")
def user_name(session: SqlSession, number: int | None = None) -> str | None:
    if number is None:
        return "dbo" if session.is_sysadmin else "guest"
    return next(
        (user.name for user in users_of(session.current()) if user.principal_id == number), None
    )


@function("IS_SRVROLEMEMBER", returns="int")
def is_srvrolemember(session: SqlSession, role: str, login: str | None = None) -> int | None:
    """1, 0, or NULL for a role or login that does not exist."""
    principals = session.instance.principals
    if role is None or role.lower() not in principals.members:
        return None
    if (
        login is not None
        and principals.find(login) is None
        and login.lower() != session.login.lower()
    ):
        return None
    return int(principals.is_in_role(_account(session, login or session.login), role))


@function("IS_MEMBER", returns="int")
def is_member(session: SqlSession, name: str) -> int | None:
    if name is not None and name.lower() == "db_owner":
        return int(session.is_sysadmin or session.current().owner.lower() == session.login.lower())
    short = (name or "").rpartition("\\")[2]
    return (
        int(session.account.is_in(short) or session.account.is_in(name))
        if "\\" in (name or "")
        else None
    )


@function("HAS_PERMS_BY_NAME", returns="int")
def has_perms_by_name(
    session: SqlSession, securable: str | None, kind: str | None, permission: str, *_: t.Any
) -> int:
    if session.is_sysadmin:
        return 1
    login = session.instance.principals.find(session.login)
    return int(
        securable is None
        and login is not None
        and any(
            (p.class_, p.permission, p.grantee_id)
            == (SERVER_CLASS, permission.upper(), login.principal_id)
            and p.state in "GW"
            for p in session.instance.principals.permissions
        )
    )
