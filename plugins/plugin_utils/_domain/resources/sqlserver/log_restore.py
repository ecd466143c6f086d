"""Log backups applied to a restoring copy, in the order of their LSNs.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import LATER, Resource, Session, State, Step
from ...calls.tsql import catalog, quote, restore
from ._instance import INSTANCE_OPTION, database_row, database_scope, is_lsn

LOG_RESTORE_SPEC: State = {
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


class LogRestore(Resource[State, State]):
    """State: database_state, mirroring_role, redo_lsn."""

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.scope = database_scope(options, host)
        self.database: str = options["database"]
        for file in options["files"]:
            quote.path(file["path"])
            if not (is_lsn(file["first_lsn"]) and is_lsn(file["last_lsn"])):
                raise Refused(
                    f"{file['path']}: first_lsn and last_lsn are numbers, as the header of the"
                    " backup tells them.",
                    code="bad_lsn",
                )

    def read(self, session: Session) -> State:
        row = database_row(session.read(catalog.databases([self.database]))[0], self.database) or {}
        return {k: row.get(k) for k in ("database_state", "mirroring_role", "redo_lsn")}

    def plan(self, current: State) -> list[Step[State]]:
        if (
            current["database_state"] not in ("RESTORING", "STANDBY")
            or current["mirroring_role"] is not None
        ):
            if current["database_state"] == "ONLINE" and not self.options["files"]:
                return []
            mirrored = " and mirrored" if current["mirroring_role"] else ""
            raise Refused(
                f"{self.database} is"
                f" {current['database_state'] or 'absent'}{mirrored}"
                " here; logs can be applied only to a restoring copy that is no mirror.",
                code="not_restoring",
                database_state=current["database_state"],
            )
        if current["redo_lsn"] is None:
            raise Refused(
                f"The redo position of {self.database} cannot be read; the account needs sysadmin"
                " on this instance.",
                code="position_unknown",
            )
        steps: list[Step[State]] = []
        at = _position(current["redo_lsn"])
        for file in sorted(self.options["files"], key=_order):
            first = _position(file["first_lsn"])
            last = _position(file["last_lsn"])
            if at is not None and last is not None and last <= at:
                continue  # applied already
            if at is not None and first is not None and first > at:
                raise Refused(
                    f"{file['path']} begins at LSN {first}, but {self.database} stands at {at}: the"
                    " log between is missing. Look again (status.yml) before anything is"
                    " recovered.",
                    code="chain_gap",
                    redo_lsn=str(at),
                    path=file["path"],
                )
            there = LATER if at is None else str(at)
            steps.append(self._step(file, there))
            at = last
        return steps

    def _step(self, file: State, at: str) -> Step[State]:
        return Step(
            name="restore_log",
            why=f"{file['path']} leads from LSN {at} to {file['last_lsn']}.",
            sets={"redo_lsn": str(file["last_lsn"])},
            calls=(restore.restore_next_log(self.database, file["path"], file["position"], at),),
            lasts=True,
        )


def _position(lsn: str) -> int | None:
    """None: only the real step will know, as in a check run the tail that an earlier task would
    save.
    """
    return None if lsn == LATER else int(lsn)


def _order(file: State) -> tuple[bool, int, int]:
    """By LSN; what is not known yet comes last."""
    first = _position(file["first_lsn"])
    last = _position(file["last_lsn"])
    return first is None, first or 0, last or 0
