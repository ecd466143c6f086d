"""What one host can tell about the collection's assumptions; nothing is changed.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import functools
import typing as t
from collections.abc import Callable

from ..._engine.errors import PChatError
from ..._engine.model import FactsT, Record, Resource, Session, State, Step
from ..calls import lync, windows
from ..calls.tsql import history, probes
from ..documents.fidelity import HostSeen, LyncSeen, ProbeSeen, SqlSeen
from ..documents.instance import InstanceFacts
from ..documents.pool import PoolInfoFacts
from ..resources.lync.database import DatabaseOptions, LyncDatabase
from ..resources.lync.mirror_principal import MirrorPrincipal, MirrorPrincipalOptions
from ..resources.lync.pool_info import PoolInfo
from ..resources.sqlserver._instance import INSTANCE_OPTION
from ..resources.sqlserver.sql_info import SqlInfo, SqlInfoOptions
from ..resources.windows.host_info import HostInfo, HostInfoOptions
from ..rows import text_of
from .catalog import catalog_of
from .commands import commands_there, is_blind
from .failures import failing_seen, statements_seen
from .numbers import NUMBERS
from .watch import Watch

KINDS = ("lync", "sql", "windows", "chat")
FIDELITY_INFO_SPEC: State = {
    **INSTANCE_OPTION,
    "kinds": {"type": "list", "elements": "str", "choices": list(KINDS), "required": True},
    "pool": {"type": "str"},
    "databases": {"type": "list", "elements": "str", "default": ["mgc", "mgccomp"]},
}
#: What a reader of the collection may stumble over when records are not what it takes them for.
_STUMBLES = (TypeError, ValueError, KeyError, AttributeError, IndexError, PChatError)


class Asked(t.TypedDict):
    """Of ``FIDELITY_INFO_SPEC``. ``pool``: of a host with Lync's cmdlets."""

    kinds: list[str]
    pool: str | None
    databases: list[str]
    sql_instance: str


class _Message(t.TypedDict):
    """A row of ``probes.messages``."""

    number: int
    text: str


class _Backup(t.TypedDict):
    """Of a row of ``history.backups``."""

    name: str
    fork: str | None


