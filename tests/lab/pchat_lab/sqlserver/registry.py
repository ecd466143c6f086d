"""Where the parts of the simulated SQL Server meet: statements, stored procedures, catalog views and functions register here.

    @statement("AlterDatabaseSetStatement")
    def alter_database_set(session: SqlSession, node: Node) -> None: ...

    @procedure("sp_start_job", database="msdb", parameters="@job_name sysname = NULL, @job_id uniqueidentifier = NULL")
    def sp_start_job(session: SqlSession, args: dict[str, Any]) -> int: ...     # the return code

    @view("sys.database_mirroring", "database_id int, mirroring_guid uniqueidentifier, ...")
    def database_mirroring(session: SqlSession) -> Iterable[dict[str, Any]]: ...  # a row per dict; missing keys are NULL

    @function("SUSER_ID")
    def suser_id(session: SqlSession, *args: Any) -> Any: ...

Views of a database are named ``<database>.<schema>.<name>`` where they live in one database only (``msdb.dbo.sysjobs``); a
``sys.`` view exists in every database. Unknown names of any kind are errors (208, 2812, 195, 207 ...), never ignored.
"""
from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable, Iterable

if t.TYPE_CHECKING:
    from .parser import Node
    from .session import SqlSession

StatementRun = Callable[["SqlSession", "Node"], None]
ProcedureRun = Callable[["SqlSession", dict[str, t.Any]], int]
ViewRows = Callable[["SqlSession"], Iterable[dict[str, t.Any]]]
FunctionRun = Callable[..., t.Any]


@dataclasses.dataclass(frozen=True)
class ProcParameter:
    name: str                  # with the @, lower case
    type: str
    has_default: bool
    default: t.Any
    output: bool


@dataclasses.dataclass(frozen=True)
class Procedure:
    """``args`` passed to ``run`` hold every parameter (default filled in); assign to an OUTPUT one to return it."""

    name: str
    database: str
    parameters: tuple[ProcParameter, ...]
    run: ProcedureRun
    writes: bool


@dataclasses.dataclass(frozen=True)
class View:
    name: str
    columns: dict[str, str]    # name (as documented) -> SQL type
    rows: ViewRows


STATEMENTS: dict[str, tuple[StatementRun, bool]] = {}      # ScriptDom class name -> (run, writes)
PROCEDURES: dict[str, Procedure] = {}                      # lower-case name
VIEWS: dict[str, View] = {}                                # lower-case qualified name
FUNCTIONS: dict[str, FunctionRun] = {}                     # upper-case name


def statement(kind: str, *, writes: bool) -> Callable[[StatementRun], StatementRun]:
    def register(run: StatementRun) -> StatementRun:
        assert kind not in STATEMENTS, kind
        STATEMENTS[kind] = (run, writes)
        return run
    return register


def procedure(name: str, *, database: str, parameters: str = "", writes: bool = True) -> Callable[[ProcedureRun], ProcedureRun]:
    """``parameters``: T-SQL style, comma separated: ``@a sysname, @b int = 60, @c uniqueidentifier = NULL OUTPUT``."""
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
        declaration, default = declaration.removesuffix(" OUTPUT"), default.removesuffix(" OUTPUT").removesuffix(" output")
    name, _, type_ = declaration.strip().partition(" ")
    default = default.strip()
    value: t.Any = None
    if equals and default.upper() != "NULL":
        value = int(default) if default.lstrip("-").isdigit() else default.strip("'")
    return ProcParameter(name.lower(), type_.strip(), bool(equals) or output, value, output)


def view(name: str, columns: str) -> Callable[[ViewRows], ViewRows]:
    """``columns``: comma separated ``name type`` pairs; a type may hold a comma inside parentheses only as ``numeric(25.0)``."""
    parsed = {}
    for word in columns.split(","):
        column, _, type_ = word.strip().partition(" ")
        parsed[column] = type_.strip().replace(".", ",")

    def register(rows: ViewRows) -> ViewRows:
        assert name.lower() not in VIEWS, name
        VIEWS[name.lower()] = View(name, parsed, rows)
        return rows
    return register


def function(name: str) -> Callable[[FunctionRun], FunctionRun]:
    def register(run: FunctionRun) -> FunctionRun:
        assert name.upper() not in FUNCTIONS, name
        FUNCTIONS[name.upper()] = run
        return run
    return register
