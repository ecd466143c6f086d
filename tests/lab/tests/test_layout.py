"""The rooms of the lab: what may import what, and that nothing goes round in a circle."""

from __future__ import annotations

import ast
import functools
import pathlib
import typing as t
from collections.abc import Iterator

import pytest

import pchat_lab

PACKAGE = pathlib.Path(pchat_lab.__file__).parent
#: From the ground up. A room imports from itself and from floors below its own.
FLOORS = (
    ("world",),
    ("powershell",),
    ("sqlserver",),
    ("chat", "faults", "lync", "windows"),
    ("wire",),
    ("estate",),
    ("control",),
)
#: The same inside of sqlserver. What stands above all of them is a file of its own: "".
SQL_FLOORS = (
    ("language",),
    ("server",),
    ("agent", "backups", "catalog", "mirroring"),
    ("log_shipping",),
    ("",),
)
#: Imports inside of functions, and why they stand there.
LATE = {
    (
        "control/cli.py",
        "pchat_lab.control.lab",
    ): "only the lab's own process needs a server's libraries",
    ("control/lab.py", "pchat_lab.wire.kerberos"): "its libraries are there where Kerberos is",
    ("sqlserver/language/parser.py", "clr"): "there once .NET is loaded",
    ("sqlserver/language/parser.py", "pythonnet"): "the first parse loads .NET",
    ("sqlserver/language/parser.py", "Microsoft.SqlServer.TransactSql.ScriptDom"): "of .NET",
    ("sqlserver/language/parser.py", "System.IO"): "of .NET",
}


class Import(t.NamedTuple):
    """``late``: it stands inside of a function."""

    importer: str
    imported: str
    late: bool


@functools.cache
def modules() -> dict[str, pathlib.Path]:
    """Every file of the lab by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


@functools.cache
def imports() -> tuple[Import, ...]:
    """Every import that happens at run time."""
    found: list[Import] = []
    for name, path in modules().items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += imports_below(tree, name, late=False)
    return tuple(found)


def imports_below(node: ast.AST, importer: str, *, late: bool) -> Iterator[Import]:
    """Without those under ``if TYPE_CHECKING``."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    if isinstance(node, ast.Import | ast.ImportFrom):
        for imported in imported_by(node, importer):
            yield Import(importer, imported, late)
    for child in ast.iter_child_nodes(node):
        yield from imports_below(child, importer, late=late)


def imported_by(node: ast.Import | ast.ImportFrom, importer: str) -> Iterator[str]:
    """The modules that a statement names; of others' packages the name that is written."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = package_of(importer, node.level) if node.level else ""
    source = ".".join(part for part in (base, node.module) if part)
    for alias in node.names:
        inner = f"{source}.{alias.name}"
        yield inner if inner in modules() else source


def package_of(importer: str, level: int) -> str:
    """What so many dots mean in that module."""
    is_package = modules()[importer].name == "__init__.py"
    parts = importer.split(".")
    kept = len(parts) - level + (1 if is_package else 0)
    return ".".join(parts[:kept])


def graph() -> dict[str, set[str]]:
    """Module -> the lab's modules that it imports, early or late."""
    found: dict[str, set[str]] = {name: set() for name in modules()}
    for each in imports():
        if each.imported in modules() and each.imported != each.importer:
            found[each.importer].add(each.imported)
    return found


def circle_in(edges: dict[str, set[str]]) -> list[str]:
    """One way back to where it began; empty when there is none."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        for following in sorted(edges[name]):
            circle = walk(following, [*way, name])
            if circle:
                return circle
        done.add(name)
        return []

    for start in edges:
        circle = walk(start, [])
        if circle:
            return circle
    return []


def floor_of(room: str, floors: tuple[tuple[str, ...], ...]) -> int:
    """KeyError for a room that stands on no floor."""
    for number, rooms in enumerate(floors):
        if room in rooms:
            return number
    raise KeyError(f"{room!r} stands on no floor")


def room_of(module: str, below: str) -> str:
    """The folder of a module below a package; "" for a file of the package itself."""
    rest = module.removeprefix(f"{below}.").split(".")
    folder = modules()[module].name == "__init__.py"
    return rest[0] if len(rest) > 1 or folder else ""


def climbing(below: str, floors: tuple[tuple[str, ...], ...]) -> list[str]:
    """Imports of rooms that are not below the importer's own."""
    found = []
    for each in imports():
        if not (each.importer.startswith(f"{below}.") and each.imported.startswith(f"{below}.")):
            continue
        one = room_of(each.importer, below)
        other = room_of(each.imported, below)
        if one != other and floor_of(one, floors) <= floor_of(other, floors):
            found.append(f"{each.importer} imports {each.imported}")
    return found


def test_no_module_comes_back_to_itself_by_its_imports():
    assert circle_in(graph()) == []


def test_a_circle_would_be_found():
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle_in({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_a_room_imports_only_rooms_of_floors_below():
    floors = (*FLOORS, ("",))  # __main__ stands above all
    assert climbing("pchat_lab", floors) == []


def test_a_room_of_the_sql_server_imports_only_rooms_of_floors_below():
    assert climbing("pchat_lab.sqlserver", SQL_FLOORS) == []


def test_every_room_stands_on_a_floor():
    on_floors = {room for floor in FLOORS for room in floor}
    assert on_floors == {path.parent.name for path in PACKAGE.glob("*/__init__.py")}


def test_an_import_inside_of_a_function_has_a_reason():
    late = set()
    for each in imports():
        if each.late:
            path = modules()[each.importer].relative_to(PACKAGE)
            late.add((path.as_posix(), each.imported))
    assert late == set(LATE)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_nothing_is_called_by_a_name_that_is_put_together(path: pathlib.Path):
    """What goes by a kind registers: no search finds ``getattr(self, f"_{kind}")``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr":
            assert not isinstance(node.args[1], ast.JoinedStr), f"{path}:{node.lineno}"


def test_a_file_has_one_subject_that_fits_into_410_lines():
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py")
    }
    assert [str(path) for path, length in lengths.items() if length > 410] == []
