"""Which of many hosts run their services, and since when. FOR INTERNAL COLLECTION USE ONLY.

A pool has a dozen servers, and hardly ever is anything to be started on one of them.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ...._engine.errors import PChatError
from ...._engine.model import ArgumentSpec
from ...two_clocks import ClockReading
from .windows_service import WINDOWS_SERVICE_SPEC, RunningService, ServicesFacts, WindowsService

SERVICES_INFO_SPEC: ArgumentSpec = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    **{
        name: WINDOWS_SERVICE_SPEC[name]
        for name in ("display_name", "exclude", "started_after", "clock")
    },
    "known": {"type": "dict", "default": {}},
}


class HostServices(t.TypedDict):
    """``services``: by name. ``clock``: that of the host, by which their times are told."""

    services: dict[str, RunningService]
    clock: ClockReading | None


class ServicesInfoOptions(t.TypedDict):
    """``hosts``: by the names of the inventory. ``known``: what was told of some of them a moment
    ago. The others are those of windows_service.
    """

    hosts: list[str]
    known: dict[str, HostServices]
    display_name: str
    exclude: list[str]
    started_after: str
    clock: ClockReading | None


def wanted_of(host: str, options: ServicesInfoOptions) -> WindowsService:
    """The services that are to run on one host.

    Raises Refused for a pattern or a time that is none (see WindowsService).
    """
    return WindowsService(
        {
            "display_name": options["display_name"],
            "exclude": options["exclude"],
            "state": "started",
            "started_after": options["started_after"],
            "clock": options["clock"],
            "lync": False,
            "timeout": 0,
        },
        host,
    )


def remembered(
    wanted: Mapping[str, WindowsService], known: Mapping[str, HostServices]
) -> dict[str, ServicesFacts | PChatError]:
    """What is known of these hosts without asking them."""
    found: dict[str, ServicesFacts | PChatError] = {}
    for name in wanted:
        if name in known:
            wanted[name].clock = known[name]["clock"]
            found[name] = {"services": known[name]["services"]}
    return found


def late(
    wanted: Mapping[str, WindowsService], seen: Mapping[str, ServicesFacts | PChatError]
) -> list[str]:
    """Hosts with a service to start or to restart, or of which nobody knows: whoever starts them
    says why not. In the order of ``wanted``.
    """
    return [name for name in wanted if _is_late(wanted[name], seen[name])]


def _is_late(wanted: WindowsService, told: ServicesFacts | PChatError) -> bool:
    if isinstance(told, PChatError) or not told["services"]:
        return True
    return bool(wanted.plan(told))


def told(
    wanted: Mapping[str, WindowsService], seen: Mapping[str, ServicesFacts | PChatError]
) -> dict[str, HostServices]:
    """By host; of hosts that told nothing there is nothing."""
    return {
        name: {"services": facts["services"], "clock": wanted[name].clock}
        for name, facts in seen.items()
        if not isinstance(facts, PChatError)
    }