class FidelityInfo(Resource[Asked, HostSeen]):
    """What a host tells. What a reader of the collection stumbles over is told in ``broken``."""

    tells_only = True

    def __init__(self, options: Asked, host: str) -> None:
        self.options = options
        self.host = host
        self.scope = f"host/{host} fidelity"
        self.kinds = sorted(set(options["kinds"]))

    def read(self, session: Session) -> HostSeen:
        """Look at the host as all that it is for, as far as the cmdlets that read are there."""
        commands = commands_there(session, self.kinds)
        looked = [kind for kind in self.kinds if not is_blind(kind, commands)]
        watch = Watch(session)
        broken: list[str] = []
        with_windows = "windows" in looked or "chat" in looked
        # in this order, which is that of the calls
        lync_seen = self._lync(watch, broken) if "lync" in looked else None
        sql_seen = self._sql(watch, broken) if "sql" in looked else None
        services = self._windows(watch, broken) if with_windows else None
        return {
            "kinds": self.kinds,
            "looked": looked,
            "lync": lync_seen,
            "sql": sql_seen,
            "services": services,
            "instance": self.options["sql_instance"].lower(),
            "statements": statements_seen(session, "sql" in looked),
            "commands": commands,
            "calls": watch.seen(),
            "broken": broken,
        }

    def plan(self, current: HostSeen) -> list[Step[HostSeen]]:
        """Nothing: it only reads."""
        return []

    def _lync(self, watch: Watch, broken: list[str]) -> LyncSeen:
        pool = str(self.options["pool"] or "")
        found = _read(watch, broken, functools.partial(PoolInfo, {"pool": pool}, self.host))
        if found is not None:
            self._read_databases(watch, broken, found)
        if found is not None and found["published"]:
            self._read_mirrors(watch, broken, pool)
        document = watch.read(lync.topology_xml())[0]
        return {
            "pool": t.cast(PoolInfoFacts, found or {}),
            "document": text_of(document[0].get("value")) if document else None,
            "stores": _stores_of(watch, pool),
            "mirror_rows": [sorted(row) for row in watch.rows("Get-CsDatabaseMirrorState")],
            "database_rows": [sorted(row) for row in watch.rows("Test-CsDatabase")],
        }

    def _read_databases(self, watch: Watch, broken: list[str], pool: PoolInfoFacts) -> None:
        """The databases of each SQL Server of the pool, as the module database does."""
        stores = filter(None, (pool["stores"] or {}).values())
        for server, instance in sorted(set(map(_split_store, stores))):
            options: DatabaseOptions = {
                "sql_server": server,
                "instance": instance,
                "databases": self.options["databases"],
                "existing": [],
                "use_default_paths": True,
                "database_paths": [],
            }
            _read(watch, broken, functools.partial(LyncDatabase, options, self.host))

    def _read_mirrors(self, watch: Watch, broken: list[str], pool: str) -> None:
        """The mirroring of each database, as the module mirror_principal does."""
        for database in self.options["databases"]:
            # what a reader does not look at is left out
            options = t.cast(MirrorPrincipalOptions, {"pool": pool, "database": database})
            _read(watch, broken, functools.partial(MirrorPrincipal, options, self.host))

    def _sql(self, watch: Watch, broken: list[str]) -> SqlSeen:
        databases = self.options["databases"]
        options: SqlInfoOptions = {
            "sql_instance": self.options["sql_instance"],
            "databases": databases,
            "mirroring_port": None,
        }
        found = _read(watch, broken, functools.partial(SqlInfo, options, self.host))
        backups = t.cast("list[_Backup]", watch.rows_of(history.backups(databases)))
        catalog = catalog_of(watch)
        messages = t.cast("list[_Message]", watch.read(probes.messages(sorted(NUMBERS)))[0])
        probe = next(iter(watch.read(probes.probes())[0]), {})
        return {
            "info": t.cast(InstanceFacts, found or {}),
            "columns": catalog.views,
            "procedures": catalog.procedures,
            "messages": {str(row["number"]): row["text"] for row in messages},
            "backup_forks": {str(row["name"]).lower(): row["fork"] for row in backups},
            "probe": t.cast(ProbeSeen, dict(probe)),
            "failing": failing_seen(watch.session),
        }

    def _windows(self, watch: Watch, broken: list[str]) -> dict[str, str]:
        """Name -> display name of the services with Persistent Chat in the latter."""
        options: HostInfoOptions = {"sql_tools": "sql" in self.kinds}
        _read(watch, broken, functools.partial(HostInfo, options, self.host))
        rows = watch.rows_of(windows.services("*Persistent Chat*"))
        return {str(row.get("Name")): str(row.get("DisplayName") or "") for row in rows}


def _read(
    watch: Watch, broken: list[str], make: Callable[[], Resource[t.Any, FactsT]]
) -> FactsT | None:
    """A reader of the collection on records that may not be what it takes them for: that it
    stumbles is a finding, no reason to stop.
    """
    try:
        return make().read(watch)
    except _STUMBLES as error:
        broken.append(f"{type(error).__name__}: {error}")
        return None


def _split_store(store: str) -> tuple[str, str]:
    server, _backslash, instance = str(store).partition("\\")
    return server, instance


def _stores_of(watch: Watch, pool: str) -> dict[str, str]:
    """Property -> the store as it prints, of the pool's service."""
    service = _service_of(watch, pool)
    return {name: text_of(value) for name, value in service.items() if _is_store(name) and value}


def _service_of(watch: Watch, pool: str) -> Record:
    """What Get-CsService told of the pool, nothing when there is no such pool."""
    for row in watch.rows("Get-CsService"):
        if text_of(row.get("PoolFqdn")).lower() == pool.lower():
            return row
    return {}


def _is_store(name: str) -> bool:
    return "PersistentChat" in name and name.endswith("Database")
