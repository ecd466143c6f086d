"""Logins, users, roles and permissions."""

from __future__ import annotations

import dataclasses
import typing as t

from ...powershell.errors import LabGap
from ..language.errors import SqlError, error
from ..language.parser import Node
from ..language.registry import procedure, statement
from ..language.transactions import write
from .database import Database
from .principals import ENDPOINT_CLASS, Login

if t.TYPE_CHECKING:
    from ..language.session import SqlSession

SERVER_CLASS = 100
_SERVER_PERMISSIONS = frozenset(
    {
        "VIEW SERVER STATE",
        "VIEW ANY DATABASE",
        "VIEW ANY DEFINITION",
        "CONTROL SERVER",
        "ALTER ANY LOGIN",
        "ALTER ANY DATABASE",
        "ALTER ANY ENDPOINT",
        "CONNECT SQL",
        "CREATE ANY DATABASE",
        "ALTER SERVER STATE",
    }
)


@dataclasses.dataclass(frozen=True)
class DatabaseUser:
    """A database principal, kept in the database's content so that backups and mirrors carry it."""

    name: str
    principal_id: int
    type: str  # S, U, G, R
    sid: bytes | None
    default_schema: str | None = "dbo"
    members: tuple[str, ...] = ()  # of a role: lower-case user names


def _may_manage_logins(session: SqlSession) -> None:
    if not session.has_role("securityadmin"):
        raise error(15247)


def _login(session: SqlSession, name: str, verb: str = "find") -> Login:
    found = session.instance.principals.find(name)
    if found is None:
        raise error(15151, verb, "login", name)
    return found


@statement("CreateLoginStatement", writes=True)
def create_login(session: SqlSession, node: Node) -> None:
    _may_manage_logins(session)
    name = node.Name.Value
    source = node.Source
    options = {option.OptionKind: option for option in source.get("Options", ())}
    default = (
        options["DefaultDatabase"].Identifier.Value if "DefaultDatabase" in options else "master"
    )
    session.instance.database(default)
    if source.kind == "WindowsCreateLoginSource":
        session.instance.principals.create_windows(name, default)
    elif source.kind == "PasswordCreateLoginSource":
        if "\\" in name:
            raise SqlError(
                15006, f"'{name}' is not a valid name because it contains invalid characters."
            )
        if source.Hashed and (
            "CheckPolicy" not in options or options["CheckPolicy"].OptionState != "Off"
        ):
            raise error(33020)
        sid = bytes.fromhex(options["Sid"].Value.Value[2:]) if "Sid" in options else None
        session.instance.principals.create_sql(name, sid, default)
    else:
        raise LabGap(f"CREATE LOGIN from {source.kind}")


@statement("AlterLoginOptionsStatement", writes=True)
def alter_login(session: SqlSession, node: Node) -> None:
    _may_manage_logins(session)
    login = _login(session, node.Name.Value, "alter")
    for option in node.Options:
        if option.OptionKind == "DefaultDatabase":
            login.default_database = session.instance.database(option.Identifier.Value).name
        elif option.OptionKind == "Name":
            session.instance.principals.rename(login, option.Identifier.Value)
        elif option.OptionKind not in (
            "CheckPolicy",
            "CheckExpiration",
            "DefaultLanguage",
            "Password",
        ):
            raise LabGap(option.text)


@statement("AlterLoginEnableDisableStatement", writes=True)
def enable_login(session: SqlSession, node: Node) -> None:
    _may_manage_logins(session)
    _login(session, node.Name.Value, "alter").is_disabled = not node.IsEnable


@statement("DropLoginStatement", writes=True)
def drop_login(session: SqlSession, node: Node) -> None:
    _may_manage_logins(session)
    instance = session.instance
    login = _login(session, node.Name.Value, "drop")
    if login.principal_id <= 255 or login.type == "R":
        raise error(15405, login.name)
    if any(s.login.lower() == login.name.lower() for s in instance.sessions.values()):
        raise error(15434, login.name)
    if any(d.owner.lower() == login.name.lower() for d in instance.databases.values()):
        raise error(15174, login.name)
    if any(e.owner.lower() == login.name.lower() for e in instance.endpoints.values()):
        raise error(15141, "endpoint")
    if any(p.grantor_id == login.principal_id for p in instance.principals.permissions):
        raise error(15173, login.name)
    instance.principals.drop(login)


