"""Where the parts of the simulated SQL Server meet: statements, stored procedures, catalog views
and functions register here. @statement("AlterDatabaseSetStatement") def
alter_database_set(session: SqlSession, node: Node) -> None: ... @procedure("sp_start_job",
database="msdb", parameters="@job_name sysname = NULL, @job_id uniqueidentifier = NULL") def
sp_start_job(session: SqlSession, args: dict[str, Any]) -> int: ... # the return code
@view("sys.database_mirroring", "database_id int, mirroring_guid uniqueidentifier, ...") def
database_mirroring(session: SqlSession) -> Iterable[dict[str, Any]]: ... # a row per dict;
missing keys are NULL @function("SUSER_ID") def suser_id(session: SqlSession, *args: Any) -> Any:
... Views of a database are named ``<database>.<schema>.<name>`` where they live in one database
only (``msdb.dbo.sysjobs``); a ``sys.`` view exists in every database. Unknown names of any kind
are errors (208, 2812, 195, 207 ...), never ignored."""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable, Iterable

if t.TYPE_CHECKING:
    from ..server.database import Database
    from ..server.instance import SqlInstance
    from .parser import Node
    from .session import SqlSession

StatementRun = Callable[["SqlSession", "Node"], None]
ProcedureRun = Callable[["SqlSession", dict[str, t.Any]], int]
ViewRows = Callable[["SqlSession"], Iterable[dict[str, t.Any]]]
FunctionRun = Callable[..., t.Any]


@dataclasses.dataclass(frozen=True)
class ProcParameter:
    name: str  # with the @, lower case
    type: str
    has_default: bool
    default: t.Any
    output: bool


@dataclasses.dataclass(frozen=True)
class Procedure:
    """``args`` passed to ``run`` hold every parameter (default filled in); assign to an OUTPUT one
    to return it.
    """

    name: str
    database: str
    parameters: tuple[ProcParameter, ...]
    run: ProcedureRun
    writes: bool


@dataclasses.dataclass(frozen=True, eq=False)
class View:
    """``since``: column -> lowest version that has it; "" -> of the whole view.

    A version is (major, minor, build).
    """

    name: str
    columns: dict[str, str]  # name (as documented) -> SQL type
    rows: ViewRows
    since: dict[str, tuple[int, ...]] = dataclasses.field(default_factory=dict)

    def columns_at(self, version: tuple[int, ...]) -> dict[str, str]:
        """The columns that an instance of this version has; empty when it has no such view."""
        if version < self.since.get("", ()):
            return {}
        return {
            name: type_
            for name, type_ in self.columns.items()
            if version >= self.since.get(name, ())
        }


STATEMENTS: dict[str, tuple[StatementRun, bool]] = {}  # ScriptDom class name -> (run, writes)
PROCEDURES: dict[str, Procedure] = {}  # lower-case name
VIEWS: dict[str, View] = {}  # lower-case qualified name
FUNCTIONS: dict[str, FunctionRun] = {}  # upper-case name
FUNCTION_TYPES: dict[
    str, str
] = {}  # upper-case name -> SQL type of the result, where the value does not tell

#: ALTER DATABASE ... SET options by ScriptDom OptionKind (``Recovery``, ``Partner``, ``Witness``
#: ...): run(session, database, option, statement).
AlterOption = Callable[["SqlSession", "Database", "Node", "Node"], None]
ALTER_DATABASE_OPTIONS: dict[str, AlterOption] = {}

#: Checks that other parts add to an operation on a database. A guard raises SqlError to refuse it.
#: ``session`` is None for work of the server itself.
Guard = Callable[["SqlInstance", "Database", "SqlSession | None"], None]
GUARDED = ("open", "backup", "tail", "restore", "alter", "drop")
GUARDS: dict[str, list[Guard]] = {operation: [] for operation in GUARDED}


