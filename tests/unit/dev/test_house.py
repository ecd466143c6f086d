"""What ./run house counts: each kind where it is, and nothing else."""

from __future__ import annotations

import textwrap

import pytest

from dev.checks import all_checks
from dev.checks.house import __main__ as house
from dev.checks.house import ceilings, kinds, subscripts
from dev.checks.house.measure import measure
from dev.checks.house.source import Source, files_under


@pytest.fixture
def source(tmp_path):
    def write(text):
        path = tmp_path / "written.py"
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return Source.parse(path)

    return write


FOUND = {
    "long100": ("x = 1\ny = '" + "z" * 100 + "'\n", [2]),
    "long120": ("y = '" + "z" * 100 + "'\ny = '" + "z" * 120 + "'\n", [2]),
    "ternary": ("a = 1 if b else 2\nif b:\n    a = 1\n", [1]),
    "nested-ternary": ("a = 1 if b else 2 if c else 3\nd = 1 if b else (2, 3)\n", [1]),
    "comprehension": ("a = [b for b in c]\nd = list(c)\ne = {b: b for b in c}\n", [1, 3]),
    "nested-comprehension": (
        """
        a = [b for b in c for d in b]
        e = [[d for d in b] for b in c]
        f = [b for b in c if b if a]
        """,
        [1, 2],
    ),
    "tuple-assignment": ("a, b = 1, 2\na, b = c()\na = 1, 2\na = b, c = 1, 2\n", [1, 4]),
    "one-letter": (
        """
        def f(a, name, *b, _=None, **c): ...
        key = lambda d: 0
        other = lambda _: 0
        """,
        [1, 1, 1, 2],
    ),
    "by-position": ("Step('a')\nStep(name='a')\nmoves.Move('b')\nmove('a')\n", [1, 3]),
    "past-ten": (
        """
        def ten(a): return a or a or a or a or a or a or a or a or a or a
        def eleven(a): return a or a or a or a or a or a or a or a or a or a or a
        def around():
            def inner(a): return a or a or a or a or a or a or a or a or a or a
            return inner
        """,
        [2],
    ),
    "undocumented": (
        """
        def told():
            '''Told.'''
        def silent(): ...
        def _own(): ...
        class Thing:
            def method(self): ...
            def __len__(self): ...
        """,
        [3, 6],
    ),
    "undocumented-function": (
        """
        def silent():
            def inner(): ...
        class Thing:
            def method(self): ...
        """,
        [1],
    ),
    "undocumented-class": ("class A: ...\nclass B:\n    '''Told.'''\nclass _C: ...\n", [1]),
}


@pytest.mark.parametrize("kind", FOUND)
def test_each_kind_is_found_where_it_is_and_nowhere_else(source, kind):
    text, lines = FOUND[kind]
    assert list(kinds.KINDS[kind](source(text))) == lines


BRANCHES = {
    "nothing": ("return 1", 0),
    "if": ("if a:\n        b()\n    elif c:\n        d()\n    else:\n        e()", 2),
    "loops": ("for a in b:\n        while a:\n            c()", 2),
    "errors": (
        "try:\n        a()\n    except KeyError:\n        b()\n    except OSError:\n        c()",
        2,
    ),
    "or": ("return a or b or (c and d)", 3),
    "ternary": ("return a if b else c", 1),
    "comprehension": ("return [a for a in b if a if c for d in a]", 4),
    "match": ("match a:\n        case 1:\n            b()\n        case _:\n            c()", 2),
    "inside": ("def inner():\n        if a:\n            b()\n    return inner", 1),
}


@pytest.mark.parametrize("case", BRANCHES)
def test_branches_are_counted_in_expressions_as_well(source, case):
    body, expected = BRANCHES[case]
    assert len(list(kinds.branches(source(f"def f():\n    {body}\n")))) == expected


def test_branches_outside_of_functions_are_none(source):
    assert list(kinds.branches(source("if a:\n    b = [c for c in d]\n"))) == []


