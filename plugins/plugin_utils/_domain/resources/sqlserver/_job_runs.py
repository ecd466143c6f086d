"""Runs of SQL Server Agent's jobs, and the one that is waited for. FOR INTERNAL COLLECTION USE
ONLY.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ...calls.tsql.agent import JobRow

_SUCCEEDED = 1


class RunFacts(t.TypedDict):
    """``last_run``: the number of the newest run that ended, ``last_status`` 1: it succeeded
    (sysjobhistory). None: it never ran, or there is no such job.
    """

    running: bool
    last_run: int | None
    last_status: int | None
    last_message: str | None


def runs_of(job: JobRow | None) -> RunFacts:
    """What is known of a job's runs."""
    if job is None:
        return {"running": False, "last_run": None, "last_status": None, "last_message": None}
    return {
        "running": bool(job["running"]),
        "last_run": job["last_run"],
        "last_status": job["last_status"],
        "last_message": job["last_message"],
    }


@dataclasses.dataclass(frozen=True)
class NextRun:
    """The run of a job that ends after ``seen``, the newest one that had ended when we looked."""

    seen: int | None

    def ended(self, now: RunFacts) -> bool:
        """It is over, well or not."""
        return not now["running"] and (now["last_run"] or 0) > (self.seen or 0)

    def succeeded(self, now: RunFacts) -> bool:
        """It is over, and did what it is for."""
        return self.ended(now) and now["last_status"] == _SUCCEEDED

    def failure(self, now: RunFacts) -> str | None:
        """What it said when it is over and did not succeed."""
        if not self.ended(now) or self.succeeded(now):
            return None
        return f"it failed: {now['last_message']}"
