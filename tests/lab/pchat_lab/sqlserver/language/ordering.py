"""Putting rows in an order: several keys, each up or down."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Sequence

from .operators import sort_key

_Item = t.TypeVar("_Item")


class Key(t.NamedTuple, t.Generic[_Item]):
    """``get``: a value of an item."""

    get: Callable[[_Item], t.Any]
    descending: bool

    def value(self, item: _Item) -> t.Any:
        """As values are compared (NULL first)."""
        return sort_key(self.get(item))


def in_order(items: Sequence[_Item], keys: Sequence[Key[_Item]]) -> list[_Item]:
    """By the first key; those that are equal by the second, and so on; else as they came."""
    ordered = list(items)
    for key in reversed(keys):
        ordered.sort(key=key.value, reverse=key.descending)
    return ordered
