"""What the procedures of log shipping share."""

from __future__ import annotations

import typing as t

from ...powershell.errors import LabGap
from ..language.errors import error
from .jobs import LogShipping, of_instance

if t.TYPE_CHECKING:
    from ..language.session import SqlSession


def begin(session: SqlSession, args: dict[str, t.Any], *texts: str) -> LogShipping:
    """Rights, edition, and texts that must not be empty."""
    session.require_sysadmin()
    if session.instance.engine_edition == 4:
        raise error(32017, session.instance.edition)
    for name in texts:
        if not args[name]:
            raise error(32052, name)
    _monitors_itself(session, args.get("@monitor_server"))
    return of_instance(session.instance)


def _monitors_itself(session: SqlSession, monitor: str | None) -> None:
    """LabGap for a monitor server of its own, which would keep the records of all others."""
    names = (session.instance.server_name or "", session.instance.network_name)
    if monitor and monitor.lower() not in map(str.lower, names):
        raise LabGap(f"log shipping with a monitor server {monitor}")


def minutes(value: t.Any) -> int:
    return 14420 if value is None else int(value)


def free_job_name(shipping: LogShipping, name: str) -> None:
    for job in shipping.agent.jobs.values():
        if job.name.lower() == name.lower() and job.category != "Log Shipping":
            raise error(32022, name)
