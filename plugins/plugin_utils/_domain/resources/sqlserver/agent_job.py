"""A SQL Server Agent job: enabled, disabled, or run to its end. FOR INTERNAL COLLECTION USE
ONLY.
"""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import LATER, ArgumentSpec, Call, Resource, Session, Settle, Step
from ...calls.tsql import agent, quote
from ._instance import INSTANCE_OPTION, InstanceOptions, instance_scope, one, rows_of
from ._job_runs import NextRun, RunFacts, runs_of

AGENT_JOB_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["enabled", "disabled", "finished"], "default": "enabled"},
    "timeout": {"type": "int", "default": 600},
}


class AgentJobOptions(InstanceOptions):
    """``timeout``: seconds that a run may take."""

    name: str
    state: str
    timeout: int


class AgentJobFacts(RunFacts):
    """``enabled`` None: there is no such job."""

    name: str
    enabled: bool | None


class AgentJob(Resource[AgentJobOptions, AgentJobFacts]):
    """One job by its name."""

    def __init__(self, options: AgentJobOptions, host: str) -> None:
        self.options = options
        self.name = quote.plain_name(options["name"])
        self.scope = f"{instance_scope(options, host)}/job {self.name}".lower()

    def read(self, session: Session) -> AgentJobFacts:
        """The job, with its newest run."""
        job = one(rows_of(agent.JobRow, session.read(agent.job(self.name))[0]))
        enabled = None
        if job is not None:
            enabled = bool(job["enabled"])
        return {"name": self.name, "enabled": enabled, **runs_of(job)}

    def plan(self, current: AgentJobFacts) -> list[Step[AgentJobFacts]]:
        """Refused: no_job."""
        if current["enabled"] is None:
            raise Refused(
                f"There is no SQL Server Agent job {self.name!r} on this instance.", code="no_job"
            )
        if self.options["state"] == "finished":
            return [self._run(current)]
        if self.options["state"] == "enabled":
            return self._enable(current["enabled"])
        return self._disable(current["enabled"])

    def _run(self, current: AgentJobFacts) -> Step[AgentJobFacts]:
        """A job that runs already is not started: its end is the one that is waited for."""
        why = "It is to run now, to its end."
        calls: tuple[Call, ...] = (agent.start_job(self.name),)
        if current["running"]:
            why = "It runs; its end is waited for."
            calls = ()
        run = NextRun(current["last_run"])
        return Step(
            name="run_job",
            why=why,
            sets={
                "running": False,
                "last_run": LATER,
                "last_status": 1,
                "last_message": LATER,
            },
            calls=calls,
            settles=Settle(
                until=f"the job {self.name} has finished",
                holds=run.succeeded,
                timeout=float(self.options["timeout"]),
                fails=run.failure,
            ),
        )

    def _enable(self, is_enabled: bool) -> list[Step[AgentJobFacts]]:
        if is_enabled:
            return []
        return [
            Step(
                name="enable_job",
                why="The job is disabled.",
                sets={"enabled": True},
                calls=(agent.enable_job(self.name, True),),
            )
        ]

    def _disable(self, is_enabled: bool) -> list[Step[AgentJobFacts]]:
        if not is_enabled:
            return []
        return [
            Step(
                name="disable_job",
                why="The job is enabled.",
                sets={"enabled": False},
                calls=(agent.enable_job(self.name, False),),
            )
        ]