# --- server roles


def _set_member(session: SqlSession, role: str, member: str, add: bool) -> None:
    session.require_sysadmin()
    principals = session.instance.principals
    if role.lower() not in principals.members or role.lower() == "public":
        raise error(15151, "alter", "server role", role)
    login = principals.find(member)
    if login is None:
        raise error(15151, "add" if add else "drop", "server principal", member)
    (principals.members[role.lower()].add if add else principals.members[role.lower()].discard)(
        login.name.lower()
    )


@statement("AlterServerRoleStatement", writes=True)
def alter_server_role(session: SqlSession, node: Node) -> None:
    if node.Action.kind not in ("AddMemberAlterRoleAction", "DropMemberAlterRoleAction"):
        raise LabGap(node.text)
    _set_member(
        session, node.Name.Value, node.Action.Member.Value, node.Action.kind.startswith("Add")
    )


@procedure(
    "sp_addsrvrolemember",
    database="master",
    parameters="@loginame sysname, @rolename sysname = NULL",
)
def sp_addsrvrolemember(session: SqlSession, args: dict[str, t.Any]) -> int:
    if session.instance.principals.find(args["@loginame"]) is None and "\\" in args["@loginame"]:
        session.instance.principals.create_windows(
            args["@loginame"]
        )  # the procedure makes the login, as documented
    _set_member(session, args["@rolename"] or "", args["@loginame"], True)
    return 0


@procedure(
    "sp_dropsrvrolemember",
    database="master",
    parameters="@loginame sysname, @rolename sysname = NULL",
)
def sp_dropsrvrolemember(session: SqlSession, args: dict[str, t.Any]) -> int:
    _set_member(session, args["@rolename"] or "", args["@loginame"], False)
    return 0


# --- permissions


def _permission(session: SqlSession, node: Node, state: str | None) -> None:
    """GRANT, DENY (a state) and REVOKE (None) of server permissions and of endpoints."""
    session.require_sysadmin()
    instance = session.instance
    class_ = SERVER_CLASS
    major_id = 0
    target = node.SecurityTargetObject
    if target is not None:
        if target.ObjectKind != "Endpoint":
            raise LabGap(f"permissions on {target.ObjectKind}: {node.text}")
        name = target.ObjectName.MultiPartIdentifier.Identifiers[-1].Value
        endpoint = instance.endpoints.get(name.lower())
        if endpoint is None:
            raise error(15151, "find", "endpoint", name)
        class_ = ENDPOINT_CLASS
        major_id = endpoint.endpoint_id
    grantor = instance.principals.find(session.login) or instance.principals.sa
    for permission in node.Permissions:
        title = " ".join(identifier.Value for identifier in permission.Identifiers).upper()
        allowed = (
            {"CONNECT", "CONTROL", "ALTER", "VIEW DEFINITION", "TAKE OWNERSHIP"}
            if class_ == ENDPOINT_CLASS
            else _SERVER_PERMISSIONS
        )
        if title not in allowed:
            raise LabGap(f"permission {title}: {node.text}")
        for principal in node.Principals:
            wanted = (
                principal.Identifier.Value if principal.get("Identifier") is not None else "public"
            )
            login = instance.principals.find(wanted)
            if login is None:
                raise error(15151, "find", "login", wanted)
            instance.principals.set_permission(class_, major_id, title, login, grantor, state)


@statement("GrantStatement", writes=True)
def grant(session: SqlSession, node: Node) -> None:
    _permission(session, node, "W" if node.WithGrantOption else "G")


@statement("DenyStatement", writes=True)
def deny(session: SqlSession, node: Node) -> None:
    _permission(session, node, "D")


@statement("RevokeStatement", writes=True)
def revoke(session: SqlSession, node: Node) -> None:
    _permission(session, node, None)


# --- database users and roles

FIXED_USERS = (
    DatabaseUser("public", 0, "R", None, None),
    DatabaseUser("dbo", 1, "S", b"\x01"),
    DatabaseUser("guest", 2, "S", b"\0", "guest"),
    DatabaseUser("INFORMATION_SCHEMA", 3, "S", None, None),
    DatabaseUser("sys", 4, "S", None, None),
)
_FIXED_ROLES = (
    "db_owner",
    "db_accessadmin",
    "db_securityadmin",
    "db_ddladmin",
    "db_backupoperator",
    "db_datareader",
    "db_datawriter",
    "db_denydatareader",
    "db_denydatawriter",
)


