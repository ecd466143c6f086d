"""The kinds of findings on a syntax tree: each a function from a source to the lines where it is.

What a linter calls complexity are statements. ``or``, ternaries and comprehensions are branches as
well, and are counted here.
"""

from __future__ import annotations

import ast
import typing as t
from collections.abc import Callable, Iterator

from .source import FUNCTIONS, Function, Source

Lines = Iterator[int]

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
#: Each of these is one way more through a function. ``and`` and ``or`` are one for each operator.
BRANCHES = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.IfExp,
    ast.match_case,
    ast.comprehension,
)
MANY_WAYS = 10
#: Constructors whose values are told apart by name only.
BY_KEYWORD = frozenset({"Step", "Move"})
#: A parameter of this name says that it is not used.
UNUSED = "_"


def lines_over(limit: int) -> Callable[[Source], Lines]:
    """Lines of more characters than that."""

    def found(source: Source) -> Lines:
        for number, line in enumerate(source.lines, start=1):
            if len(line) > limit:
                yield number

    return found


def ternaries(source: Source) -> Lines:
    """``x if y else z``."""
    for node in source.nodes:
        if isinstance(node, ast.IfExp):
            yield node.lineno


def nested_ternaries(source: Source) -> Lines:
    """A ternary anywhere inside another one's expression."""
    for node in source.nodes:
        if isinstance(node, ast.IfExp) and _inside(source, node, (ast.IfExp,)):
            yield node.lineno


def comprehensions(source: Source) -> Lines:
    """Lists, sets, dicts and generators that are made of a ``for`` in an expression."""
    for node in source.nodes:
        if isinstance(node, COMPREHENSIONS):
            yield node.lineno


def nested_comprehensions(source: Source) -> Lines:
    """A comprehension with two ``for``, or one inside another."""
    for node in source.nodes:
        if not isinstance(node, COMPREHENSIONS):
            continue
        if len(node.generators) > 1 or _inside(source, node, COMPREHENSIONS):
            yield node.lineno


def tuple_assignments(source: Source) -> Lines:
    """``a, b = x, y``: two statements in one line. To unpack the result of a call is none of it."""
    for node in source.nodes:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Tuple):
            continue
        if any(isinstance(target, ast.Tuple) for target in node.targets):
            yield node.lineno


def one_letter_parameters(source: Source) -> Lines:
    """Of functions and of lambdas."""
    for node in source.nodes:
        if isinstance(node, ast.arg) and len(node.arg) == 1 and node.arg != UNUSED:
            yield node.lineno


def by_position(source: Source) -> Lines:
    """A ``Step`` or a ``Move`` whose values are told apart by their order only."""
    for node in source.nodes:
        if isinstance(node, ast.Call) and node.args and _called(node) in BY_KEYWORD:
            yield node.lineno


def branches(source: Source) -> Lines:
    """Every branch inside a function, once for each way that it adds."""
    for node in source.nodes:
        ways_more = _ways(node)
        if not ways_more or not _inside(source, node, FUNCTIONS):
            continue
        for _way in range(ways_more):
            yield _line_of(node)


def past_ten(source: Source) -> Lines:
    """Functions with more than ten ways through them; what a function encloses is part of it."""
    for node in source.nodes:
        if isinstance(node, FUNCTIONS) and 1 + sum(map(_ways, ast.walk(node))) > MANY_WAYS:
            yield node.lineno


def undocumented(source: Source) -> Lines:
    """Public functions and methods without a docstring."""
    for node in public_functions(source):
        if _is_silent(node):
            yield node.lineno


def undocumented_functions(source: Source) -> Lines:
    """Those of them that stand in a module by themselves: what other files import."""
    for node in public_functions(source):
        if _is_silent(node) and isinstance(source.parents[node], ast.Module):
            yield node.lineno


def undocumented_classes(source: Source) -> Lines:
    """Public classes without a docstring."""
    for node in source.nodes:
        if isinstance(node, ast.ClassDef) and _is_public(node) and _is_silent(node):
            yield node.lineno


def public_functions(source: Source) -> Iterator[Function]:
    """Functions and methods whose name does not begin with ``_``."""
    for node in source.nodes:
        if isinstance(node, FUNCTIONS) and _is_public(node):
            yield node


def ways(source: Source) -> int:
    """The ways through all functions: each has one, and one more with each branch."""
    functions = sum(1 for node in source.nodes if isinstance(node, FUNCTIONS))
    return functions + sum(1 for _line in branches(source))


def function_lines(source: Source) -> int:
    """How many lines that are not blank stand in functions; each is counted once."""
    lines = 0
    for node in source.nodes:
        if isinstance(node, FUNCTIONS) and not _inside(source, node, FUNCTIONS):
            lines += source.written_between(node.lineno, node.end_lineno or node.lineno)
    return lines


def _is_public(node: Function | ast.ClassDef) -> bool:
    return not node.name.startswith("_")


def _is_silent(node: Function | ast.ClassDef) -> bool:
    return ast.get_docstring(node) is None


def _inside(source: Source, node: ast.AST, kinds: tuple[type[ast.AST], ...]) -> bool:
    """Whether one of these encloses the node."""
    return any(isinstance(outer, kinds) for outer in source.around(node))


def _ways(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return int(isinstance(node, BRANCHES))


def _line_of(node: ast.AST) -> int:
    """A comprehension's ``for`` and a ``case`` have no line, but what they name has one."""
    if isinstance(node, ast.comprehension):
        return node.target.lineno
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    return t.cast(ast.expr, node).lineno


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


KINDS: dict[str, Callable[[Source], Lines]] = {
    "long120": lines_over(120),
    "long100": lines_over(100),
    "ternary": ternaries,
    "nested-ternary": nested_ternaries,
    "comprehension": comprehensions,
    "nested-comprehension": nested_comprehensions,
    "tuple-assignment": tuple_assignments,
    "one-letter": one_letter_parameters,
    "by-position": by_position,
    "branch": branches,
    "past-ten": past_ten,
    "undocumented": undocumented,
    "undocumented-function": undocumented_functions,
    "undocumented-class": undocumented_classes,
}
