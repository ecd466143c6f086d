"""What one host can tell about the collection's assumptions; nothing is changed.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import functools
import re
import typing as t
from collections.abc import Callable, Iterable, Iterator, Sequence

from ..._engine.errors import CmdletFailed, PChatError, SqlFailed, Unproven
from ..._engine.model import Call, FactsT, Record, Resource, Session, Sql, State, Step
from ..calls import lync, powershell, probes, windows
from ..calls.tsql import history
from ..calls.tsql import probes as probes_calls
from ..resources.lync import database as lync_database
from ..resources.lync import mirror_principal, pool_info
from ..resources.sqlserver import sql_info
from ..resources.sqlserver._instance import INSTANCE_OPTION
from ..resources.windows import host_info
from ..rows import text_of
from . import tsql, used
from .numbers import NUMBERS
from .watch import Watch

KINDS = ("lync", "sql", "windows", "chat")
FIDELITY_INFO_SPEC: State = {
    **INSTANCE_OPTION,
    "kinds": {"type": "list", "elements": "str", "choices": list(KINDS), "required": True},
    "pool": {"type": "str"},
    "databases": {"type": "list", "elements": "str", "default": ["mgc", "mgccomp"]},
}
#: Windows Server 2012 (R2) and later; the readers do without them.
LATE = frozenset({"Get-NetTCPConnection", "Test-NetConnection"})
#: Sent by every session, whatever the host is for.
_ALWAYS = ("Get-Command", "Write-Output")
_SQL = ("Invoke-Sqlcmd",)


class FidelityInfo(Resource[State, State]):
    """State: kinds, looked (those of them that could be looked at), commands, calls (what cmdlets
    answered), and by kind of host: lync, sql, services.
    """

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.host = host
        self.scope = f"host/{host} fidelity"
        self.kinds: list[str] = sorted(set(options["kinds"]))

    def read(self, session: Session) -> State:
        commands = _commands(session, self.kinds)
        looked = [kind for kind in self.kinds if not _blind(kind, commands)]
        watch = Watch(session)
        broken: list[str] = []
        state: State = {
            "kinds": self.kinds,
            "looked": looked,
            "lync": None,
            "sql": None,
            "services": None,
            "instance": self.options["sql_instance"].lower(),
        }
        for kind, look in (("lync", self._lync), ("sql", self._sql), ("windows", self._windows)):
            if kind in looked or (kind == "windows" and "chat" in looked):
                look(watch, state, broken)
        state["statements"] = _statements(session, "sql" in looked)
        return {**state, "commands": commands, "calls": watch.seen(), "broken": broken}

    def plan(self, current: State) -> list[Step[State]]:
        return []

    def _lync(self, watch: Watch, state: State, broken: list[str]) -> None:
        name = str(self.options["pool"] or "")
        read_pool = pool_info.PoolInfo({"pool": name}, self.host).read
        found: State = dict(_tried(broken, functools.partial(read_pool, watch)) or {})
        stores = {str(s).partition("\\")[::2] for s in (found.get("stores") or {}).values() if s}
        for server, instance in sorted(stores):
            options = {
                "sql_server": server,
                "instance": instance,
                "databases": self.options["databases"],
                "existing": [],
            }
            read = functools.partial(_read, lync_database.LyncDatabase, options, self.host, watch)
            _tried(broken, read)
        for database in self.options["databases"] if found.get("published") else ():
            options = {"pool": name, "database": database}
            read_mirror = functools.partial(
                _read, mirror_principal.MirrorPrincipal, options, self.host, watch
            )
            _tried(broken, read_mirror)
        document = watch.read(lync.topology_xml())[0]
        service: Record = next(
            (
                s
                for s in watch.rows("Get-CsService")
                if text_of(s.get("PoolFqdn")).lower() == name.lower()
            ),
            {},
        )
        state["lync"] = {
            "pool": found,
            "document": text_of(document[0].get("value")) if document else None,
            "stores": {
                key: text_of(value)
                for key, value in service.items()
                if "PersistentChat" in key and key.endswith("Database") and value
            },
            "mirror_rows": [sorted(row) for row in watch.rows("Get-CsDatabaseMirrorState")],
            "database_rows": [sorted(row) for row in watch.rows("Test-CsDatabase")],
        }

    def _sql(self, watch: Watch, state: State, broken: list[str]) -> None:
        options: sql_info.SqlInfoOptions = {
            "sql_instance": self.options["sql_instance"],
            "databases": self.options["databases"],
            "mirroring_port": None,
        }
        found = _tried(broken, lambda: dict(sql_info.SqlInfo(options, self.host).read(watch))) or {}
        backups = watch.rows_of(history.backups(self.options["databases"]))
        columns, procedures = _catalog(watch)
        state["sql"] = {
            "info": found,
            "columns": columns,
            "procedures": procedures,
            "messages": {
                str(r["number"]): r["text"]
                for r in watch.read(probes_calls.messages(sorted(NUMBERS)))[0]
            },
            "backup_forks": {str(r["name"]).lower(): r["fork"] for r in backups},
            "probe": dict(next(iter(watch.read(probes_calls.probes())[0]), {})),
            "failing": _failing(watch.session),
        }

    def _windows(self, watch: Watch, state: State, broken: list[str]) -> None:
        _tried(
            broken,
            lambda: host_info.HostInfo({"sql_tools": "sql" in self.kinds}, self.host).read(watch),
        )
        state["services"] = {
            str(r.get("Name")): str(r.get("DisplayName") or "")
            for r in watch.rows_of(windows.services("*Persistent Chat*"))
        }


def _read(
    resource: type[Resource[t.Any, FactsT]], options: State, host: str, watch: Watch
) -> FactsT:
    return resource(options, host).read(watch)


def _tried(broken: list[str], read: Callable[[], FactsT]) -> FactsT | None:
    """A reader of the collection on records that may not be what it takes them for: that it
    stumbles is a finding, no reason to stop.
    """
    try:
        return read()
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, PChatError) as error:
        broken.append(f"{type(error).__name__}: {error}")
        return None


def expected(kinds: Iterable[str]) -> dict[str, frozenset[str]]:
    """Cmdlet -> parameters that the collection uses on hosts of these kinds; none where the session
    itself sees to them.
    """
    kinds = set(kinds)
    found: dict[str, frozenset[str]] = dict.fromkeys(
        _ALWAYS + (_SQL if "sql" in kinds else ()), frozenset()
    )
    modules = [
        module
        for module, users in (("lync", {"lync"}), ("windows", {"lync", "windows", "chat"}))
        if kinds & users
    ]
    return {**found, **(used.cmdlets(*modules) if modules else {})}


def _blind(kind: str, commands: State) -> bool:
    """Whether a cmdlet that reads is missing: what its readers then stumble over would say nothing
    of the assumptions.
    """
    if "_error" in commands:
        return False
    there = {name.lower() for name in commands}
    readers = {name for name in expected([kind]) if name.startswith("Get-") or name in _SQL} - LATE
    return any(name.lower() not in there for name in readers)


def _commands(session: Session, kinds: Sequence[str]) -> State:
    """Name -> module and parameters (None when the host does not tell them), for those that the
    host has.
    """
    try:
        rows = session.read(powershell.commands(sorted(expected(kinds))))[0]
    except CmdletFailed as error:
        return {"_error": str(error)}
    return {
        str(r.get("Name")): {
            "module": str(r.get("ModuleName") or r.get("Source") or ""),
            "parameters": _parameters_of(r),
        }
        for r in rows
    }


def _parameters_of(command: Record) -> list[str] | None:
    """Its Parameters are a dictionary; a host that sends it as text alone still has the syntax in
    Definition.
    """
    parameters = command.get("Parameters")
    if isinstance(parameters, dict) and parameters:
        return sorted(name for name in parameters if not name.startswith("_"))
    return sorted(set(re.findall(r"-(\w+)", str(command.get("Definition") or "")))) or None


def _by_database(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        database, _unused, rest = name.partition(".")
        found.setdefault(database, []).append(rest)
    return found


def _catalog(watch: Watch) -> tuple[State, State]:
    """View -> its columns; procedure -> its type, parameters (name -> whether OUTPUT), and defaults
    as its text has them, None where it is not shown.
    """
    views: State = {}
    procedures: State = {}
    for database, names in _by_database([*used.columns(), *used.procedures()]).items():
        objects = {
            row["id"]: (f"{database}.{row['name']}".lower(), str(row["type"]).strip())
            for row in watch.read(probes_calls.objects(names, database))[0]
        }
        columns, parameters, heads = watch.read(
            *(
                ask(list(objects), database)
                for ask in (probes_calls.columns, probes_calls.parameters, probes_calls.definitions)
            )
        )
        for name, kind in objects.values():
            if name in used.procedures():
                procedures[name] = {"type": kind, "parameters": {}, "defaults": None}
            else:
                views[name] = []
        for number, column in _listed(columns):
            views.setdefault(objects[number][0], []).append(column.lower())
        for number, parameter in _listed(parameters):
            name, _unused, output = parameter.partition(":")
            procedures[objects[number][0]]["parameters"][name.lower()] = output == "1"
        for row in heads:
            known = procedures.get(objects[row["id"]][0])
            if known is not None and row["head"]:
                known["defaults"] = dict(tsql.defaults(str(row["head"]), list(known["parameters"])))
    return views, procedures


def _listed(rows: list[Record]) -> Iterator[tuple[int, str]]:
    """``id:name id:name`` in the one row of a list."""
    for word in str(rows[0]["names"] or "").split() if rows else ():
        number, _unused, name = word.partition(":")
        yield int(number), name


def _statements(session: Session, with_sql: bool) -> State:
    """Kind of failure -> what the client was told, and what ran on the host behind it.

    {named_first, named_later: whether the failed call was named when it stood first and behind
    another one; ran: whether the statement behind it ran, None when this session cannot show it}.
    """
    kinds: dict[str, Call] = {
        "unknown cmdlet": probes.wrong_cmdlet(),
        "unknown parameter": probes.wrong_parameter(),
        "stopped by -ErrorAction Stop": probes.stopped(),
    }
    if with_sql:
        kinds["error of T-SQL"] = probes_calls.failing()
    return {
        kind: _behind(session, bad, f"pchat{number}")
        for number, (kind, bad) in enumerate(kinds.items())
    }


def _behind(session: Session, bad: Call, name: str) -> State:
    good = powershell.commands(["Write-Output"])
    return {
        "named_first": _named(session, [bad, good, good], bad),
        "named_later": _named(session, [good, bad, probes.leaves_a_trace(name)], bad),
        "ran": _left(session, name),
    }


def _named(session: Session, calls: Sequence[Call], bad: Call) -> bool:
    """Whether the error that the calls end with is that of the bad one."""
    try:
        session.read(*calls)
    except (CmdletFailed, Unproven) as error:
        return error.details.get("cmdlet") == str(bad)
    return False


def _left(session: Session, name: str) -> bool | None:
    try:
        rows = session.read(probes.trace(name))[0]
    except CmdletFailed:
        return None
    return any(name in _texts(row.get("value")) for row in rows)


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _failing(session: Session) -> State:
    """What the session makes of a guard that fires, and of batches that fail in their first
    statement, in a later one, and while rows are fetched: {arrived: whether an error record came,
    numbers: those known, rows: how many came before the error}.
    """
    batches = {
        "first": probes_calls.failing(),
        "later": probes_calls.failing_later(),
        "in rows": probes_calls.failing_in_rows(),
    }
    return {
        "code": _refusal_of(session, probes_calls.moved()),
        "batches": {name: _failed(session, batch) for name, batch in batches.items()},
    }


def _failed(session: Session, batch: Sql) -> State:
    try:
        session.read(batch)
    except SqlFailed as error:
        told = error.details
        return {
            "arrived": bool(told.get("error_id")),
            "numbers": list(told.get("errors") or ()),
            "rows": told.get("rows"),
            "text": str(error),
        }
    except Unproven as error:
        return {"arrived": False, "numbers": [], "rows": None, "text": str(error)}
    return {"arrived": False, "numbers": [], "rows": None, "text": ""}


def _refusal_of(session: Session, batch: Sql) -> str | None:
    """The code of the error that a batch comes back as, None when it comes back as rows."""
    try:
        session.read(batch)
    except CmdletFailed as error:
        return error.code
    return None
