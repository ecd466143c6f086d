"""Windows services of a host, started, stopped, or started since a certain time.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import fnmatch
import re
import typing as t
from collections.abc import Iterator

from ...._engine.errors import Refused
from ...._engine.model import LATER, ArgumentSpec, Call, Record, Resource, Session, Settle, Step
from ...calls import lync, windows
from ...rows import lower, text
from ...two_clocks import ClockReading, as_told_by
from ...words import moment
from ._services import read_services

WINDOWS_SERVICE_SPEC: ArgumentSpec = {
    "display_name": {"type": "str", "required": True},
    "exclude": {"type": "list", "elements": "str", "default": []},
    "state": {"type": "str", "choices": ["started", "stopped"], "default": "started"},
    "started_after": {"type": "str", "default": ""},
    "clock": {
        "type": "dict",
        "options": {
            "told": {"type": "str", "required": True},
            "asked": {"type": "float", "required": True},
            "answered": {"type": "float", "required": True},
        },
    },
    "lync": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 300},
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
#: Seconds for which a start is put off.
_A_MOMENT = 5
#: Wildcards of WQL's LIKE, and characters that no name has.
_NOT_IN_A_NAME = re.compile(r"[%_\x00-\x1f]")


class WindowsServiceOptions(t.TypedDict):
    """``display_name``, ``exclude``: with ``*`` for any text. ``started_after``: ISO 8601 in UTC,
    '' for whenever; ``clock``: the one that told it, None for that of the host itself. ``lync``: by
    Lync's own cmdlets. ``timeout``: seconds.
    """

    display_name: str
    exclude: list[str]
    state: str
    started_after: str
    clock: ClockReading | None
    lync: bool
    timeout: int


class RunningService(t.TypedDict):
    """``status``: started or stopped. ``started_at``: ISO 8601 in UTC, None when it does not
    run.
    """

    display_name: str
    status: str
    start_mode: str
    started_at: str | None


class ServicesFacts(t.TypedDict):
    """``services``: by name."""

    services: dict[str, RunningService]


class WindowsService(Resource[WindowsServiceOptions, ServicesFacts]):
    """All services whose display name is like this one."""

    def __init__(self, options: WindowsServiceOptions, host: str) -> None:
        self.options = options
        self.scope = f"host/{host}"
        #: That of the host, as it was told with the services.
        self.clock: ClockReading | None = None
        since = options["started_after"]
        if since and since != LATER and not _TIME.fullmatch(since):
            raise Refused(
                f"started_after {since!r} is not a UTC time like 2015-06-01T08:00:00Z.",
                code="bad_time",
            )
        if since and options["state"] == "stopped":
            raise Refused(
                "started_after makes no sense for services that are to be stopped.",
                code="contradiction",
            )
        if _NOT_IN_A_NAME.search(options["display_name"]):
            raise Refused(
                f"display_name {options['display_name']!r}: use * as the wildcard.", code="bad_name"
            )

    def read(self, session: Session) -> ServicesFacts:
        found = read_services(session, self.options["display_name"])
        self.clock = found.clock
        services: dict[str, RunningService] = {}
        for row in found.rows:
            if self._is_excluded(row):
                continue
            is_running = text(row, "State") == "Running"
            services[text(row, "Name")] = {
                "display_name": text(row, "DisplayName"),
                "status": "started" if is_running else "stopped",
                "start_mode": text(row, "StartMode"),
                "started_at": found.began(row) if is_running else None,
            }
        return {"services": dict(sorted(services.items()))}

    def _is_excluded(self, row: Record) -> bool:
        name = lower(row, "DisplayName")
        return any(fnmatch.fnmatch(name, pattern.lower()) for pattern in self.options["exclude"])

    def plan(self, current: ServicesFacts) -> list[Step[ServicesFacts]]:
        services = current["services"]
        if not services:
            raise Refused(
                f"No service of this host has a display name like {self.options['display_name']!r}."
                " Is the software installed?",
                code="no_service",
            )
        return list(self._steps(services))

    def _steps(self, services: dict[str, RunningService]) -> Iterator[Step[ServicesFacts]]:
        wanted = self.options["state"]
        changed = services
        for name, service in services.items():
            verb = self._verb(service)
            if verb is None:
                continue
            changed = {**changed, name: _afterwards(service, wanted)}
            yield Step(
                name=f"{verb}_service",
                why=_WHY[verb].format(**service),
                sets={"services": changed},
                calls=tuple(self._calls(verb, name)),
                settles=self._is(name, wanted),
                awaits=self._awaits(),
            )

    def _verb(self, service: RunningService) -> str | None:
        """start, stop or restart; None for one that is as it is to be."""
        wanted = self.options["state"]
        if service["status"] != wanted:
            return "stop" if wanted == "stopped" else "start"
        if wanted == "started" and self._too_old(service["started_at"]):
            return "restart"
        return None

    def _too_old(self, started_at: str | None) -> bool:
        since = self.options["started_after"]
        if not since:
            return False
        if since == LATER or started_at is None:
            return True
        # Both are whole seconds: who started within the second may have started before.
        return started_at != LATER and started_at <= self._by_its_clock(since)

    def _by_its_clock(self, since: str) -> str:
        return as_told_by(since, self.options["clock"], self.clock)

    def _awaits(self) -> tuple[Settle[ServicesFacts], ...]:
        """What starts within that second would count as too old, and be restarted by the next run:
        it is over first. Nobody waits for a clock that is wrong.
        """
        since = self.options["started_after"]
        if since in ("", LATER) or self.clock is None:
            return ()
        by_its_clock = self._by_its_clock(since)
        ahead = (moment(by_its_clock) - moment(self.clock["told"])).total_seconds()
        if not 0 <= ahead <= _A_MOMENT:
            return ()

        def holds(_facts: ServicesFacts) -> bool:
            return self.clock is None or self.clock["told"] > by_its_clock

        return (
            Settle(
                until=f"its clock is past {by_its_clock}",
                holds=holds,
                timeout=float(self.options["timeout"]),
                seen=lambda _facts: "it is not yet",
            ),
        )

    def _calls(self, verb: str, name: str) -> Iterator[Call]:
        by_lync = self.options["lync"]
        if verb != "start":
            yield lync.stop_service(name) if by_lync else windows.stop_service(name)
        if verb != "stop":
            yield lync.start_service(name) if by_lync else windows.start_service(name)

    def _is(self, name: str, status: str) -> Settle[ServicesFacts]:
        def holds(facts: ServicesFacts) -> bool:
            return _status(facts, name) == status

        def seen(facts: ServicesFacts) -> str:
            return f"it is {_status(facts, name) or 'gone'}"

        timeout = float(self.options["timeout"])
        return Settle(until=f"{name} is {status}", holds=holds, timeout=timeout, seen=seen)


_WHY = {
    "stop": "{display_name} runs.",
    "start": "{display_name} does not run.",
    "restart": "{display_name} runs since {started_at}, before what it has to know of.",
}


def _afterwards(service: RunningService, status: str) -> RunningService:
    return {
        "display_name": service["display_name"],
        "status": status,
        "start_mode": service["start_mode"],
        "started_at": LATER if status == "started" else None,
    }


def _status(facts: ServicesFacts, name: str) -> str | None:
    """None for a service that is not there any more."""
    service = facts["services"].get(name)
    return None if service is None else service["status"]
