"""Functions with OVER: ROW_NUMBER and its kin, and aggregates of a partition (OVER Clause)."""

from __future__ import annotations

import functools
import typing as t
from collections.abc import Sequence

from ...powershell.errors import LabGap
from .bind import own_nodes
from .expressions import AGGREGATES, WINDOW_ONLY, aggregate, evaluate
from .operators import sort_key
from .ordering import Key, in_order
from .parser import Node
from .scope import Scope

if t.TYPE_CHECKING:
    from .session import SqlSession


def work_out_windows(session: SqlSession, node: Node, lines: list[Scope]) -> None:
    """The value of every such function for every row, into ``Scope.windows``."""
    for call in _calls(node):
        _require_known(call)
        for partition in _partitions(session, call.OverClause, lines):
            if call.FunctionName.Value.upper() in AGGREGATES:
                _aggregate(session, call, partition)
            else:
                _rank(session, call, partition)


@functools.lru_cache(maxsize=4096)
def _calls(node: Node) -> tuple[Node, ...]:
    found: list[Node] = []
    parts = [*node.SelectElements]
    if node.OrderByClause is not None:
        parts += node.OrderByClause.OrderByElements
    for part in parts:
        if part.get("Expression") is None:
            continue
        for inner in own_nodes(part.Expression):
            if inner.kind == "FunctionCall" and inner.get("OverClause") is not None:
                found.append(inner)
    return tuple(found)


def _require_known(call: Node) -> None:
    name = call.FunctionName.Value.upper()
    over = call.OverClause
    known = name in WINDOW_ONLY | AGGREGATES
    running = name in AGGREGATES and over.OrderByClause is not None
    if not known or running or over.get("WindowFrameClause") is not None:
        raise LabGap(f"window function {call.text}")


def _partitions(session: SqlSession, over: Node, lines: list[Scope]) -> list[list[Scope]]:
    partitions: dict[tuple[t.Any, ...], list[Scope]] = {}
    for line in lines:
        key = _values(session, over.Partitions, line)
        partitions.setdefault(key, []).append(line)
    return list(partitions.values())


def _values(session: SqlSession, nodes: Sequence[Node], line: Scope) -> tuple[t.Any, ...]:
    return tuple(sort_key(evaluate(session, node, line)) for node in nodes)


def _aggregate(session: SqlSession, call: Node, partition: list[Scope]) -> None:
    first = partition[0]
    total = Scope(first.sources, first.row, first.parent, group=partition)
    for line in partition:
        line.windows[id(call)] = aggregate(session, call, total)


def _rank(session: SqlSession, call: Node, partition: list[Scope]) -> None:
    name = call.FunctionName.Value.upper()
    order = call.OverClause.OrderByClause
    elements = order.OrderByElements if order is not None else ()
    expressions = [element.Expression for element in elements]
    ordered = in_order(partition, [_key(session, element) for element in elements])
    previous: tuple[t.Any, ...] | None = None
    ranks = {"ROW_NUMBER": 0, "RANK": 0, "DENSE_RANK": 0}
    for number, line in enumerate(ordered, start=1):
        values = _values(session, expressions, line)
        ranks["ROW_NUMBER"] = number
        if values != previous:
            ranks["RANK"] = number
            ranks["DENSE_RANK"] += 1
        previous = values
        line.windows[id(call)] = ranks[name]


def _key(session: SqlSession, element: Node) -> Key[Scope]:
    return Key(
        lambda line: evaluate(session, element.Expression, line),
        element.SortOrder == "Descending",
    )
