"""Lines for people leave through one function, which keeps stdout to the callback and shows
what acts; and values become plain in one.
"""

from __future__ import annotations

import pathlib
import re

PLUGINS = pathlib.Path(__file__).parents[3] / "plugins"


def places(pattern):
    found = []
    for path in sorted(PLUGINS.rglob("*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(pattern, line):
                found.append((path.name, number, line.strip()))
    return found


def test_one_line_prints_to_stderr_and_stdout_is_the_callbacks():
    printing = places(r"\.display\(|\bprint\(|sys\.std(out|err)")
    (beside,) = [line for name, _n, line in printing if name != "night.py"]
    assert beside == "display.display(visible(line), stderr=True)"
    assert [line for name, _n, line in printing if name == "night.py"] == [
        "self._display.display(visible(line.text), color=_COLOURS[line.tone])",
        "self._display.display(text)",
    ]


def test_one_function_makes_values_plain():
    assert [name for name, _n, _line in places(r"def plain\(")] == ["plain.py"]


def test_yaml_is_written_of_plain_values_only():
    assert all("plain(" in line for _name, _n, line in places(r"yaml\.(safe_)?dump\("))
