"""A simulated SQL Server instance: identity, services, principals, databases, sessions."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
import typing as t
import uuid
from collections.abc import Callable, Iterable

from ...world.identities import SERVICES
from ...world.machine import Machine, WindowsService
from ..language.errors import ConnectionFailed, SqlError, error
from ..language.session import SqlSession
from .database import DBO_SID, Database, DataFile
from .files import claim_database_file, grow_log
from .identity import Identity
from .lync_database import create
from .principals import Principals

if t.TYPE_CHECKING:
    from ...world.network import Account
    from ...world.world import World
    from ..language.session import SqlSession

SYSTEM_DATABASES = ("master", "tempdb", "model", "msdb")


@dataclasses.dataclass(eq=False)
class UserSession:
    """A client that holds a connection to a database, e.g. a chat server.

    ``on_kill`` tells it that its connection was cut.
    """

    spid: int
    database: Database
    host: str
    program: str
    login: str
    login_time: dt.datetime
    on_kill: Callable[[], None] | None = None


class SqlInstance(Identity):
    """One instance on one machine; registers itself in ``machine.instances`` and gives the machine
    its two services if it has none.

    ``name``: '' for the default instance. ``version``: e.g. ``11.0.6020.0``.
    ``service_account``/``agent_account``: as the service is configured (``DOMAIN\\user``,
    ``LocalSystem``, ``NT AUTHORITY\\NETWORK SERVICE``, ``NT SERVICE\\MSSQL$X``).
    ``sa``: what the login with SID 0x01 is called here. ``server_name``: @@SERVERNAME, when it is
    not (any more) the machine's name.
    ``data_folder``, ``log_folder``: where new databases go, when not to the instance's own folder.
    """

    def __init__(
        self,
        world: World,
        machine: Machine,
        name: str = "",
        *,
        version: str = "11.0.6020.0",
        edition: str = "Standard Edition (64-bit)",
        service_account: str = "NT SERVICE\\MSSQLSERVER",
        agent_account: str = "NT SERVICE\\SQLSERVERAGENT",
        collation: str = "SQL_Latin1_General_CP1_CI_AS",
        port: int = 1433,
        sa: str = "sa",
        sa_disabled: bool = False,
        server_name: str = "",
        data_folder: str = "",
        log_folder: str = "",
    ) -> None:
        self.world = world
        self.machine = machine
        self.name = name.upper()
        self.version_text = version
        self.edition = edition
        self.collation = collation
        self.port = port
        self.version = tuple(int(part) for part in version.split("."))
        self.major = self.version[0]
        self.service_guid = uuid.uuid4()
        folder = (
            "C:\\Program Files\\Microsoft SQL "
            f"Server\\MSSQL{self.major}{'_50' if self.version[:2] == (10, 50) else ''}."
            f"{self.name or 'MSSQLSERVER'}\\MSSQL"
        )
        self.data_folder = f"{folder}\\DATA"
        self.backup_folder = f"{folder}\\Backup"
        self.log_folder = f"{folder}\\DATA"
        self.system_folder = f"{folder}\\DATA"  # of master and its like, wherever user databases go
        self.data_folder = data_folder or self.data_folder
        self.log_folder = log_folder or self.log_folder
        self.known_as = server_name
        for path in (
            self.system_folder,
            self.data_folder,
            self.log_folder,
            self.backup_folder,
            f"{folder}\\Log",
        ):
            parts = path.lower().split("\\")
            machine.folders.update("\\".join(parts[:n]) for n in range(2, len(parts) + 1))
        self._services(service_account, agent_account)
        self.databases: dict[str, Database] = {}  # by lower-case name
        self.sessions: dict[int, SqlSession] = {}  # open T-SQL sessions by spid
        self.attached: list[UserSession] = []  # connections of programs such as chat servers
        self.endpoints: dict[
            str, t.Any
        ] = {}  # by lower-case name; objects of the endpoints file: .name, .endpoint_id, .owner
        self.msdb: dict[
            str, list[dict[str, t.Any]]
        ] = {}  # tables of msdb as plain rows, each kept by the file that owns it
        self.parts: dict[str, t.Any] = {}  # whatever other files keep per instance, by file name
        self.owned: list[
            Callable[[], Iterable[t.Any]]
        ] = []  # what else has an owner here, told by the rooms above: objects with .owner
        self.configuration: dict[str, int] = {
            "backup compression default": 0,
            "xp_cmdshell": 0,
            "show advanced options": 0,
            "remote admin connections": 0,
            "backup checksum default": 0,
            "contained database authentication": 0,
        }
        self.error_log: list[tuple[dt.datetime, str]] = []  # local time, text
        self.on_stop: list[Callable[[], None]] = []
        self.on_start: list[Callable[[], None]] = []
        self.started_at = self.local_now()
        self._spids = itertools.count(51)
        self._database_ids = itertools.count(5)
        self.principals = Principals(self, sa)
        self.principals.sa.is_disabled = sa_disabled
        for number, system in enumerate(SYSTEM_DATABASES, start=1):
            self._make(
                system, number, self.principals.sa.name, self._system_files(system)
            ).recovery_model = "FULL" if system == "model" else "SIMPLE"
        machine.instances[name.lower()] = self

    def _services(self, engine: str, agent: str) -> None:
        label = self.name or "MSSQLSERVER"
        engine_text, agent_text = (text.format(label) for text in SERVICES[self.machine.language])
        for name, shown, account, needs in (
            (self.engine_service_name, engine_text, engine, ()),
            (self.agent_service_name, agent_text, agent, (self.engine_service_name,)),
        ):
            self.machine.services.setdefault(
                name.lower(),
                WindowsService(
                    name,
                    shown,
                    "Running",
                    "Auto",
                    account,
                    started_at=self.world.clock.now(),
                    depends_on=needs,
                ),
            )

    def log(self, text: str) -> None:
        """A line of the error log."""
        self.error_log.append((self.local_now(), text))

    # --- databases

    def database(self, name: str) -> Database:
        """By name in any case (the collation is case-insensitive).

        SqlError 911 when there is none.
        """
        found = self.databases.get(name.lower())
        if found is None:
            raise error(911, name)
        return found

    def create_database(
        self,
        name: str,
        *,
        owner: str | None = None,
        recovery_model: str | None = None,
        files: list[DataFile] | None = None,
    ) -> Database:
        """A new, empty database as CREATE DATABASE makes it.

        SqlError 1801 when the name is taken, 1802 with 5133/5170/1834 for its files.
        """
        if name.lower() in self.databases:
            raise error(1801, name)
        wanted = files or self.default_files(name)
        try:
            for file in wanted:
                claim_database_file(self, file.path, name, existing_is_error=True)
        except SqlError as cause:
            raise cause.followed_by(error(1802)) from None
        database = self._make(
            name, next(self._database_ids), owner or self.principals.sa.name, wanted
        )
        database.recovery_model = recovery_model or self.databases["model"].recovery_model
        made_by = self.principals.find(database.owner)
        database.log(changes={DBO_SID: made_by.sid} if made_by else {}, weight=3)
        return database

    def create_lync_database(
        self, kind: str, *, pool_id: uuid.UUID | None = None, owner: str | None = None
    ) -> Database:
        """mgc or mgccomp, with the tables that Persistent Chat makes."""
        return create(self, kind, pool_id=pool_id, owner=owner)

    def default_files(self, name: str) -> list[DataFile]:
        return [
            DataFile(1, name, f"{self.data_folder}\\{name}.mdf", "ROWS"),
            DataFile(2, f"{name}_log", f"{self.log_folder}\\{name}_log.ldf", "LOG", 128),
        ]

    def _system_files(self, name: str) -> list[DataFile]:
        return [
            dataclasses.replace(
                file, path=f"{self.system_folder}\\{file.path.rpartition(chr(92))[2]}"
            )
            for file in self.default_files(name)
        ]

    def new_database_for_restore(self, name: str, owner: str) -> Database:
        """An entry without files and content, RESTORING: what the first RESTORE DATABASE fills."""
        database = self._make(name, next(self._database_ids), owner, [])
        database.state = "RESTORING"
        return database

    def drop_database(self, name: str, *, keep_files: bool = False) -> None:
        """Take it away without any check, with its files."""
        database = self.databases.pop(name.lower())
        for file in [] if keep_files else database.files:
            self.machine.files.pop(file.path.lower(), None)
        self.kick(database)

    def _make(
        self, name: str, database_id: int, owner: str, files: list[DataFile] | None = None
    ) -> Database:
        database = Database(self, name, database_id, owner)
        database.files = self.default_files(name) if files is None else files
        database.grow_log = functools.partial(grow_log, database)
        self.databases[name.lower()] = database
        return database

    def owner_renamed(self, old: str, new: str) -> None:
        """Owners are kept by name here and by SID on a server: a login that is renamed goes on
        owning what it owned.
        """
        owned_here: list[t.Any] = [*self.databases.values(), *self.endpoints.values()]
        for more in self.owned:
            owned_here.extend(more())
        for owned in owned_here:
            if owned.owner.lower() == old.lower():
                owned.owner = new

    # --- sessions

    def connect(
        self,
        account: Account,
        client: Machine,
        database: str | None = None,
        *,
        program: str = "SQLPS",
    ) -> SqlSession:
        """A session of a Windows account coming from ``client``.

        ConnectionFailed 2/53 (nobody answers), 18456 (login), 4060 (database).
        """
        target = self.network_name
        if not self.running or not self.world.network.reachable(client.fqdn, self.machine.fqdn):
            number = 2 if client is self.machine else 53
            raise ConnectionFailed(
                number,
                "A network-related or instance-specific error occurred while establishing a "
                "connection to SQL Server. The server "
                "was not found or was not accessible. Verify that the instance name is correct and "
                "that SQL Server is configured to allow "
                "remote connections. (provider: Named Pipes Provider, error: 40 - Could not open "
                f"a connection to SQL Server) [{target}]",
            )
        login = self.principals.login_of(account)
        if login is None:
            self.log(
                f"Login failed for user '{account.name}'. Reason: Could not find a login matching "
                f"the name provided. [CLIENT: {client.address}]"
            )
            raise ConnectionFailed(18456, f"Login failed for user '{account.name}'.")
        session = SqlSession(self.world, self, account, client, program=program)
        try:
            session.use(database or login.default_database)
        except SqlError:
            session.close()
            wanted = database or login.default_database
            raise ConnectionFailed(
                4060,
                f'Cannot open database "{wanted}" requested by the login. The login failed.\n'
                f"Login failed for user '{account.name}'.",
            ) from None
        return session

    def next_spid(self) -> int:
        return next(self._spids)

    def attach(
        self,
        database: str,
        *,
        host: str,
        program: str,
        login: str,
        on_kill: Callable[[], None] | None = None,
    ) -> UserSession:
        """A program opens a database and stays connected.

        SqlError as for any user (927, 924 ...).
        """
        found = self.database(database)
        found.require_open()
        if found.user_access == "SINGLE_USER" and self.users_of(found):
            raise error(924, found.name)
        session = UserSession(
            self.next_spid(), found, host, program, login, self.local_now(), on_kill
        )
        self.attached.append(session)
        return session

    def detach(self, session: UserSession) -> None:
        if session in self.attached:
            self.attached.remove(session)

    def user_sessions(self, database: str) -> list[UserSession]:
        """Programs connected to a database."""
        return [u for u in self.attached if u.database.name.lower() == database.lower()]

    def users_of(self, database: Database, but: SqlSession | None = None) -> list[int]:
        """Spids of everybody who uses the database, programs and T-SQL sessions, except one."""
        mine = [
            s.spid
            for s in self.sessions.values()
            if s is not but and s.database.lower() == database.name.lower()
        ]
        return mine + [u.spid for u in self.attached if u.database is database]

    def kick(self, database: Database, but: SqlSession | None = None) -> int:
        """Cut everybody's connection to a database, except one session's; how many there were."""
        spids = self.users_of(database, but)
        for spid in spids:
            self.kill(spid)
        return len(spids)

    def kill(self, spid: int) -> bool:
        """End a session of either kind; False when there is no such user session."""
        for user in [u for u in self.attached if u.spid == spid]:
            self.attached.remove(user)
            if user.on_kill:
                user.on_kill()
            return True
        session = self.sessions.get(spid)
        if session is not None:
            session.killed = True
            session.close()
        return session is not None

    # --- life

    def stop(self) -> None:
        """The engine's service stopped, or its machine went down: all connections are gone.

        Called by whoever changes the service.
        """
        for user in list(self.attached):
            self.kill(user.spid)
        for session in list(self.sessions.values()):
            self.kill(session.spid)
        for action in list(self.on_stop):
            action()

    def start(self) -> None:
        """The engine runs again. tempdb is new, databases keep their states."""
        self.started_at = self.local_now()
        self.databases["tempdb"].create_date = self.started_at
        self.log(
            "SQL Server is starting at normal priority base. Microsoft SQL Server "
            f"{self.product_year} - {self.version_text}"
        )
        for action in list(self.on_start):
            action()
