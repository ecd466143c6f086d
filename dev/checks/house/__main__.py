"""./run house: how dense each tree of the code is, or where the findings of one kind stand.

Figures are per 1,000 lines that are not blank, with the number of all in brackets. "Ways a line":
each function has one way through it, and each branch, ``or``, ternary and comprehension adds one;
so many for each line of a function. "Documented": public functions and methods with a docstring.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Iterable, Iterator, Sequence

from mypy.util import hard_exit

from .ceilings import gone_from, new_in
from .kinds import KINDS
from .measure import COLUMNS, UNTYPED, Measure, measure
from .source import ROOT, TREES, Source, sources_under
from .subscripts import NotTyped, errors_in, types_of, untyped_keys


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, or with ``--list`` places. 2 when something cannot be read."""
    asked = _parser().parse_args(arguments)
    default = [ROOT / tree for tree in TREES]
    try:
        if asked.check:
            return _check()
        trees = {path: sources_under(path) for path in asked.paths or default}
        if asked.kind is not None:
            _print_places(trees, asked.kind)
        else:
            _print_table(trees, with_types=not asked.without_types)
    except (FileNotFoundError, SyntaxError, NotTyped) as error:
        print(f"house: {error}", file=sys.stderr)
        return 2
    return 0


def _check() -> int:
    """1 when there is more of a kind than may be, or when mypy finds an error: it is asked for
    types anyway, which is most of its work.
    """
    trees = {tree: sources_under(ROOT / tree) for tree in TREES}
    typed = types_of()
    untyped = untyped_keys(_once(trees.values()), typed)
    failed = False
    for line in errors_in(typed):
        print(line, file=sys.stderr)
        failed = True
    for tree, sources in trees.items():
        measured = measure(sources, untyped)
        for sentence in new_in(tree, measured):
            print(sentence, file=sys.stderr)
            failed = True
        for sentence in gone_from(tree, measured):
            print(sentence)
    return int(failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run house", description=__doc__)
    parser.add_argument(
        "paths",
        nargs="*",
        type=pathlib.Path,
        help="folders or files (default: each tree of the code)",
    )
    parser.add_argument(
        "--list",
        dest="kind",
        metavar="KIND",
        choices=[*KINDS, *UNTYPED],
        help="print where the findings of one kind stand: %(choices)s",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="fail when a tree has more of a kind than its ceiling; tell which ceilings may fall",
    )
    parser.add_argument(
        "--without-types",
        action="store_true",
        help="do not ask mypy, which takes half a minute",
    )
    return parser


def _print_places(trees: dict[pathlib.Path, list[Source]], kind: str) -> None:
    for sources in trees.values():
        for source, number in _places(sources, kind):
            print(f"{_shown(source.path)}:{number}: {source.lines[number - 1].strip()}")


def _places(sources: Sequence[Source], kind: str) -> Iterator[tuple[Source, int]]:
    if kind in UNTYPED:
        yield from _untyped_places(sources, kind)
        return
    for source in sources:
        for line in sorted(KINDS[kind](source)):
            yield source, line


def _untyped_places(sources: Sequence[Source], kind: str) -> Iterator[tuple[Source, int]]:
    untyped = untyped_keys(sources)
    for source in sources:
        for key in untyped[source.path]:
            if key.kind == kind:
                yield source, key.line


def _print_table(trees: dict[pathlib.Path, list[Source]], with_types: bool) -> None:
    everything = _once(trees.values())
    untyped = untyped_keys(everything) if with_types else None
    rows = [_row(str(_shown(path)), measure(sources, untyped)) for path, sources in trees.items()]
    if len(trees) > 1:
        rows.append(_row("all", measure(everything, untyped)))
    table = [["", *COLUMNS], *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join([row[0].ljust(widths[0]), *cells[1:]]))


def _once(trees: Iterable[Sequence[Source]]) -> list[Source]:
    """Every file once, also where one tree is a part of another."""
    by_path: dict[pathlib.Path, Source] = {}
    for sources in trees:
        by_path.update((source.path, source) for source in sources)
    return list(by_path.values())


def _row(name: str, measured: Measure) -> list[str]:
    return [name, *(show(measured) for show in COLUMNS.values())]


def _shown(path: pathlib.Path) -> pathlib.Path:
    absolute = path.absolute()
    return absolute.relative_to(ROOT) if ROOT in absolute.parents else path


if __name__ == "__main__":
    hard_exit(main())  # to take apart what mypy made takes as long as to make it
