"""Log backups that are on the share only, brought into the copy folder by the job that may go
there: no second hop of ours. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from ...._engine.model import LATER, Resource, Session, Settle, State, Step
from ...calls.tsql import agent, backup_files, log_shipping, quote
from ._instance import INSTANCE_OPTION, database_scope, one

LOG_COPY_SPEC: State = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "names": {"type": "list", "elements": "str", "required": True},
    "folder": {"type": "str", "required": True},
    "timeout": {"type": "int", "default": 600},
}


class LogCopy(Resource[State, State]):
    """State: copied [of the wanted names], job|None, running, last_run, last_status, last_message.

    What the job could not bring is no failure here: SQL Server can restore it from the share
    itself.
    """

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.scope = f"{database_scope(options, host)}/copied"
        self.wanted = sorted({n.lower() for n in options["names"]})
        quote.path(options["folder"])

    def read(self, session: Session) -> State:
        listed, linked = session.read(
            backup_files.files(self.options["folder"]),
            log_shipping.secondaries([self.options["database"]]),
        )
        there = {str(r["subdirectory"]).lower() for r in listed if r.get("file")}
        job = (one(linked) or {}).get("copy_job")
        row = one(session.read(agent.job(job))[0]) or {} if job else {}
        return {
            "copied": [n for n in self.wanted if n in there],
            "job": job,
            "running": bool(row.get("running")),
            "last_run": row.get("last_run"),
            "last_status": row.get("last_status"),
            "last_message": row.get("last_message"),
        }

    def plan(self, current: State) -> list[Step[State]]:
        missing = [n for n in self.wanted if n not in current["copied"]]
        if not missing or current["job"] is None:
            return []
        seen = current["last_run"] or 0
        return [
            Step(
                name="copy_logs",
                why=(
                    f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} on the share"
                    " only."
                ),
                sets={
                    "copied": list(self.wanted),
                    "running": False,
                    "last_run": LATER,
                    "last_status": LATER,
                    "last_message": LATER,
                },
                calls=() if current["running"] else (agent.start_job(current["job"]),),
                settles=Settle(
                    until=f"the job {current['job']} has ended",
                    holds=lambda state: (
                        not state["running"]
                        and (
                            (state["last_run"] or 0) > seen
                            or all(n in state["copied"] for n in self.wanted)
                        )
                    ),
                    timeout=float(self.options["timeout"]),
                ),
            )
        ]
