"""Somebody runs a playbook: the loop of the role ``outage``, one write at a time.

With the planner that the collection ships.
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
from .document import FQDN, answers, document_of
from .properties import Judge
from .world import AWAY, HOME, World

#: As the role has it.
MOST_ROUNDS = 20
Plan = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Order:
    """What somebody typed."""

    target: str
    operator: str = "ann"
    mode: str = "disaster"
    accept: bool = False
    most: int = 30
    override: bool = False
    order: str = "service"
    to: str = "mirror"
    force: bool = False

    def __str__(self) -> str:
        words = [f"{self.operator}: {self.target}"]
        if self.target == "failover":
            words.append(self.mode)
            if self.accept:
                words.append("accept")
            words.append(f"max={self.most}")
        if self.target != "mirror_failover":
            words.append(self.order)
        if self.target == "mirror_failover":
            words.append(f"to {self.to}")
            if self.force:
                words.append("force")
        if self.override:
            words.append("override")
        return " ".join(words)


class Run:
    """One run of a playbook.

    Iterate over it: each item is what just happened; ``outcome`` says how it ended, when it did,
    ``advice`` what a refusal says.
    """

    def __init__(self, world: World, order: Order, judge: Judge) -> None:
        self.world = world
        self.order = order
        self.judge = judge
        self.outcome = ""
        self.advice = ""
        self.moves = 0
        self.agreed = Plan()
        self.attempt = ""
        self.in_sight: frozenset[int] = frozenset()
        self.steps = self._steps()

    def _steps(self) -> Iterator[str]:
        try:
            yield from self._rounds()
        except Refused as refusal:
            self.outcome = f"refused: {refusal.code}"
            self.advice = str(refusal)
        except planner.NoProgress:
            self.outcome = "no progress"
            self.judge.violation("planner", "the plan does not end")
        except (Moved, Failed) as failure:
            self.outcome = f"failed: {failure}"

    def _rounds(self) -> Iterator[str]:
        """Plan, carry out a round, look and plan again."""
        plan = self._look()
        yield f"planned {_names(plan)}; {plan['loss']['sentence']}"
        self.agreed = {"moves": plan["moves"], "loss": plan["loss"]}
        self.attempt = plan["id"]
        rounds = 0
        while plan["moves"] and rounds < MOST_ROUNDS:
            rounds += 1
            for move in plan["moves"] if "look" in self.world.off else plan["round"]:
                yield from self._carry_out(move)
            plan = self._look()
            yield f"looked again: {_names(plan)} left"
        self.outcome = f"endless: {plan['moves'][0]['name']}" if plan["moves"] else "done"

    def _carry_out(self, move: Plan) -> Iterator[str]:
        world = self.world
        self.moves += 1
        world.pass_time(world.rng.randint(2, 20))
        self._stop_if_called_off(move)
        self.judge.before(self, move)
        try:
            for what in MOVES[move["name"]](world, move["host"], move["args"]):
                self.judge.after(self, move)
                yield f"{move['name']}: {what}"
                world.pass_time(world.rng.randint(1, 5))
        except (Moved, Failed):
            # A batch that was executed twice may have failed the second time only.
            self.judge.after(self, move)
            raise

    def _stop_if_called_off(self, move: Plan) -> None:
        """Asked of the backup SQL Server right before each move between the declaration and its
        end.
        """
        world = self.world
        if self.order.target == "mirror_failover" or "intent" in world.off:
            return
        if move["name"] in ("declare_intent", "clear_intent"):
            return
        if not answers(world, "sql-s1"):
            raise Failed("nobody can be asked whether this attempt was called off")
        if world.intent is None or world.intent.id != self.attempt:
            raise Moved("this attempt was called off")

    def _look(self) -> Plan:
        order = self.order
        self.in_sight = self.judge.in_sight()
        document = document_of(self.world)
        said: t.Any = {
            "document": document,
            "target": order.target,
            "mode": order.mode,
            "order": order.order,
            "id": self.attempt or self._attempt_of(document),
            "operator": order.operator,
            "active_failed_over": [FQDN[server] for server in AWAY],
            "active_normal": [FQDN[server] for server in HOME],
            "max_data_loss": order.most,
            "data_loss": "accept" if order.accept else "refuse",
            "override_intent": order.override,
            "move_cms": True,
            "mirror_backup": True,
            "to": order.to,
            "force": order.force,
            "unasked": [],
            "agreed": self.agreed,
            "done": [],
            "quiet": False,
        }
        planned: t.Any = dr_plan.plan_of(said)
        return t.cast(Plan, planned)

    def _attempt_of(self, document: Plan) -> str:
        """That of an intent of this kind which can be read; otherwise a new one."""
        intent = self.world.intent
        readable = document["hosts"]["sql-s1"]["answers"]
        if intent is not None and intent.target == self.order.target and readable:
            return intent.id
        return f"{self.world.rng.getrandbits(128):032x}"


def _names(plan: Plan) -> str:
    return ", ".join(move["name"] for move in plan["moves"]) or "nothing"
