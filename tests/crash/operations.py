"""What is struck: each operation, and what happens to the built estate before it."""
from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable

from support import labs
from support.outage import ANSWERS


@dataclasses.dataclass(frozen=True)
class Operation:
    """``before``: brings the built estate to where the operation begins."""

    name: str
    playbook: str
    arguments: tuple[str, ...]
    before: Callable[[labs.Lab], None]
    may_lose: bool = False


def _messages(lab: labs.Lab) -> None:
    """Some messages that were shipped, and some that were not."""
    lab.chatlab("chat", "post", "5")
    lab.chatlab("clock", "advance", "40m")
    lab.chatlab("chat", "post", "3")


def _lose_site(lab: labs.Lab) -> None:
    _messages(lab)
    lab.chatlab("fault", "add", "site", "site=north", "mode=down")


def _failed_over(lab: labs.Lab) -> None:
    _lose_site(lab)
    run = lab.play("failover", *ANSWERS)
    if run.rc:
        raise RuntimeError(f"failover failed on the way:\n{run.output[-3000:]}")
    lab.chatlab("fault", "clear")                     # until then the next hop of the pool is down as well, and nobody can write
    lab.chatlab("chat", "post", "4")


OPERATIONS: t.Mapping[str, Operation] = {o.name: o for o in (
    Operation("failover", "failover", (), _lose_site, may_lose=True),
    Operation("failback", "failback", (), _failed_over),
    Operation("planned", "failover", ("-e", "failover_mode=planned"), _messages),
    Operation("mirror_failover", "mirror_failover", (), _messages),
)}
