"""What a check says about one assumption. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping

from ..._engine.model import State

CONFIRMED = "confirmed"
REFUTED = "refuted"
OPEN = "not_checkable"
#: Host -> state of fidelity_info.
Looks = Mapping[str, State]


@dataclasses.dataclass(frozen=True)
class Finding:
    """What was seen on one host. ``verdict`` None: this host cannot tell, and ``seen`` says why."""

    host: str
    verdict: str | None
    seen: str


Check = Callable[[Looks], Iterator[Finding]]


@dataclasses.dataclass(frozen=True)
class Assumption:
    """``id`` as in docs/fidelity.md.

    Exactly one of ``check`` and ``why_not`` (checkable only by changing something, or of the lab
    alone).

    ``otherwise``: why no host could tell, where that can happen.
    """

    id: str
    text: str
    check: Check | None = None
    why_not: str = ""
    otherwise: str = "no host of that kind answered"


def looked(state: State) -> list[str]:
    """What the host is for, as far as it could be looked at: without the cmdlets that read, nothing
    but that is told.
    """
    return list(state["looked"] if "looked" in state else state["kinds"])


def verdict(holds: bool) -> str:
    return CONFIRMED if holds else REFUTED


def per_host(kind: str) -> Callable[[Callable[[State], tuple[bool | None, str] | None]], Check]:
    """A check that looks at each host of a kind by itself: (holds, seen), (None, why this host
    cannot tell), or None for nothing to say.
    """

    def make(look: Callable[[State], tuple[bool | None, str] | None]) -> Check:
        def check(looks: Looks) -> Iterator[Finding]:
            for host, state in looks.items():
                told = look(state) if kind in looked(state) or kind == "any" else None
                if told is not None:
                    yield Finding(host, None if told[0] is None else verdict(told[0]), told[1])

        return check

    return make