def test_blank_lines_and_functions_inside_functions_are_not_counted_twice(source):
    measured = measure(
        [
            source("""
        VALUE = 1


        def outer():

            def inner():
                return VALUE

            return inner
        """)
        ]
    )
    assert (measured.lines, measured.function_lines, measured.ways) == (5, 4, 2)


UNTYPED = """
    from __future__ import annotations
    from typing import Any, Literal, Mapping, TypedDict
    class Shape(TypedDict):
        key: int
    def typed(shape: Shape, numbers: dict[str, int], way: Literal["key"]) -> int:
        return shape["key"] + numbers["key"] + numbers.get("key", 0)
    def hoped(state: dict[str, Any], seen: Mapping[str, object], anything: Any) -> None:
        state["key"] = state.get("key")
        print(seen["key"], anything["key"], state["key"]["inner"])
    def either(some: Shape | dict[str, Any]) -> object:
        return some["key"]
    """


def test_a_key_is_untyped_where_mypy_knows_nothing_of_its_value(source):
    written = source(UNTYPED)
    found = subscripts.untyped_keys([written])[written.path]
    assert sorted(found) == [
        ("untyped-get", 8),
        *[("untyped-subscript", line) for line in (8, 9, 9, 9, 9, 11)],
    ]


def test_what_mypy_cannot_read_is_told_in_its_words(source):
    written = source("import nowhere_at_all\na: int = 'a'\ndef untyped(): b: int = 'b'\n")
    typed = subscripts.types_of([written.path])
    assert subscripts.untyped_keys([written], typed) == {written.path: []}
    codes = [line.rpartition("[")[2] for line in subscripts.errors_in(typed)]
    assert codes == ["import-not-found]", "assignment]", "no-untyped-def]", "assignment]"]
    written.path.write_text("a = (\n", encoding="utf-8")
    with pytest.raises(subscripts.NotTyped, match=r"written\.py:2: error"):
        subscripts.untyped_keys([written])


def test_what_is_left_out_of_all_checks_is_found_by_one_of_them():
    for name, by in all_checks.FOUND_BESIDES.items():
        assert {name, by} <= {*all_checks.CHECKS}
        assert by not in all_checks.FOUND_BESIDES


def test_a_folder_without_python_is_refused(tmp_path, capsys):
    with pytest.raises(FileNotFoundError, match="nothing can be counted there"):
        files_under(tmp_path)
    assert house.main([str(tmp_path)]) == 2
    assert "Name a file, or a folder that holds some." in capsys.readouterr().err


def test_places_are_printed_with_their_line(source, capsys):
    written = source("a = 1\nb = 1 if a else 2\n")
    assert house.main(["--list", "ternary", str(written.path)]) == 0
    assert capsys.readouterr().out == f"{written.path}:2: b = 1 if a else 2\n"


def test_a_file_that_is_named_twice_is_counted_once(source, capsys):
    written = source("a = 1\nb = 1 if a else 2\n")
    assert house.main(["--without-types", str(written.path), str(written.path.parent)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[1] for row in rows[1:]] == ["2", "2", "2"]
    assert rows[-1][0] == "all"


def test_what_is_new_and_what_is_gone_is_told(source, monkeypatch):
    monkeypatch.setattr(ceilings, "CEILINGS", {"dev": {"one-letter": 2, "untyped-subscript": 1}})
    written = source("a, b = 1, 2\nkey = lambda c: c\n")
    measured = measure([written], {written.path: []})
    (new,) = ceilings.new_in("dev", measured)
    assert new.startswith(
        "dev: 1 of tuple-assignment, at most 0. ./run house --list tuple-assignment"
    )
    assert list(ceilings.gone_from("dev", measured)) == [
        "dev: the ceiling of one-letter may fall from 2 to 1.",
        "dev: the ceiling of untyped-subscript may fall from 1 to 0.",
    ]


def test_public_functions_without_a_docstring_are_new_in_the_plugins_only(source):
    written = source("def silent(): ...\n")
    measured = measure([written], {written.path: []})
    assert list(ceilings.new_in("dev", measured)) == []
    (new,) = ceilings.new_in("plugins/anywhere", measured)
    assert "undocumented-function" in new
