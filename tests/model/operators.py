"""Somebody runs a playbook: the loop of the role ``outage``, one write at a time, with the planner
that the collection ships.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Iterator

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import dr_plan
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import (
    plan as planner,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused

from .carry_out import MOVES, Failed, Moved
from .document import FQDN, document_of
from .properties import Judge
from .world import AWAY, HOME, World

MOST_ROUNDS = 20  # as the role has it
Plan = dict[str, t.Any]


@dataclasses.dataclass
class Order:
    """What somebody typed."""

    target: str
    operator: str = "ann"
    mode: str = "disaster"
    accept: bool = False
    most: int = 30
    override: bool = False
    order: str = "safe"
    to: str = "mirror"
    force: bool = False

    def __str__(self) -> str:
        said = {
            "failover": f"{self.mode}{' accept' if self.accept else ''} max={self.most}",
            "failback": self.order,
            "mirror_failover": f"to {self.to}{' force' if self.force else ''}",
        }
        return f"{self.operator}: {self.target} {said[self.target]}{' override' if self.override else ''}"


class Run:
    """One run of a playbook.

    Iterate over it: each item is what just happened; ``outcome`` says how it ended, when it did.
    """

    def __init__(self, world: World, order: Order, judge: Judge) -> None:
        self.world, self.order, self.judge = world, order, judge
        self.outcome, self.moves, self.agreed, self.attempt = "", 0, Plan(), ""
        self.in_sight: frozenset[int] = frozenset()
        self.steps = self._steps()

    def _steps(self) -> Iterator[str]:
        try:
            plan = self._look()
            yield f"planned {', '.join(m['name'] for m in plan['moves']) or 'nothing'}; {plan['loss']['sentence']}"
            self.agreed, self.attempt = {"moves": plan["moves"], "loss": plan["loss"]}, plan["id"]
            rounds = 0
            while plan["moves"] and rounds < MOST_ROUNDS:
                rounds += 1
                for move in plan["moves"] if "look" in self.world.off else plan["round"]:
                    yield from self._carry_out(move)
                plan = self._look()
                yield f"looked again: {', '.join(m['name'] for m in plan['moves']) or 'nothing'} left"
            self.outcome = f"endless: {plan['moves'][0]['name']}" if plan["moves"] else "done"
        except Refused as refusal:
            self.outcome = f"refused: {refusal.code}"
        except planner.NoProgress:
            self.outcome = "no progress"
            self.judge.violation("planner", "the plan does not end")
        except (Moved, Failed) as failure:
            self.outcome = f"failed: {failure}"

    def _carry_out(self, move: Plan) -> Iterator[str]:
        world = self.world
        self.moves += 1
        world.pass_time(world.rng.randint(2, 20))
        self.judge.before(self, move)
        try:
            for what in MOVES[move["name"]](world, move["host"], move["args"]):
                self.judge.after(self, move)
                yield f"{move['name']}: {what}"
                world.pass_time(world.rng.randint(1, 5))
        except (Moved, Failed):
            self.judge.after(
                self, move
            )  # a batch that was executed twice may have failed the second time only
            raise

    def _look(self) -> Plan:
        world, o = self.world, self.order
        self.in_sight = self.judge.in_sight()
        document = document_of(world)
        attempt = self.attempt
        if not attempt:
            own = (
                world.intent is not None
                and world.intent.target == o.target
                and document["hosts"]["sql-s1"]["answers"]
            )
            attempt = (
                world.intent.id if own and world.intent else f"{world.rng.getrandbits(128):032x}"
            )
        said: t.Any = {
            "document": document,
            "target": o.target,
            "mode": o.mode,
            "order": o.order,
            "id": attempt,
            "operator": o.operator,
            "active_failed_over": [FQDN[a] for a in AWAY],
            "active_normal": [FQDN[a] for a in HOME],
            "max_data_loss": o.most,
            "data_loss": "accept" if o.accept else "refuse",
            "override_intent": o.override,
            "move_cms": True,
            "mirror_backup": True,
            "to": o.to,
            "force": o.force,
            "unasked": [],
            "agreed": self.agreed,
            "quiet": False,
        }
        planned: t.Any = dr_plan.plan_of(said)
        return t.cast(Plan, planned)
