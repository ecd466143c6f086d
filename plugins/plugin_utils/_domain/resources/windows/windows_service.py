"""Windows services of a host, started, stopped, or started since a certain time.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import fnmatch
import re

from ...._engine.errors import Refused
from ...._engine.model import LATER, Call, Resource, Session, Settle, State, Step
from ...calls import lync, windows

WINDOWS_SERVICE_SPEC: State = {
    "display_name": {"type": "str", "required": True},
    "exclude": {"type": "list", "elements": "str", "default": []},
    "state": {"type": "str", "choices": ["started", "stopped"], "default": "started"},
    "started_after": {"type": "str", "default": ""},
    "lync": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 300},
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class WindowsService(Resource[State, State]):
    """State: services {name: {display_name, status, start_mode, started_at}}; times ISO 8601 in
    UTC.
    """

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.scope = f"host/{host}"
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
        if re.search(r"[%_\x00-\x1f]", options["display_name"]):
            raise Refused(
                f"display_name {options['display_name']!r}: use * as the wildcard.", code="bad_name"
            )

    def read(self, session: Session) -> State:
        found, processes = session.read(
            windows.services(self.options["display_name"]), windows.processes()
        )
        born = {p.get("ProcessId"): p.get("CreationDate") for p in processes}
        services = {}
        for row in found:
            if not any(
                fnmatch.fnmatch(str(row["DisplayName"]).lower(), pattern.lower())
                for pattern in self.options["exclude"]
            ):
                running = row["State"] == "Running"
                services[row["Name"]] = {
                    "display_name": row["DisplayName"],
                    "status": "started" if running else "stopped",
                    "start_mode": row["StartMode"],
                    "started_at": born.get(row["ProcessId"]) if running else None,
                }
        return {"services": dict(sorted(services.items()))}

    def plan(self, current: State) -> list[Step[State]]:
        services: State = dict(current["services"])
        if not services:
            raise Refused(
                f"No service of this host has a display name like {self.options['display_name']!r}."
                " Is the software installed?",
                code="no_service",
            )
        wanted = self.options["state"]
        steps = []
        for name, service in current["services"].items():
            calls: tuple[Call, ...] = ()
            if wanted == "stopped" and service["status"] != "stopped":
                verb = "stop"
                why = f"{service['display_name']} runs."
                calls = (self._stop(name),)
            elif wanted == "started" and service["status"] != "started":
                verb = "start"
                why = f"{service['display_name']} does not run."
                calls = (self._start(name),)
            elif wanted == "started" and self._too_old(service["started_at"]):
                verb = "restart"
                calls = (self._stop(name), self._start(name))
                why = (
                    f"{service['display_name']} runs since {service['started_at']}, before what it"
                    " has to know of."
                )
            else:
                continue
            services = {
                **services,
                name: {
                    **service,
                    "status": wanted,
                    "started_at": LATER if wanted == "started" else None,
                },
            }
            steps.append(
                Step(
                    name=f"{verb}_service",
                    why=why,
                    sets={"services": services},
                    calls=calls,
                    settles=self._is(name, wanted),
                )
            )
        return steps

    def _too_old(self, started_at: str | None) -> bool:
        since = self.options["started_after"]
        return bool(since) and (
            since == LATER or started_at is None or (started_at != LATER and started_at < since)
        )

    def _start(self, name: str) -> Call:
        return lync.start_service(name) if self.options["lync"] else windows.start_service(name)

    def _stop(self, name: str) -> Call:
        return lync.stop_service(name) if self.options["lync"] else windows.stop_service(name)

    def _is(self, name: str, status: str) -> Settle[State]:
        return Settle(
            until=f"{name} is {status}",
            holds=lambda state: state["services"].get(name, {}).get("status") == status,
            timeout=float(self.options["timeout"]),
            seen=lambda state: f"it is {state['services'].get(name, {}).get('status', 'gone')}",
        )
