"""One file of Python as it is counted: its lines, its syntax tree, and what encloses what."""

from __future__ import annotations

import ast
import dataclasses
import functools
import pathlib
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).parents[3]
#: The code that people change; what only tests it is held by the linters alone.
TREES = (
    "plugins/plugin_utils/_domain",
    "plugins/plugin_utils/_engine",
    "plugins/plugin_utils/_transport",
    "plugins/plugin_utils/_action",
    "tests/lab/pchat_lab",
    "tests/model",
    "tests/crash",
    "tests/nights",
    "tests/support",
    "dev",
)

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclasses.dataclass(frozen=True)
class Source:
    """A parsed file."""

    path: pathlib.Path
    lines: tuple[str, ...]
    nodes: tuple[ast.AST, ...]
    parents: dict[ast.AST, ast.AST]

    @classmethod
    def parse(cls, path: pathlib.Path) -> Source:
        """Read one file. Raises ``SyntaxError`` when it is no Python."""
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text, filename=str(path))
        nodes = tuple(ast.walk(tree))
        parents: dict[ast.AST, ast.AST] = {}
        for node in nodes:
            for child in ast.iter_child_nodes(node):
                parents[child] = node
        return cls(path=path, lines=tuple(text.splitlines()), nodes=nodes, parents=parents)

    @functools.cached_property
    def written_lines(self) -> int:
        """How many lines are not blank. Comments and docstrings count: they are read as well."""
        return self.written_between(1, len(self.lines))

    def written_between(self, first: int, last: int) -> int:
        """How many of these lines (from 1, both included) are not blank."""
        return sum(1 for line in self.lines[first - 1 : last] if line.strip())

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """What encloses a node, from the inside out."""
        while node in self.parents:
            node = self.parents[node]
            yield node


def sources_under(path: pathlib.Path) -> list[Source]:
    """Every file of a folder, parsed. Raises ``FileNotFoundError`` and ``SyntaxError``."""
    return [Source.parse(file) for file in files_under(path.absolute())]


def files_under(path: pathlib.Path) -> list[pathlib.Path]:
    """The Python files of a folder, or the one that was named. Raises ``FileNotFoundError``."""
    if path.is_file():
        return [path]
    found = sorted(path.rglob("*.py"))
    if not found:
        raise FileNotFoundError(
            f"No Python file at {path}: nothing can be counted there. "
            "Name a file, or a folder that holds some."
        )
    return found
