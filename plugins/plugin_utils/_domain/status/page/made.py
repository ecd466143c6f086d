"""Who made a page, when, from what, and what it judges by. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shlex
import typing as t
from collections.abc import Callable

from ...documents.status import Way
from ...words import moment

#: A time as ISO 8601 in UTC, wherever it stands in a text.
_TIME = re.compile(r"\b(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)Z(?!\w)")
_COLLECTION = "lync.persistent_chat."


@dataclasses.dataclass(frozen=True)
class Limits:
    """Minutes of writing that a failover may lose before a person is to look, or at once."""

    warning: int = 30
    critical: int = 60


@dataclasses.dataclass(frozen=True)
class Made:
    """``at``: ISO 8601 in UTC, by the controller's clock. ``inventory``: as Ansible was given it.
    ``local``: a time as the clocks of the controller show it; None: only UTC is shown.
    """

    at: str = ""
    controller: str = ""
    inventory: tuple[str, ...] = ()
    version: str = ""
    local: Callable[[dt.datetime], dt.datetime] | None = None

    @property
    def by(self) -> str:
        """``lync.persistent_chat 0.3.0 on ctl1, from hosts.yml``; what is not known is left out."""
        version = f" {self.version}" if self.version else ""
        controller = f" on {self.controller}" if self.controller else ""
        inventory = f", from {', '.join(self.inventory)}" if self.inventory else ""
        return f"lync.persistent_chat{version}{controller}{inventory}"

    def command(self, playbook: str, variables: t.Mapping[str, t.Any]) -> str:
        """A run of a playbook, to be pasted into a shell."""
        words = ["ansible-playbook"]
        for source in self.inventory or ("INVENTORY",):
            words += ["-i", shlex.quote(source)]
        words.append(_COLLECTION + playbook)
        for name, value in variables.items():
            word = str(value).lower() if isinstance(value, bool) else str(value)
            words += ["-e", shlex.quote(f"{name}={word}")]
        return " ".join(words)

    def way(self, way: Way) -> str:
        """The same for a way out of a situation."""
        return self.command(way["playbook"], way["variables"])

    def timed(self, value: t.Any) -> t.Any:
        """A plain value in which every time of a text is told for people, in UTC and as the clocks
        of the controller show it.
        """
        if isinstance(value, str):
            return _TIME.sub(lambda found: self._told(found[0], found[1], found[2]), value)
        if isinstance(value, dict):
            return {key: self.timed(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.timed(item) for item in value]
        return value

    def _told(self, text: str, day: str, clock: str) -> str:
        utc = f"{day} {clock} UTC"
        try:
            there = self.local(moment(text)) if self.local else None
        except (ValueError, OverflowError, OSError):
            return utc
        if there is None or not there.utcoffset():
            return utc
        form = "%H:%M" if f"{there:%Y-%m-%d}" == day else "%Y-%m-%d %H:%M"
        return f"{utc} ({there.strftime(form)} {there.tzname()})"
