"""A SQL Server Agent job: enabled, disabled, or run to its end. FOR INTERNAL COLLECTION USE
ONLY.
"""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import LATER, Resource, Session, Settle, State, Step
from ...calls.tsql import agent, quote
from ._instance import INSTANCE_OPTION, instance_scope, one

AGENT_JOB_SPEC: State = {
    **INSTANCE_OPTION,
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["enabled", "disabled", "finished"], "default": "enabled"},
    "timeout": {"type": "int", "default": 600},
}


class AgentJob(Resource[State, State]):
    """State: name, enabled, running, last_run (id), last_status, last_message; enabled is None when
    there is no such job.
    """

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.name = quote.plain_name(options["name"])
        self.scope = f"{instance_scope(options, host)}/job {self.name}".lower()

    def read(self, session: Session) -> State:
        row = one(session.read(agent.job(self.name))[0]) or {}
        return {
            "name": self.name,
            "enabled": None if not row else bool(row["enabled"]),
            "running": bool(row.get("running")),
            "last_run": row.get("last_run"),
            "last_status": row.get("last_status"),
            "last_message": row.get("last_message"),
        }

    def plan(self, current: State) -> list[Step[State]]:
        if current["enabled"] is None:
            raise Refused(
                f"There is no SQL Server Agent job {self.name!r} on this instance.", code="no_job"
            )
        wanted = self.options["state"]
        if wanted == "finished":
            seen = current["last_run"] or 0
            return [
                Step(
                    name="run_job",
                    why=(
                        "It is to run now, to its end."
                        if not current["running"]
                        else "It runs; its end is waited for."
                    ),
                    sets={
                        "running": False,
                        "last_run": LATER,
                        "last_status": 1,
                        "last_message": LATER,
                    },
                    calls=() if current["running"] else (agent.start_job(self.name),),
                    settles=Settle(
                        until=f"the job {self.name} has finished",
                        holds=lambda state: (
                            not state["running"]
                            and (state["last_run"] or 0) > seen
                            and state["last_status"] == 1
                        ),
                        timeout=float(self.options["timeout"]),
                        fails=lambda state: (
                            f"it failed: {state['last_message']}"
                            if not state["running"]
                            and (state["last_run"] or 0) > seen
                            and state["last_status"] != 1
                            else None
                        ),
                    ),
                )
            ]
        enabled = wanted == "enabled"
        if current["enabled"] == enabled:
            return []
        return [
            Step(
                name="enable_job" if enabled else "disable_job",
                why=f"The job is {'disabled' if enabled else 'enabled'}.",
                sets={"enabled": enabled},
                calls=(agent.enable_job(self.name, enabled),),
            )
        ]
