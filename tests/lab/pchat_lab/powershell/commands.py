"""A command of a pipeline: as it arrived, as it was understood, and as the journal keeps it."""

from __future__ import annotations

import dataclasses
import typing as t

from .arguments import Secret
from .registry import CmdletInfo


@dataclasses.dataclass(frozen=True)
class Command:
    """One command of a pipeline as it arrived."""

    name: str
    is_script: bool
    arguments: list[tuple[str | None, t.Any]]


@dataclasses.dataclass
class Called:
    """A cmdlet that was found, as the records that it writes speak of it.

    ``place``: its number in the statement, from 1, and how many there are.
    """

    info: CmdletInfo
    place: tuple[int, int]
    bound: dict[str, t.Any] = dataclasses.field(default_factory=dict)


def shown_arguments(arguments: list[tuple[str | None, t.Any]]) -> dict[str, t.Any]:
    return {name or f"[{n}]": _for_journal(value) for n, (name, value) in enumerate(arguments)}


def _for_journal(value: t.Any) -> t.Any:
    """A parameter as JSON can hold it; secrets never enter the journal."""
    if isinstance(value, Secret):
        return "***"
    if isinstance(value, dict):
        return {name: _for_journal(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_for_journal(inner) for inner in value]
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def as_sent(bound: t.Any, command: Command, name: str) -> t.Any:
    """For the journal: what was sent rather than what it was converted to, so that it can be sent
    again.
    """
    if not isinstance(bound, Secret):
        sent = {
            given.lstrip("-").lower(): value
            for given, value in command.arguments
            if given is not None
        }
        short = (value for given, value in sent.items() if name.lower().startswith(given))
        return _for_journal(sent[name.lower()] if name.lower() in sent else next(short, bound))
    return _for_journal(bound)
