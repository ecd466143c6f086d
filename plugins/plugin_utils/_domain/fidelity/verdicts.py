"""What a check says about one assumption. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable, Iterable, Iterator, Mapping

from ..documents.fidelity import CommandSeen, HostSeen, LyncSeen, SqlSeen
from ..documents.instance import InstanceFacts

CONFIRMED = "confirmed"
REFUTED = "refuted"
OPEN = "not_checkable"
#: Key of the commands of a host that cannot tell any, with why.
NO_COMMANDS = "_error"
#: Host -> state of fidelity_info.
Looks = Mapping[str, HostSeen]
#: (holds, what was seen), (None, why this host cannot tell), or None for nothing to say.
Told = tuple[bool | None, str] | None


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


def looked(state: HostSeen) -> list[str]:
    """What the host is for, as far as it could be looked at: without the cmdlets that read, nothing
    but that is told.
    """
    return state.get("looked", state["kinds"])


def commands_of(state: HostSeen) -> dict[str, CommandSeen]:
    """The commands that the host told, by name."""
    return {name: told for name, told in state["commands"].items() if isinstance(told, dict)}


def info_of(sql: SqlSeen) -> InstanceFacts | None:
    """What sql_info read, None when it could not."""
    return t.cast("InstanceFacts | None", sql["info"] or None)


def verdict(holds: bool) -> str:
    """Confirmed or refuted."""
    return CONFIRMED if holds else REFUTED


def listed(names: Iterable[object]) -> str:
    """Names in their order, for a sentence."""
    return ", ".join(sorted(map(str, names)))


def each_host(look: Callable[[HostSeen], Told]) -> Check:
    """A check that looks at each host by itself."""

    def check(looks: Looks) -> Iterator[Finding]:
        """What each host that has anything to say says."""
        for host, state in looks.items():
            told = look(state)
            if told is not None:
                holds, seen = told
                yield Finding(host, None if holds is None else verdict(holds), seen)

    return check


def each_management_host(look: Callable[[HostSeen, LyncSeen], Told]) -> Check:
    """A check that looks at each host with Lync's cmdlets by itself."""

    def told(state: HostSeen) -> Told:
        """Nothing for a host that is none, or that could not be looked at."""
        lync = state["lync"]
        if lync is None or "lync" not in looked(state):
            return None
        return look(state, lync)

    return each_host(told)


def each_sql_server(look: Callable[[SqlSeen], Told]) -> Check:
    """A check that looks at each SQL Server by itself."""

    def told(state: HostSeen) -> Told:
        """Nothing for a host that is none, or that could not be looked at."""
        sql = state["sql"]
        if sql is None or "sql" not in looked(state):
            return None
        return look(sql)

    return each_host(told)


def each_chat_server(look: Callable[[Mapping[str, str]], Told]) -> Check:
    """A check that looks at each chat server's services (name -> display name) by itself."""

    def told(state: HostSeen) -> Told:
        """Nothing for a host that is none, or that could not be looked at."""
        if "chat" not in looked(state):
            return None
        return look(state["services"] or {})

    return each_host(told)
