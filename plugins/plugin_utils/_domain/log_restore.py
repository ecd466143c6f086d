"""Log backups applied to a restoring copy, in the order of their LSNs. FOR INTERNAL COLLECTION USE ONLY."""
from __future__ import annotations

from .._engine.errors import Refused
from .._engine.model import Session, State, Step
from .calls import outage, quote, sql_read
from .sql_common import INSTANCE_OPTION, database_row, database_scope

LOG_RESTORE_SPEC: State = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "files": {"type": "list", "elements": "dict", "required": True, "options": {
        "path": {"type": "str", "required": True},
        "position": {"type": "int", "default": 1},
        "first_lsn": {"type": "str", "required": True},
        "last_lsn": {"type": "str", "required": True},
        "uuid": {"type": "str"},
    }},
}


class LogRestore:
    """State: database_state, mirroring_role, redo_lsn."""

    def __init__(self, options: State, host: str) -> None:
        self.options, self.scope = options, database_scope(options, host)
        self.database: str = options["database"]
        for file in options["files"]:
            quote.path(file["path"])
            if not (str(file["first_lsn"]).isdecimal() and str(file["last_lsn"]).isdecimal()):
                raise Refused(f"{file['path']}: first_lsn and last_lsn are numbers, as the header of the backup tells them.", code="bad_lsn")

    def read(self, session: Session) -> State:
        row = database_row(session.read(sql_read.databases([self.database]))[0], self.database) or {}
        return {k: row.get(k) for k in ("database_state", "mirroring_role", "redo_lsn")}

    def plan(self, current: State) -> list[Step]:
        if current["database_state"] != "RESTORING" or current["mirroring_role"] is not None:
            if current["database_state"] == "ONLINE" and not self.options["files"]:
                return []
            raise Refused(f"{self.database} is {current['database_state'] or 'absent'}{' and mirrored' if current['mirroring_role'] else ''} here; logs can be "
                          "applied only to a restoring copy that is no mirror.", code="not_restoring", database_state=current["database_state"])
        if current["redo_lsn"] is None:
            raise Refused(f"The redo position of {self.database} cannot be read; the account needs sysadmin on this instance.", code="position_unknown")
        steps, at = [], int(current["redo_lsn"])
        for file in sorted(self.options["files"], key=lambda f: (int(f["first_lsn"]), int(f["last_lsn"]))):
            first, last = int(file["first_lsn"]), int(file["last_lsn"])
            if last <= at:
                continue                               # applied already
            if first > at:
                raise Refused(f"{file['path']} begins at LSN {first}, but {self.database} stands at {at}: the log between is missing. Look again "
                              "(status.yml) before anything is recovered.", code="chain_gap", redo_lsn=str(at), path=file["path"])
            steps.append(Step("restore_log", f"{file['path']} leads from LSN {at} to {last}.", {"redo_lsn": str(last)},
                              (outage.restore_log(self.database, file["path"], file["position"], str(at)),), lasts=True))
            at = last
        return steps
