"""Whether the log that is shipped still joins a copy that waits for it.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t

from ..._engine.errors import Refused
from ..._engine.model import Resource, Session, State, Step
from ..calls.tsql import quote
from ..resources.sqlserver._instance import INSTANCE_OPTION, DatabaseOptions, database_scope
from .chain import Chain, LogBackup, follow
from .dr_info import read_logs, read_sql
from .shipping import FOR_EVER, gap_before_empty, of_this_history

LOG_CHAIN_INFO_SPEC: State = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "log_share": {"type": "str", "required": True},
    "copy_folder": {"type": "str", "required": True},
    "primary_lsn": {"type": "str", "default": ""},
    "primary_fork": {"type": "str", "default": ""},
}


class LogChainInfo(Resource[State, State]):
    """State: database_state, redo_lsn, reached (LSN up to which there are backups), obstacle {kind,
    path, text}|None, broken: the copy will never follow.
    """

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.host = host
        self.database: str = quote.plain_name(options["database"])
        self.scope = f"{database_scope(t.cast(DatabaseOptions, options), host)} log chain"
        for name in ("log_share", "copy_folder"):
            quote.path(options[name])
        if options["primary_lsn"] and not options["primary_lsn"].isdigit():
            raise Refused(
                f"primary_lsn {options['primary_lsn']!r} is not a log sequence number in digits.",
                code="bad_lsn",
            )

    def read(self, session: Session) -> State:
        info = read_sql(session, self.host, self.options["sql_instance"], [self.database])
        facts = info["databases"][self.database]
        state: State = {
            "database_state": facts["database_state"],
            "redo_lsn": facts["redo_lsn"],
            "reached": None,
            "obstacle": None,
            "broken": False,
        }
        if (
            facts["database_state"] != "RESTORING"
            or facts["mirroring_role"] is not None
            or facts["redo_lsn"] is None
        ):
            return state
        logs = read_logs(
            session, self.database, self.options["log_share"], self.options["copy_folder"], info
        )
        if logs["share"] is None:
            return {
                **state,
                "obstacle": {
                    "kind": "unreadable",
                    "path": self.options["log_share"],
                    "text": logs["why"],
                },
            }
        backups = [LogBackup(**backup) for backup in (*logs["share"], *logs["copied"])]
        backups = of_this_history(backups, self.options["primary_fork"] or None)
        chain = follow(int(facts["redo_lsn"]), facts["recovery_fork"], facts["family"], backups)
        obstacle = self._obstacle(chain, backups)
        broken = obstacle is not None and obstacle["kind"] in FOR_EVER
        return {**state, "reached": str(chain.reached), "obstacle": obstacle, "broken": broken}

    def _obstacle(self, chain: Chain, backups: list[LogBackup]) -> dict[str, t.Any] | None:
        """What was read of the primary was read before the share was: what it had backed up by then
        and no file holds is in no file.
        """
        found = chain.obstacle or gap_before_empty(chain, backups)
        if found is not None:
            return {"kind": found.kind, "path": found.path, "text": found.text}
        lsn = int(self.options["primary_lsn"] or 0)
        if lsn > chain.reached and not any(backup.error is not None for backup in backups):
            return {
                "kind": "gap",
                "path": None,
                "text": (
                    f"the log from LSN {chain.reached} to {lsn} was backed up on the primary, and"
                    " no file of log shipping holds it: somebody else's backup took it"
                ),
            }
        return None

    def plan(self, current: State) -> list[Step[State]]:
        return []
