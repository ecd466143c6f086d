"""One walk: a random history with up to two operators in it, and the way home.

Home is gone when faults have stopped.
"""

from __future__ import annotations

import collections
import dataclasses
import random
import re
import typing as t
from collections.abc import Callable

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.seen import (
    estate_seen,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.situation import (
    classify,
)

from .ablations import switched_off
from .carry_out import A_DAY
from .document import document_of
from .logs import Database
from .nature import (
    DIRT,
    EVENTS,
    RARE,
    back_up_logs,
    change_backup_roles,
    copy_logs,
    install_backup_anew,
    lose_site,
    mend,
    replicate,
    restore_log,
    return_site,
    set_read_only,
    ship,
    spoil,
    toggle_share,
    toggle_sql,
    toggle_winrm,
    traffic,
)
from .operators import Order, Run
from .properties import Judge, Violation
from .world import Instance, World

Weighted = tuple[tuple[Callable[[World], str], int], ...]
EVENTS_OF_A_WALK = 60
MOMENTS = (toggle_share, spoil, return_site, lose_site, toggle_sql, ship)
SLOW_MOMENTS = (toggle_share, spoil, spoil, traffic, back_up_logs)
#: Jobs that somebody slow leaves alone.
SHIPPING = (ship, copy_logs, restore_log)
#: How many writes of a run happen in one go.
STRIDES = (1, 1, 2, 4, 8, 30)
#: Playbooks that somebody may need to bring everything home.
MOST_PLAYS = 10


@dataclasses.dataclass
class Result:
    """What came of a walk. ``home``: the playbooks of the way. ``rule``: which property broke."""

    seed: int
    runs: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    moves: int = 0
    home: tuple[str, ...] = ()
    violation: str = ""
    rule: str = ""
    trace: list[str] = dataclasses.field(default_factory=list)
    losses: list[tuple[float, int | None]] = dataclasses.field(default_factory=list)
    acked: int = 0
    declared: int = 0


def walk(seed: int, ablate: str = "", dirty: bool = False) -> Result:
    """What came of one history.

    ``ablate``: the safeguard that is switched off. ``dirty``: histories are cleaned, logs are
    backed up by others, the secondary is seeded again from an old backup; on some estates the
    file server fills up, and our record is dropped.
    """
    with switched_off(ablate) as off:
        world = World(seed, off)
        judge = Judge(world)
        result = Result(seed)
        try:
            Wandering(world, judge, result, DIRT if dirty else ()).wander()
            _go_home(world, judge, result)
            _leave_again(world, judge, result)
        except Violation as violation:
            result.violation = str(violation)
            result.rule = violation.rule
        result.losses = judge.losses
        result.acked = len(world.acked)
        result.declared = len(world.declared)
        return result


def _order(rng: random.Random, operator: str) -> Order:
    target = rng.choices(("failover", "failback", "mirror_failover"), (6, 4, 1))[0]
    return Order(
        target,
        operator,
        mode=rng.choices(("disaster", "planned"), (3, 2))[0],
        accept=rng.random() < 0.3,
        most=rng.choice((0, 15, 30, 120)),
        override=rng.random() < 0.4,
        order=rng.choice(("service", "documented")),
        to=rng.choice(("primary", "mirror")),
        force=rng.random() < 0.5,
    )


class Wandering:
    """A history: events, and up to two operators whose runs go on between them.

    ``slow``: logs pile up on the share, and what happens there matters.
    """

    def __init__(self, world: World, judge: Judge, result: Result, dirt: Weighted) -> None:
        self.world = world
        self.judge = judge
        self.result = result
        self.running: dict[str, Run] = {}
        self.slow = world.rng.random() < 0.3
        self.dirty = bool(dirt)
        self.events = (*EVENTS, *dirt)
        moments = SLOW_MOMENTS if self.slow else MOMENTS
        self.moments = (*moments, *(event for event, _weight in dirt))

    def wander(self) -> None:
        """All events of a walk; whoever still runs a playbook then is gone."""
        for _unused in range(EVENTS_OF_A_WALK):
            self.world.pass_time(self.world.rng.randint(1, 120))
            self._break_or_mend_winrm()
            self._change_roles()
            self._one_event()
            self.judge.check()
        for operator, run in self.running.items():
            self.result.runs[f"{run.order.target} crashed"] += 1
            self.result.trace.append(f"{operator} died")

    def _break_or_mend_winrm(self) -> None:
        """Besides what else happens."""
        deafness = self.world.deafness
        if self.dirty and deafness is not None and deafness.random() < 0.05:
            host = deafness.choice(("sql-n1", "sql-n2"))
            self.result.trace.append(toggle_winrm(self.world, host))

    def _change_roles(self) -> None:
        """The same."""
        changing = self.world.changing
        if self.dirty and changing is not None and changing.random() < 0.1:
            self.result.trace.append(change_backup_roles(self.world))
        losing = self.world.losing
        if self.dirty and losing is not None and losing.random() < 0.05:
            self.result.trace.append(install_backup_anew(self.world))
        setting = self.world.setting
        if self.dirty and setting is not None and setting.random() < 0.1:
            self.result.trace.append(set_read_only(self.world))

    def _one_event(self) -> None:
        rng = self.world.rng
        rare = self.world.rare
        if self.dirty and rare is not None and rare.random() < 0.05:
            self.result.trace.append(rare.choice(RARE)(self.world))
        elif self.running and rng.random() < (0.25 if self.slow else 0.1):
            # What comes at the worst moment.
            self.result.trace.append(rng.choice(self.moments)(self.world))
        elif self.running and rng.random() < 0.75:
            self._go_on()
        elif rng.random() < 0.3:
            self._begin()
        else:
            self._happen()

    def _go_on(self) -> None:
        """One of the runs makes some steps."""
        operator = self.world.rng.choice(sorted(self.running))
        for _unused in range(self.world.rng.choice(STRIDES)):
            if operator not in self.running:
                continue
            if not _step(self.running, operator, self.judge, self.result):
                break

    def _begin(self) -> None:
        """Somebody starts a playbook; a run of his that is not through is dead."""
        rng = self.world.rng
        operator = rng.choice(("ann", "bob"))
        if operator not in self.running or rng.random() < 0.5:
            run = Run(self.world, _order(rng, operator), self.judge)
            self.running[operator] = run
            self.result.trace.append(f"{run.order} BEGINS")

    def _happen(self) -> None:
        events = [event for event, _weight in self.events]
        weights = [weight for _event, weight in self.events]
        if self.slow:
            for number, event in enumerate(events):
                if event in SHIPPING:
                    weights[number] = 0
        event = self.world.rng.choices(events, weights)[0]
        self.result.trace.append(event(self.world))


def _step(running: dict[str, Run], operator: str, judge: Judge, result: Result) -> bool:
    """Whether the run goes on."""
    run = running[operator]
    said = next(run.steps, None)
    if said is None:
        result.trace.append(f"  {operator} {run.outcome}")
        _ended(run, result)
        del running[operator]
    else:
        result.trace.append(f"  {operator} {said}")
    judge.check()
    return said is not None


def _ended(run: Run, result: Result) -> None:
    """Count it; failures of all kinds as one, refusals by their code."""
    result.moves += run.moves
    outcome = run.outcome
    if not outcome.startswith("refused"):
        outcome = outcome.partition(":")[0]
    result.runs[f"{run.order.target} {outcome}"] += 1


def _go_home(world: World, judge: Judge, result: Result) -> None:
    """What somebody would do who reads the refusals.

    Ends when the failback has nothing to do and the pool runs on its primary copy.
    """
    mend(world)
    result.trace.append("FAULTS STOP")
    plays: list[str] = []
    order = Order("failback", override=True)
    for _unused in range(MOST_PLAYS):
        run = _played(world, order, judge, result)
        ended = "" if run.outcome == "done" else f" {run.outcome}"
        plays.append(f"{order.target}{ended}")
        suspended = _principal_of_a_suspended_session(world)
        if run.outcome == "done" and order.target == "failback" and suspended is None:
            break
        opened = _open_by_hand(world, run.advice)
        result.trace.append(opened)
        order = _next(order, "" if opened else run.outcome, suspended, _named(run.advice))
        # A seed is taken anew when it is a day old.
        world.pass_time(A_DAY if "1412" in run.outcome else 300)
        replicate(world)
        ship(world)
    result.home = tuple(plays)
    if run.outcome != "done" or order.target != "failback":
        judge.violation("no way home", " -> ".join(plays))
    _be_at_rest(world, judge, " -> ".join(plays))


#: How a refusal says that only a person can settle it.
BY_HAND = re.compile(r"RESTORE DATABASE mgc WITH RECOVERY on ([a-z0-9-]+)\)")
#: The same of one that would be overwritten, of which somebody has kept the files.
DROP = re.compile(r"drop mgc by hand on ([a-z0-9-]+),")
#: And of a copy that somebody set read-only.
SET_SO = re.compile(r"mgc on ([a-z0-9-]+) is READ_ONLY")


def _open_by_hand(world: World, advice: str) -> str:
    """Somebody does what a refusal told; what was done, empty for nothing."""
    told = BY_HAND.search(advice)
    is_set = SET_SO.search(advice)
    dropped = DROP.search(advice)
    for instance in world.sql.values():
        if told is not None and instance.host == told[1]:
            instance.db.recover(world.fresh("F"))
            instance.db.closed = False
            return f"{told[0]} by hand"
        if is_set is not None and instance.host == is_set[1]:
            instance.db.read_only = False
            return f"{instance.host} is read-write again"
        if dropped is not None and instance.host == dropped[1]:
            world.declared |= instance.db.messages()
            instance.db = Database()
            return f"mgc is dropped on {instance.host}"
    return ""


#: How a refusal names the partner that is to be the principal.
NAMED = re.compile(r"mirror_failover_to: (primary|mirror)")


def _named(advice: str) -> str:
    """That partner; the mirror where none is named, as the playbook has it."""
    told = NAMED.search(advice)
    return told[1] if told else "mirror"


def _played(world: World, order: Order, judge: Judge, result: Result) -> Run:
    """A run to its end, while people chat."""
    run = Run(world, order, judge)
    result.trace.append(f"{order} BEGINS")
    for said in run.steps:
        result.trace.append(f"  ann {said}")
        if world.rng.random() < 0.2:
            traffic(world)
        judge.check()
    result.trace.append(f"  ann {run.outcome}")
    _ended(run, result)
    return run


def _principal_of_a_suspended_session(world: World) -> Instance | None:
    for instance in world.sql.values():
        session = instance.session
        if session is None or session.principal is not instance:
            continue
        if session.state == "SUSPENDED":
            return instance
    return None


def _be_at_rest(world: World, judge: Judge, plays: str) -> None:
    """Nothing is left to do, the estate is healthy, and somebody serves."""
    again = Run(world, Order("failback"), judge)
    if list(again.steps)[:-1] or again.outcome != "done":
        moves = again.agreed.get("moves")
        judge.violation("not at rest", f"after {plays}: {again.outcome} {moves}")
    replicate(world)
    situation = classify(estate_seen(t.cast(t.Any, document_of(world)))).name
    # Where a log backup is lost or damaged for good the copy is seeded again by site.yml; that must
    # be said, and only then.
    if situation == "ChainBroken" and not judge.can_follow():
        situation = "Healthy"
    if situation != "Healthy":
        judge.violation("not at rest", f"{situation} after {plays}")
    if not world.post():
        judge.violation("no service", f"nobody serves after {plays}")
    judge.check()


def _leave_again(world: World, judge: Judge, result: Result) -> None:
    """Whatever lies about by now, the next loss of the site ends on the backup copy.

    And loses what it says.
    """
    for event in (traffic, ship, traffic, back_up_logs, traffic, lose_site):
        world.pass_time(60)
        event(world)
    result.trace.append("THE SITE IS LOST FOR GOOD")
    run = Run(world, Order("failover", accept=True), judge)
    for said in run.steps:
        result.trace.append(f"  ann {said}")
        judge.check()
    result.trace.append(f"  ann {run.outcome}")
    _ended(run, result)
    if run.outcome != "done":
        judge.violation("no way out", run.outcome)
    if not world.post():
        judge.violation("no service", "nobody serves after the last failover")
    judge.check()


_GIVE_UP_THE_PRIMARY = Order("failover", override=True, accept=True)
_USE_THE_PARTNER = Order("mirror_failover", force=True)
#: Playbook and how it ended -> the remedy that the refusal names.
REMEDIES = {
    ("failback", "refused: failover_unfinished"): _GIVE_UP_THE_PRIMARY,
    ("failback", "refused: no_copy_online"): _GIVE_UP_THE_PRIMARY,
    ("failback", "refused: tail_missing"): _GIVE_UP_THE_PRIMARY,
    ("failback", "refused: mirror_is_principal"): _USE_THE_PARTNER,
    ("mirror_failover", "refused: mirror_behind"): _GIVE_UP_THE_PRIMARY,
    ("failover", "refused: mirror_alive"): _USE_THE_PARTNER,
}


def _next(order: Order, outcome: str, suspended: Instance | None, named: str) -> Order:
    """What is typed next; without a remedy, the failback again.

    ``named``: the partner that the refusal says is to be the principal.

    When service was forced, a session waits for somebody who gives up what only one side has.
    """
    if outcome == "done" and suspended is not None:
        return Order("mirror_failover", to=suspended.slot)
    if order.target == "failback" and outcome.startswith("failed"):
        return _GIVE_UP_THE_PRIMARY
    remedy = REMEDIES.get((order.target, outcome), Order("failback", override=True))
    return dataclasses.replace(remedy, to=named)
