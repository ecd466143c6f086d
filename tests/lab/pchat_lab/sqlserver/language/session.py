"""A T-SQL session: what one connection of Invoke-Sqlcmd, or of the server itself, sees and
remembers.

session = instance.connect(account, machine, "master") result = session.execute("SELECT name FROM
sys.databases") result.result_sets[0].rows
"""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Callable

from ...world.network import Account
from .batch import run_batch
from .errors import SqlError, error
from .results import BatchResult, Message, ResultSet, Variable, columns_from
from .transactions import roll_back

if t.TYPE_CHECKING:
    from ...world.machine import Machine
    from ...world.world import World
    from ..server.database import Database
    from ..server.instance import SqlInstance
    from .tables import Table


class SqlSession:
    """Made by ``SqlInstance.connect``, or by ``internal`` for work that the server does by itself.

    ``close`` it (or use ``with``).
    """

    def __init__(
        self,
        world: World,
        instance: SqlInstance,
        account: Account,
        client: Machine,
        *,
        program: str = "SQLPS",
    ) -> None:
        self.world = world
        self.instance = instance
        self.account = account
        self.client = client
        self.program = program
        self.spid = instance.next_spid()
        self.database = "master"
        self.login_time = instance.local_now()
        self.variables: dict[str, Variable] = {}  # by lower-case name with @; of the running batch
        self.table_variables: dict[str, Table] = {}
        self.temp_tables: dict[str, Table] = {}  # by lower-case name with #
        self.options: dict[str, bool] = {"NOCOUNT": False, "XACT_ABORT": False}
        self.result = BatchResult()
        self._wrote = False  # something that changes the estate was run
        self.before_write: Callable[[], None] = lambda: (
            None
        )  # told once, before the first change of this session is made
        self.last_error = 0  # @@ERROR
        self.rowcount = 0  # @@ROWCOUNT
        self.caught: list[
            SqlError
        ] = []  # innermost CATCH last: what ERROR_NUMBER() and so on speak of
        self.transactions = 0  # @@TRANCOUNT
        self.undo: list[
            tuple[Database, str, t.Any]
        ] = []  # what ROLLBACK puts back: database, content key, old value
        self.doomed = False  # XACT_STATE() = -1
        self.identity: int | None = None  # SCOPE_IDENTITY()
        self.outputs: frozenset[str] = (
            frozenset()
        )  # parameters that the running procedure gives back to variables
        self.depth = 0  # nesting of EXEC
        self.in_try = 0  # TRY blocks around the running statement
        self.killed = False
        self.statement = 0  # how many statements the batch has begun
        self.writing: set[int] = set()  # which of them change something
        self.stops_at_errors = False  # the client breaks the batch off at its first error
        self.stops_after_writes = (
            0  # ... or after so many statements that change something; 0: it does not
        )
        self.view_database: Database | None = (
            None  # which database's sys views are being read, while a view gives its rows
        )
        instance.sessions[self.spid] = self

    @classmethod
    def internal(
        cls,
        instance: SqlInstance,
        *,
        program: str = "SQLAgent - TSQL JobStep",
        account: str | None = None,
    ) -> SqlSession:
        """A session of the server's own services, with the sysadmin role."""
        name = account or f"NT SERVICE\\{instance.agent_service_name}"
        return cls(
            instance.world,
            instance,
            Account(name, groups=frozenset({"sysadmin"})),
            instance.machine,
            program=program,
        )

    @property
    def wrote(self) -> bool:
        """Whether something that changes the estate was run, or is about to be."""
        return self._wrote

    @wrote.setter
    def wrote(self, value: bool) -> None:
        if value:
            self.writing.add(self.statement)
        if value and not self._wrote:
            self._wrote = True
            self.before_write()

    # --- identity

    @property
    def login(self) -> str:
        """ORIGINAL_LOGIN()."""
        return self.account.name

    @property
    def is_sysadmin(self) -> bool:
        return self.instance.principals.is_in_role(self.account, "sysadmin")

    def has_role(self, role: str) -> bool:
        return self.instance.principals.is_in_role(self.account, role)

    def require_sysadmin(self, refusal: SqlError | None = None) -> None:
        """Raise ``refusal`` (default 15247) unless the caller is sysadmin."""
        if not self.is_sysadmin:
            raise refusal or error(15247)

    # --- where

    def use(self, name: str) -> None:
        """USE. SqlError 911, or why the database cannot be opened."""
        database = self.open_database(name)
        self.database = database.name
        if database.user_access == "SINGLE_USER" and database.single_user is None:
            database.single_user = self.spid

    def open_database(self, name: str | None = None) -> Database:
        """A database (default: the current one) for use by this session; SqlError when there is
        none or it cannot be opened.
        """
        database = self.instance.database(name or self.database)
        database.require_open(self)
        return database

    def current(self) -> Database:
        """The database whose sys views are being read, else the current one; it may be closed to
        users.
        """
        return self.view_database or self.instance.database(self.database)

    # --- what comes out

    def emit(self, result: ResultSet) -> None:
        """A result set for the client."""
        self.result.result_sets.append(result)
        self.result.events.append(result)

    def emit_rows(self, columns: str, rows: t.Iterable[dict[str, t.Any]]) -> None:
        """A result set from dicts; ``columns`` as in registry.view: ``name type, ...``."""
        parsed = columns_from(columns)
        result = ResultSet(parsed, [])
        for row in rows:
            result.rows.append([row.get(column.name) for column in parsed])
        self.emit(result)

    def info(self, text: str, number: int = 0, severity: int = 0, state: int = 1) -> None:
        """A message of severity 10 or below."""
        message = Message(text, number, severity, state)
        self.result.messages.append(message)
        self.result.events.append(message)

    def report(self, failure: SqlError) -> None:
        """Errors that nothing caught: to the client."""
        for one in failure.all():
            self.result.errors.append(one)
            self.result.events.append(one)

    # --- running

    def execute(self, text: str) -> BatchResult:
        """Run one batch.

        Never raises SqlError: errors are in the result. LabGap for what the lab does not know.
        """
        self.result = BatchResult()
        self.variables = {}
        self.table_variables = {}
        self.depth = 0
        self.in_try = 0
        self.caught = []
        self.statement = 0
        self.writing = set()
        run_batch(self, text)
        return self.result

    @property
    def is_broken_off(self) -> bool:
        """The client wants no more of the batch."""
        return 0 < self.stops_after_writes <= len(self.writing)

    def now(self) -> dt.datetime:
        """GETDATE()."""
        return self.instance.local_now()

    def close(self) -> None:
        """The connection ends: an open transaction is rolled back, a single-user place is freed."""
        if self.instance.sessions.pop(self.spid, None) is None:
            return
        if self.transactions:
            roll_back(self)
        for database in self.instance.databases.values():
            if database.single_user == self.spid:
                database.single_user = None

    def __enter__(self) -> SqlSession:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
