"""Whether the log that is shipped still joins a copy that waits for it.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ..._engine.errors import Refused
from ..._engine.model import Resource, Session, State, Step
from ..calls.tsql import quote
from ..documents.instance import DatabaseFacts
from ..documents.look import ShippedLogs
from ..resources.sqlserver._instance import INSTANCE_OPTION, database_scope
from .chain import Chain, LogBackup, Obstacle, follow
from .dr_info import sql_info
from .forks import Begun, Forks
from .shipped_logs import Listings, listings, read_logs
from .shipping import FOR_EVER, gap_before_empty, of_this_history

LOG_CHAIN_INFO_SPEC: State = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "log_share": {"type": "str", "required": True},
    "copy_folder": {"type": "str", "required": True},
    "primary_lsn": {"type": "str", "default": ""},
    "primary_fork": {"type": "str", "default": ""},
    "primary_fork_left": {"type": "str", "default": ""},
    "primary_fork_point": {"type": "str", "default": ""},
}


class ChainOptions(t.TypedDict):
    """The options of the module log_chain_info, validated; see there."""

    sql_instance: str
    database: str
    log_share: str
    copy_folder: str
    primary_lsn: str
    primary_fork: str
    primary_fork_left: str
    primary_fork_point: str


class ObstacleFacts(t.TypedDict):
    """Why the chain ends. ``path`` None: no file is the reason."""

    kind: str
    path: str | None
    text: str


class ChainFacts(t.TypedDict):
    """``reached``: LSN in digits up to which there are log backups, None where none is waited for
    or nobody can say. ``broken``: the copy will never follow. ``left_at``: LSN at which the
    primary's history is known to have left that of the copy, before its end: from there on the copy
    holds what the primary lacks.
    """

    database_state: str | None
    redo_lsn: str | None
    reached: str | None
    obstacle: ObstacleFacts | None
    broken: bool
    left_at: str | None


class LogChainInfo(Resource[ChainOptions, ChainFacts]):
    """Read only. Raises ``bad_lsn`` for an LSN that is none."""

    tells_only = True

    def __init__(self, options: ChainOptions, host: str) -> None:
        self.options = options
        self.host = host
        self.database: str = quote.plain_name(options["database"])
        self.scope = f"{database_scope(options, host)} log chain"
        quote.path(options["log_share"])
        quote.path(options["copy_folder"])
        lsns = {name: options[name] for name in ("primary_lsn", "primary_fork_point")}
        for name, value in lsns.items():
            if value and not value.isdigit():
                raise Refused(
                    f"{name} {value!r} is not a log sequence number in digits.",
                    code="bad_lsn",
                )

    def read(self, session: Session) -> ChainFacts:
        """Follows the files of log shipping from where a restoring copy stands."""
        share = self.options["log_share"]
        folder = self.options["copy_folder"]
        instance = sql_info(self.host, self.options["sql_instance"], [self.database])
        info, listed = instance.read_beside(session, *listings(self.database, share, folder))
        facts = info["databases"][self.database]
        state: ChainFacts = {
            "database_state": facts["database_state"],
            "redo_lsn": facts["redo_lsn"],
            "reached": None,
            "obstacle": None,
            "broken": False,
            "left_at": None,
        }
        if not _waits_for_log(facts):
            return state
        logs = read_logs(session, self.database, share, folder, info, Listings(*listed))
        if logs["share"] is None:
            why = str(logs["why"])
            return {**state, "obstacle": {"kind": "unreadable", "path": share, "text": why}}
        found = _backups(logs)
        backups = of_this_history(found, self.options["primary_fork"] or None)
        chain = follow(
            int(facts["redo_lsn"] or 0), facts["recovery_fork"], facts["family"], backups
        )
        obstacle = self._obstacle(chain, backups)
        left_at = self._left_at(facts, found)
        never_follows = obstacle is not None and obstacle["kind"] in FOR_EVER
        return {
            **state,
            "reached": str(chain.reached),
            "obstacle": obstacle,
            "broken": never_follows or left_at is not None,
            "left_at": left_at,
        }

    def _left_at(self, facts: DatabaseFacts, backups: Sequence[LogBackup]) -> str | None:
        living = self.options["primary_fork"]
        if not living:
            return None
        end = int(facts["redo_lsn"] or 0)
        forks = Forks.of(backups, self._begun(living))
        left_at = forks.left_before(end, facts["recovery_fork"], living)
        return None if left_at is None else str(left_at)

    def _begun(self, living: str) -> list[Begun]:
        """Where the primary's fork began, as long as no log backup tells it: it was restored from
        an older backup, or service was forced, since the last one.
        """
        point = self.options["primary_fork_point"]
        if not point:
            return []
        return [Begun(living, int(point), self.options["primary_fork_left"] or None)]

    def _obstacle(self, chain: Chain, backups: Sequence[LogBackup]) -> ObstacleFacts | None:
        """What was read of the primary was read before the share was: what it had backed up by then
        and no file holds is in no file.
        """
        found = chain.obstacle or gap_before_empty(chain, backups)
        if found is not None:
            return _as_facts(found)
        lsn = int(self.options["primary_lsn"] or 0)
        if lsn <= chain.reached or any(backup.error is not None for backup in backups):
            return None
        return {
            "kind": "gap",
            "path": None,
            "text": f"the log from LSN {chain.reached} to {lsn} was backed up on the primary, and"
            " no file of log shipping holds it: somebody else's backup took it",
        }

    def plan(self, current: ChainFacts) -> list[Step[ChainFacts]]:
        """Nothing: it only tells."""
        return []


def _waits_for_log(facts: DatabaseFacts) -> bool:
    """A mirror waits for its principal, not for files."""
    if facts["database_state"] != "RESTORING" or facts["redo_lsn"] is None:
        return False
    return facts["mirroring_role"] is None


def _backups(logs: ShippedLogs) -> list[LogBackup]:
    return [LogBackup(**file) for file in (*(logs["share"] or ()), *logs["copied"])]


def _as_facts(found: Obstacle) -> ObstacleFacts:
    return {"kind": found.kind, "path": found.path, "text": found.text}
