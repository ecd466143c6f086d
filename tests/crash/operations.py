"""What is struck: the build and the operations of an outage, and what happens before each."""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t
from collections.abc import Callable

from support import dirt, labs
from support.outage import ANSWERS, essence

#: Names of the checkpoints at which operations begin: hosts that nobody touched, and a built and
#: protected pool.
BARE = "bare"
BUILT = "built"

#: How often log shipping's jobs run, and how long after one of their times an operation begins:
#: longer than clocks are apart, so that it ends before the next one on every host. Otherwise it
#: is chance which logs were backed up while it ran, and two runs leave two estates.
INTERVAL = dt.timedelta(minutes=15)
CALM = dt.timedelta(minutes=2)
#: Longer than the configuration takes to the servers.
REPLICATED = "5s"


def whole_estate(lab: labs.Lab) -> t.Any:
    """Everything that the lab knows of its estate, for "is it the same estate?"."""
    return lab.chatlab("state", "--fingerprint")


def replicated_estate(lab: labs.Lab) -> t.Any:
    """The whole of it once all servers have the configuration: a run may end right after it changed
    that for the last time.
    """
    lab.chatlab("clock", "advance", REPLICATED)
    return whole_estate(lab)


def nothing(_lab: labs.Lab) -> None:
    """The operation begins right at its checkpoint."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Operation:
    """A playbook that is struck.

    ``begins_at``: the checkpoint from which ``before`` brings the estate to where it begins.
    ``estate``: what of the estate must be as after an undisturbed run.
    ``once``: statements that must have succeeded exactly once in a cell, whatever was struck: pairs
    of the begin of the host's name and a pattern. Old copies that are stopped on the way home are
    not among them.
    ``plans_again``: the playbook ends by planning once more, so that a run without changes need not
    be asked for.
    """

    name: str
    playbook: str
    arguments: tuple[str, ...] = ANSWERS
    begins_at: str = BUILT
    before: Callable[[labs.Lab], None] = nothing
    estate: Callable[[labs.Lab], t.Any] = essence
    once: tuple[tuple[str, str], ...] = ()
    may_lose: bool = False
    plans_again: bool = True


def bare(lab: labs.Lab) -> None:
    """Hosts that nobody touched, as the checkpoint BARE."""
    between_jobs(lab)
    lab.chatlab("checkpoint", BARE)


def build(lab: labs.Lab) -> None:
    """From the checkpoint BARE, which is taken here, to the checkpoint BUILT.

    RuntimeError when the build fails.
    """
    bare(lab)
    run = lab.play("site")
    if run.rc:
        raise RuntimeError(f"The build failed:\n{run.output[-3000:]}")
    lab.chatlab("checkpoint", BUILT)


def between_jobs(lab: labs.Lab) -> None:
    """Put the lab's clock forward to where log shipping's jobs are not due for a while."""
    now = lab.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = (now - midnight) % INTERVAL
    wait = (CALM - since) % INTERVAL
    lab.chatlab("clock", "advance", f"{wait.total_seconds():.0f}s")


def _messages(lab: labs.Lab) -> None:
    """Some messages that were shipped, and some that were not."""
    lab.chatlab("chat", "post", "5")
    lab.chatlab("clock", "advance", "40m")
    between_jobs(lab)
    lab.chatlab("chat", "post", "3")


def _lose_site(lab: labs.Lab) -> None:
    _messages(lab)
    lab.chatlab("fault", "add", "site", "site=north", "mode=down")


def _failed_over(lab: labs.Lab) -> None:
    _lose_site(lab)
    run = lab.play("failover", *ANSWERS)
    if run.rc:
        raise RuntimeError(f"failover failed on the way:\n{run.output[-3000:]}")
    # Until then the next hop of the pool is down as well, and nobody can write.
    lab.chatlab("fault", "clear")
    lab.chatlab("chat", "post", "4")


_RECOVERED = r"RESTORE DATABASE \[mgc\] WITH RECOVERY"
_STOPPED = r"WITH INIT, FORMAT, NORECOVERY"

BUILD = Operation(
    name="build",
    playbook="site",
    arguments=(),
    begins_at=BARE,
    estate=replicated_estate,
    plans_again=False,
)
OUTAGES = (
    Operation(
        name="failover",
        playbook="failover",
        before=_lose_site,
        once=(("sql-s1", _RECOVERED),),
        may_lose=True,
    ),
    Operation(
        name="failback",
        playbook="failback",
        before=_failed_over,
        once=(("sql-s1", _STOPPED), ("sql-n1", _RECOVERED)),
    ),
    Operation(
        name="planned",
        playbook="failover",
        arguments=(*ANSWERS, "-e", "failover_mode=planned"),
        before=_messages,
        once=(("sql-n", _STOPPED), ("sql-s1", _RECOVERED)),
    ),
    Operation(name="mirror_failover", playbook="mirror_failover", before=_messages),
)
OPERATIONS: t.Mapping[str, Operation] = {one.name: one for one in (BUILD, *OUTAGES)}


def on_a_lived_in_estate(operation: Operation) -> Operation:
    """The same on hosts whose administrators go on with their work right before it begins."""
    there = dirt.SOUTH if operation.before is _lose_site else (*dirt.NORTH, *dirt.SOUTH)

    def before(lab: labs.Lab) -> None:
        operation.before(lab)
        dirt.set_clocks_apart(lab)
        if operation.begins_at != BARE:
            dirt.soil(lab, there)

    return dataclasses.replace(operation, before=before)
