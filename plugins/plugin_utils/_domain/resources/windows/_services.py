"""Services of a host with when their processes began, and the clock that says so. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import time
import typing as t
from collections.abc import Sequence

from ...._engine.model import Record, Session
from ...calls import windows
from ...rows import number_or_none, text_or_none
from ...two_clocks import ClockReading, reading
from .host_info import utc_of


class Services(t.NamedTuple):
    """``rows``: of Win32_Service. ``born``: process id -> when it began, ISO 8601 in UTC by
    ``clock``, the host's own.
    """

    rows: Sequence[Record]
    born: dict[int | None, str | None]
    clock: ClockReading | None

    def began(self, service: Record) -> str | None:
        """When the process of one of them began."""
        return self.born.get(number_or_none(service, "ProcessId"))


def read_services(session: Session, display_name: str) -> Services:
    """Those whose display name is like this one, in one pipeline."""
    asked = time.time()
    rows, processes, systems = session.read(
        windows.services(display_name),
        windows.processes(),
        windows.operating_system(),  # last: it tells the time
    )
    clock = reading(utc_of(systems[0]), asked) if systems else None
    born = {
        number_or_none(process, "ProcessId"): text_or_none(process, "CreationDate")
        for process in processes
    }
    return Services(rows, born, clock)
