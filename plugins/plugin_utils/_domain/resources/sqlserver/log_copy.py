"""Log backups that are on the share only, brought into the copy folder by the job that may go
there: no second hop of ours. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...._engine.model import LATER, ArgumentSpec, Call, Resource, Session, Settle, Step
from ...calls.tsql import agent, backup_files, log_shipping, quote
from ._instance import INSTANCE_OPTION, DatabaseOptions, database_scope, one, rows_of
from ._job_runs import NextRun, RunFacts, runs_of

LOG_COPY_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "names": {"type": "list", "elements": "str", "required": True},
    "folder": {"type": "str", "required": True},
    "timeout": {"type": "int", "default": 600},
}


class LogCopyOptions(DatabaseOptions):
    """``names``: of files; ``folder``: where they are to be; ``timeout`` in seconds."""

    names: list[str]
    folder: str
    timeout: int


class LogCopyFacts(RunFacts):
    """``copied``: of the wanted names, in lower case. ``job`` None: nothing is shipped to here."""

    copied: list[str]
    job: str | None


class LogCopy(Resource[LogCopyOptions, LogCopyFacts]):
    """Files in the copy folder of a secondary.

    What the job could not bring is no failure here: SQL Server can restore it from the share
    itself.
    """

    def __init__(self, options: LogCopyOptions, host: str) -> None:
        self.options = options
        self.scope = f"{database_scope(options, host)}/copied"
        self.wanted = sorted({name.lower() for name in options["names"]})
        quote.path(options["folder"])

    def read(self, session: Session) -> LogCopyFacts:
        """The folder first, then the job that log shipping's entry names."""
        listed, linked = session.read(
            backup_files.files(self.options["folder"]),
            log_shipping.secondaries([self.options["database"]]),
        )
        there = _file_names(rows_of(backup_files.FolderEntryRow, listed))
        secondary = one(rows_of(log_shipping.SecondaryRow, linked))
        job = None
        if secondary is not None:
            job = secondary["copy_job"]
        return {
            "copied": [name for name in self.wanted if name in there],
            "job": job,
            **runs_of(_read_job(session, job)),
        }

    def plan(self, current: LogCopyFacts) -> list[Step[LogCopyFacts]]:
        """Nothing to do as well where no job could bring anything."""
        missing = self._missing(current)
        job = current["job"]
        if not missing or job is None:
            return []
        verb = "are"
        if len(missing) == 1:
            verb = "is"
        calls: tuple[Call, ...] = (agent.start_job(job),)
        if current["running"]:
            calls = ()
        run = NextRun(current["last_run"])
        return [
            Step(
                name="copy_logs",
                why=f"{', '.join(missing)} {verb} on the share only.",
                sets={
                    "copied": list(self.wanted),
                    "running": False,
                    "last_run": LATER,
                    "last_status": LATER,
                    "last_message": LATER,
                },
                calls=calls,
                settles=Settle(
                    until=f"the job {job} has ended",
                    holds=lambda state: self._is_over(run, state),
                    timeout=float(self.options["timeout"]),
                ),
            )
        ]

    def _missing(self, state: LogCopyFacts) -> list[str]:
        return [name for name in self.wanted if name not in state["copied"]]

    def _is_over(self, run: NextRun, state: LogCopyFacts) -> bool:
        """It need not end anew when it brought what is wanted and rests."""
        if run.ended(state):
            return True
        return not state["running"] and not self._missing(state)


def _file_names(entries: Sequence[backup_files.FolderEntryRow]) -> set[str]:
    return {str(entry["subdirectory"]).lower() for entry in entries if entry.get("file")}


def _read_job(session: Session, job: str | None) -> agent.JobRow | None:
    if not job:
        return None
    return one(rows_of(agent.JobRow, session.read(agent.job(job))[0]))