def users_of(database: Database) -> list[DatabaseUser]:
    """sys.database_principals of a database: the fixed ones and those it carries."""
    own = [value for key, value in database.content.items() if key.startswith("user:")]
    named = {user.name.lower() for user in own}
    roles = [
        DatabaseUser(role, 16384 + n, "R", None, None)
        for n, role in enumerate(_FIXED_ROLES)
        if role not in named
    ]
    return [*FIXED_USERS, *own, *roles]


def _user(database: Database, name: str, verb: str) -> DatabaseUser:
    found = database.content.get(f"user:{name.lower()}")
    if not isinstance(found, DatabaseUser) or found.type == "R":
        raise error(15151, verb, "user", name)
    return found


def _database_for_users(session: SqlSession) -> Database:
    database = session.open_database()
    if not session.is_sysadmin and database.owner.lower() != session.login.lower():
        raise error(15247)
    return database


@statement("CreateUserStatement", writes=True)
def create_user(session: SqlSession, node: Node) -> None:
    database = _database_for_users(session)
    name = node.Name.Value
    if f"user:{name.lower()}" in database.content:
        raise error(15023, name)
    option = node.UserLoginOption
    if option is not None and option.UserLoginOptionType not in ("Login", "WithoutLogin"):
        raise LabGap(node.text)
    sid = None
    kind = "S"
    if option is None or option.UserLoginOptionType == "Login":
        wanted = option.Identifier.Value if option is not None else name
        login = session.instance.principals.find(wanted)
        if login is None:
            raise error(15007, wanted)
        sid = login.sid
        kind = login.type
    number = 5 + len([key for key in database.content if key.startswith("user:")])
    write(session, database, {f"user:{name.lower()}": DatabaseUser(name, number, kind, sid)})


@statement("AlterUserStatement", writes=True)
def alter_user(session: SqlSession, node: Node) -> None:
    database = _database_for_users(session)
    user = _user(database, node.Name.Value, "alter")
    for option in node.UserOptions:
        if option.OptionKind == "Login":
            login = session.instance.principals.find(option.Identifier.Value)
            if login is None:
                raise error(15007, option.Identifier.Value)
            user = dataclasses.replace(user, sid=login.sid)
        elif option.OptionKind == "DefaultSchema":
            user = dataclasses.replace(user, default_schema=option.Identifier.Value)
        else:
            raise LabGap(option.text)
    write(session, database, {f"user:{user.name.lower()}": user})


@statement("DropUserStatement", writes=True)
def drop_user(session: SqlSession, node: Node) -> None:
    database = _database_for_users(session)
    write(
        session, database, {f"user:{_user(database, node.Name.Value, 'drop').name.lower()}": None}
    )


@statement("AlterRoleStatement", writes=True)
def alter_role(session: SqlSession, node: Node) -> None:
    database = _database_for_users(session)
    role = next(
        (
            user
            for user in users_of(database)
            if user.type == "R" and user.name.lower() == node.Name.Value.lower()
        ),
        None,
    )
    if role is None or role.name == "public":
        raise error(15151, "alter", "role", node.Name.Value)
    if node.Action.kind not in ("AddMemberAlterRoleAction", "DropMemberAlterRoleAction"):
        raise LabGap(node.text)
    member = _user(database, node.Action.Member.Value, "add").name.lower()
    members = (
        set(role.members) | {member}
        if node.Action.kind.startswith("Add")
        else set(role.members) - {member}
    )
    write(
        session,
        database,
        {f"user:{role.name.lower()}": dataclasses.replace(role, members=tuple(sorted(members)))},
    )


@procedure(
    "sp_addrolemember", database="master", parameters="@rolename sysname, @membername sysname"
)
def sp_addrolemember(session: SqlSession, args: dict[str, t.Any]) -> int:
    database = _database_for_users(session)
    role = next(
        (
            user
            for user in users_of(database)
            if user.type == "R" and user.name.lower() == args["@rolename"].lower()
        ),
        None,
    )
    if role is None:
        raise error(15151, "alter", "role", args["@rolename"])
    member = _user(database, args["@membername"], "add").name.lower()
    write(
        session,
        database,
        {
            f"user:{role.name.lower()}": dataclasses.replace(
                role, members=tuple(sorted({*role.members, member}))
            )
        },
    )
    return 0