def statement(kind: str, *, writes: bool) -> Callable[[StatementRun], StatementRun]:
    """``kind``: the class name of ScriptDom; ``writes``: it changes the estate whatever it says."""

    def register(run: StatementRun) -> StatementRun:
        assert kind not in STATEMENTS, kind
        STATEMENTS[kind] = (run, writes)
        return run

    return register


def procedure(
    name: str, *, database: str, parameters: str = "", writes: bool = True
) -> Callable[[ProcedureRun], ProcedureRun]:
    """``parameters``: T-SQL style, comma separated: ``@a sysname, @b int = 60, @c uniqueidentifier
    = NULL OUTPUT``.
    """
    parsed = tuple(_parameter(word.strip()) for word in parameters.split(",") if word.strip())

    def register(run: ProcedureRun) -> ProcedureRun:
        assert name.lower() not in PROCEDURES, name
        PROCEDURES[name.lower()] = Procedure(name, database, parsed, run, writes)
        return run

    return register


def _parameter(text: str) -> ProcParameter:
    declaration, equals, default = text.partition("=")
    output = text.upper().endswith(" OUTPUT")
    if output:
        declaration = declaration.removesuffix(" OUTPUT")
        default = default.removesuffix(" OUTPUT").removesuffix(" output")
    name, _unused, type_ = declaration.strip().partition(" ")
    default = default.strip()
    value: t.Any = None
    if equals and default.upper() != "NULL":
        value = int(default) if default.lstrip("-").isdigit() else default.strip("'")
    return ProcParameter(name.lower(), type_.strip(), bool(equals) or output, value, output)


def view(name: str, columns: str, *, since: str = "") -> Callable[[ViewRows], ViewRows]:
    """``columns``: comma separated ``name type [since version]``; a comma inside a type's
    parentheses is written as a dot: ``numeric(25.0)``.

    ``since`` (of the view, or of a column): the first version that has it, e.g. ``11`` or
    ``10.50.2500``.
    """
    parsed: dict[str, str] = {}
    first = {"": _version(since)} if since else {}
    for word in columns.split(","):
        column, _unused, type_ = word.strip().partition(" ")
        type_, late, version = type_.partition(" since ")
        parsed[column] = type_.strip().replace(".", ",")
        if late:
            first[column] = _version(version)

    def register(rows: ViewRows) -> ViewRows:
        assert name.lower() not in VIEWS, name
        VIEWS[name.lower()] = View(name, parsed, rows, first)
        return rows

    return register


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def alter_database_option(*kinds: str) -> Callable[[AlterOption], AlterOption]:
    """Register what ALTER DATABASE SET <kind> does.

    Checks of rights, existence and the general state have been made before it is called.
    """

    def register(run: AlterOption) -> AlterOption:
        for kind in kinds:
            assert kind not in ALTER_DATABASE_OPTIONS, kind
            ALTER_DATABASE_OPTIONS[kind] = run
        return run

    return register


def guard(operation: str) -> Callable[[Guard], Guard]:
    """Register a check for one of GUARDED:

    open (somebody wants to use the database), backup (BACKUP DATABASE or LOG), tail (BACKUP LOG
    WITH NORECOVERY), restore, drop, alter (options other than PARTNER and WITNESS).
    """

    def register(check: Guard) -> Guard:
        GUARDS[operation].append(check)
        return check

    return register


def check_guards(
    operation: str, instance: SqlInstance, database: Database, session: SqlSession | None
) -> None:
    """Raise the first refusal of the operation."""
    for check in GUARDS[operation]:
        check(instance, database, session)


def function(name: str, *, returns: str = "") -> Callable[[FunctionRun], FunctionRun]:
    """``returns``: SQL type of the result where its value does not tell (bigint, tinyint ...)."""

    def register(run: FunctionRun) -> FunctionRun:
        assert name.upper() not in FUNCTIONS, name
        FUNCTIONS[name.upper()] = run
        if returns:
            FUNCTION_TYPES[name.upper()] = returns
        return run

    return register
