"""The order of an operation: a list of rules, each asked only when those before it had nothing to
do. FOR INTERNAL COLLECTION USE ONLY.

A list can be read, printed into ``docs/operating.md`` and compared with the steps of the role.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

from .estate import Estate
from .moves import Move
from .options import Options

Decide = Callable[[Estate, Options], Move | None]


@dataclasses.dataclass(frozen=True)
class Rule:
    """One line of an order. Called, it returns a move, or None when it has nothing to do.

    ``moves``: names of those that it may call for. ``says``: its sentence in the operating guide.
    """

    name: str
    moves: tuple[str, ...]
    says: str
    decide: Decide

    def __call__(self, estate: Estate, options: Options) -> Move | None:
        """Refused with a code and a sentence when nobody may go on from here."""
        return self.decide(estate, options)


def calls_for(*moves: str) -> Callable[[Decide], Rule]:
    """Makes a rule of a function; the first sentence of its docstring is what the rule says."""

    def rule_of(decide: Decide) -> Rule:
        first = (decide.__doc__ or "").strip().partition("\n\n")[0]
        return Rule(decide.__name__, moves, " ".join(first.split()), decide)

    return rule_of


def first_of(rules: Iterable[Rule], estate: Estate, options: Options) -> Move | None:
    """The move of the first rule that has one; None when all is done."""
    for rule in rules:
        move = rule(estate, options)
        if move is not None:
            return move
    return None
