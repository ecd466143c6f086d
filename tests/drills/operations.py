"""What is struck: each operation with the state of the estate that it starts from, and the way back to the built estate.

The lab is built once; every cell of the matrix begins at the built estate and returns to it, which tests the way back as well.
"""
from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable

from tools import labs
from tools.outage import ANSWERS


@dataclasses.dataclass(frozen=True)
class Operation:
    """``before``: brings the built estate to where the operation begins. ``after``: what is broken is whole again, and the way home."""

    name: str
    playbook: str
    arguments: tuple[str, ...]
    before: Callable[[labs.Lab], None]
    after: Callable[[labs.Lab], None]
    may_lose: bool = False


def _run(lab: labs.Lab, playbook: str, *arguments: str) -> labs.Run:
    run = lab.play(playbook, *ANSWERS, *arguments)
    if run.rc:
        raise RuntimeError(f"{playbook} failed on the way:\n{run.output[-3000:]}")
    return run


def _messages(lab: labs.Lab) -> None:
    """Some messages that were shipped, and some that were not."""
    lab.chatlab("chat", "post", "5")
    lab.chatlab("clock", "advance", "40m")
    lab.chatlab("chat", "post", "3")


def _lose_site(lab: labs.Lab) -> None:
    _messages(lab)
    lab.chatlab("fault", "add", "site", "site=north", "mode=down")


def _site_back(lab: labs.Lab) -> None:
    lab.chatlab("fault", "clear")
    _run(lab, "failback")


def _failed_over(lab: labs.Lab) -> None:
    _lose_site(lab)
    _run(lab, "failover")
    lab.chatlab("chat", "post", "4")
    lab.chatlab("fault", "clear")


def _nothing(lab: labs.Lab) -> None:
    lab.chatlab("fault", "clear")


def _principal_back(lab: labs.Lab) -> None:
    _run(lab, "mirror_failover", "-e", "mirror_failover_to=primary")


def _failback(lab: labs.Lab) -> None:
    _run(lab, "failback")


OPERATIONS: t.Mapping[str, Operation] = {o.name: o for o in (
    Operation("failover", "failover", (), _lose_site, _site_back, may_lose=True),
    Operation("failback", "failback", (), _failed_over, _nothing),
    Operation("planned", "failover", ("-e", "failover_mode=planned"), _messages, _failback),
    Operation("mirror_failover", "mirror_failover", (), _messages, _principal_back),
)}
