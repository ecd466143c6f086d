"""Log backups applied to a restoring copy, in the order of their LSNs.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t

from ...._engine.errors import Refused
from ...._engine.model import LATER, ArgumentSpec, Resource, Session, Step
from ...calls.tsql import catalog, quote, restore
from ._copies import CopyFacts, facts_of
from ._instance import (
    INSTANCE_OPTION,
    WAITS_FOR_LOG,
    DatabaseOptions,
    database_row,
    database_scope,
    described,
    is_lsn,
)

LOG_RESTORE_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "files": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "path": {"type": "str", "required": True},
            "position": {"type": "int", "default": 1},
            "first_lsn": {"type": "str", "required": True},
            "last_lsn": {"type": "str", "required": True},
            "uuid": {"type": "str"},
        },
    },
}


class LogFileOption(t.TypedDict):
    """A log backup in a file. LSNs are digits, or ``LATER`` in a check run."""

    path: str
    position: int
    first_lsn: str
    last_lsn: str
    uuid: str | None


class LogRestoreOptions(DatabaseOptions):
    """``files``: in any order."""

    files: list[LogFileOption]


class LogRestore(Resource[LogRestoreOptions, CopyFacts]):
    """A copy with these logs applied."""

    def __init__(self, options: LogRestoreOptions, host: str) -> None:
        self.options = options
        self.scope = database_scope(options, host)
        self.database = options["database"]
        for file in options["files"]:
            quote.path(file["path"])
            if not (is_lsn(file["first_lsn"]) and is_lsn(file["last_lsn"])):
                raise Refused(
                    f"{file['path']}: first_lsn and last_lsn are numbers, as the header of the"
                    " backup tells them.",
                    code="bad_lsn",
                )

    def read(self, session: Session) -> CopyFacts:
        """All None when there is no such database."""
        found = session.read(catalog.databases([self.database]))[0]
        return facts_of(database_row(found, self.database))

    def plan(self, current: CopyFacts) -> list[Step[CopyFacts]]:
        """Refused: not_restoring, position_unknown, chain_gap."""
        state = current["database_state"]
        role = current["mirroring_role"]
        if state not in WAITS_FOR_LOG or role is not None:
            if state == "ONLINE" and not self.options["files"]:
                return []
            raise Refused(
                f"{self.database} is {described(state, role)} here; logs can be applied only to a"
                " restoring copy that is no mirror.",
                code="not_restoring",
                database_state=state,
            )
        if current["redo_lsn"] is None:
            raise Refused(
                f"The redo position of {self.database} cannot be read; the account needs sysadmin"
                " on this instance.",
                code="position_unknown",
            )
        return self._applied_from(_position(current["redo_lsn"]))

    def _applied_from(self, position: int | None) -> list[Step[CopyFacts]]:
        """A step for each file that leads on; ``position`` None: only the real step will know."""
        steps: list[Step[CopyFacts]] = []
        for file in sorted(self.options["files"], key=_order):
            last = _position(file["last_lsn"])
            if position is not None and last is not None and last <= position:
                continue  # applied already
            self._must_join(file, position)
            steps.append(self._step(file, position))
            position = last
        return steps

    def _must_join(self, file: LogFileOption, position: int | None) -> None:
        first = _position(file["first_lsn"])
        if position is None or first is None or first <= position:
            return
        raise Refused(
            f"{file['path']} begins at LSN {first}, but {self.database} stands at {position}: the"
            " log between is missing. Look again (status.yml) before anything is recovered.",
            code="chain_gap",
            redo_lsn=str(position),
            path=file["path"],
        )

    def _step(self, file: LogFileOption, position: int | None) -> Step[CopyFacts]:
        stands_at = LATER
        if position is not None:
            stands_at = str(position)
        apply = restore.restore_next_log(self.database, file["path"], file["position"], stands_at)
        return Step(
            name="restore_log",
            why=f"{file['path']} leads from LSN {stands_at} to {file['last_lsn']}.",
            sets={"redo_lsn": str(file["last_lsn"])},
            calls=(apply,),
            lasts=True,
        )


def _position(lsn: str) -> int | None:
    """None: only the real step will know, as in a check run the tail that an earlier task would
    save.
    """
    if lsn == LATER:
        return None
    return int(lsn)


def _order(file: LogFileOption) -> tuple[bool, int, int]:
    """By LSN; what is not known yet comes last."""
    first = _position(file["first_lsn"])
    last = _position(file["last_lsn"])
    return first is None, first or 0, last or 0
