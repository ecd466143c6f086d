"""One walk: a random history with up to two operators in it, and then, when faults have stopped,
the way home.
"""

from __future__ import annotations

import collections
import dataclasses
import random
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
from .nature import (
    DIRT,
    EVENTS,
    back_up_logs,
    copy_logs,
    lose_site,
    mend,
    replicate,
    restore_log,
    return_site,
    ship,
    spoil,
    toggle_share,
    toggle_sql,
    traffic,
)
from .operators import Order, Run
from .properties import Judge, Violation
from .world import World

Weighted = tuple[tuple[Callable[[World], str], int], ...]
EVENTS_OF_A_WALK = 60
MOMENTS = (toggle_share, spoil, return_site, lose_site, toggle_sql, ship)
SLOW_MOMENTS = (toggle_share, spoil, spoil, traffic, back_up_logs)
MOST_PLAYS = 10  # playbooks that somebody may need to bring everything home


@dataclasses.dataclass
class Result:
    seed: int
    runs: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    moves: int = 0
    home: tuple[str, ...] = ()  # the playbooks that led home
    violation: str = ""
    rule: str = ""
    trace: list[str] = dataclasses.field(default_factory=list)
    losses: list[tuple[float, int | None]] = dataclasses.field(default_factory=list)
    acked: int = 0
    declared: int = 0


def walk(seed: int, ablate: str = "", dirty: bool = False) -> Result:
    """``dirty``: histories are cleaned, logs are backed up by others, and the secondary is seeded
    again from an old backup.
    """
    with switched_off(ablate) as off:
        world = World(seed, off)
        judge, result = Judge(world), Result(seed)
        try:
            _wander(world, judge, result, DIRT if dirty else ())
            _go_home(world, judge, result)
            _leave_again(world, judge, result)
        except Violation as violation:
            result.violation, result.rule = str(violation), violation.rule
        result.losses, result.acked, result.declared = (
            judge.losses,
            len(world.acked),
            len(world.declared),
        )
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
        order=rng.choice(("safe", "documented")),
        to=rng.choice(("primary", "mirror")),
        force=rng.random() < 0.5,
    )


def _wander(world: World, judge: Judge, result: Result, dirt: Weighted) -> None:
    rng, running = world.rng, dict[str, Run]()
    slow = rng.random() < 0.3  # logs pile up on the share, and what happens there matters
    events, weights = zip(
        *(
            (e, 0 if slow and e in (ship, copy_logs, restore_log) else w)
            for e, w in (*EVENTS, *dirt)
        ),
        strict=True,
    )
    for _unused in range(EVENTS_OF_A_WALK):
        world.pass_time(rng.randint(1, 120))
        if running and rng.random() < (0.25 if slow else 0.1):  # what comes at the worst moment
            result.trace.append(
                rng.choice(
                    (*(SLOW_MOMENTS if slow else MOMENTS), *(event for event, _weight in dirt))
                )(world)
            )
        elif running and rng.random() < 0.75:
            operator = rng.choice(sorted(running))
            for _unused in range(rng.choice((1, 1, 2, 4, 8, 30))):
                if operator in running and not _step(running, operator, judge, result):
                    break
        elif rng.random() < 0.3:
            operator = rng.choice(("ann", "bob"))
            if (
                operator not in running or rng.random() < 0.5
            ):  # the old run is dead, wherever it stood
                running[operator] = Run(world, _order(rng, operator), judge)
                result.trace.append(f"{running[operator].order} BEGINS")
        else:
            result.trace.append(rng.choices(events, weights)[0](world))
        judge.check()
    for operator, run in running.items():
        result.runs[f"{run.order.target} crashed"] += 1
        result.trace.append(f"{operator} died")


def _step(running: dict[str, Run], operator: str, judge: Judge, result: Result) -> bool:
    """Whether the run goes on."""
    run = running[operator]
    said = next(run.steps, None)
    result.trace.append(f"  {operator} {said if said is not None else run.outcome}")
    if said is None:
        _ended(run, result)
        del running[operator]
    judge.check()
    return said is not None


def _ended(run: Run, result: Result) -> None:
    result.moves += run.moves
    result.runs[
        f"{run.order.target} {run.outcome if run.outcome.startswith('refused') else run.outcome.split(':')[0]}"
    ] += 1


def _go_home(world: World, judge: Judge, result: Result) -> None:
    """What somebody would do who reads the refusals; ends when the failback has nothing to do and
    the pool runs on its primary copy.
    """
    mend(world)
    result.trace.append("FAULTS STOP")
    plays: list[str] = []
    order = Order("failback", override=True)
    for _unused in range(MOST_PLAYS):
        run = Run(world, order, judge)
        result.trace.append(f"{order} BEGINS")
        for said in run.steps:
            result.trace.append(f"  ann {said}")
            if world.rng.random() < 0.2:
                traffic(world)
            judge.check()
        result.trace.append(f"  ann {run.outcome}")
        _ended(run, result)
        plays.append(f"{order.target}{'' if run.outcome == 'done' else ' ' + run.outcome}")
        principal = next(
            (
                i
                for i in world.sql.values()
                if i.role == "PRINCIPAL"
                and i.session is not None
                and i.session.state == "SUSPENDED"
            ),
            None,
        )
        if run.outcome == "done" and order.target == "failback" and principal is None:
            break
        order = _next(order, run.outcome)
        if (
            run.outcome == "done" and principal is not None
        ):  # service was forced; its session waits for somebody who gives the rest up
            order = Order("mirror_failover", to=principal.slot)
        world.pass_time(
            A_DAY if "1412" in run.outcome else 300
        )  # a seed is taken anew when it is a day old
        replicate(world)
        ship(world)
    result.home = tuple(plays)
    if run.outcome != "done" or order.target != "failback":
        judge.violation("no way home", " -> ".join(plays))
    again = Run(world, Order("failback"), judge)
    if list(again.steps)[:-1] or again.outcome != "done":
        judge.violation(
            "not at rest",
            f"after {' -> '.join(plays)}: {again.outcome} {again.agreed.get('moves')}",
        )
    replicate(world)
    situation = classify(estate_seen(t.cast(t.Any, document_of(world)))).name
    # Where a log backup is lost or damaged for good the copy is seeded again by site.yml; that must
    # be said, and only then.
    if situation != "Healthy" and not (situation == "ChainBroken" and not judge.can_follow()):
        judge.violation("not at rest", f"{situation} after {' -> '.join(plays)}")
    if not world.post():
        judge.violation("no service", f"nobody serves after {' -> '.join(plays)}")
    judge.check()


def _leave_again(world: World, judge: Judge, result: Result) -> None:
    """Whatever lies about by now, the next loss of the site ends on the backup copy, and loses what
    it says.
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


def _next(order: Order, outcome: str) -> Order:
    """The remedy that a refusal names."""
    if order.target == "failback":
        if outcome in (
            "refused: failover_unfinished",
            "refused: no_copy_online",
            "refused: tail_missing",
        ) or outcome.startswith("failed"):
            return Order("failover", override=True, accept=True)
        if outcome in ("refused: mirror_is_principal", "refused: not_synchronized"):
            return Order("mirror_failover", to="primary", force=True)
    if order.target == "mirror_failover" and outcome == "refused: mirror_behind":
        return Order("failover", override=True, accept=True)
    if order.target == "failover" and outcome == "refused: mirror_alive":
        return Order("mirror_failover", to="mirror", force=True)
    return Order("failback", override=True)
