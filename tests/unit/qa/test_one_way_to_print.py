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


def test_one_line_prints_and_to_stderr():
    (printing,) = places(r"\.display\(|\bprint\(|sys\.std(out|err)")
    assert printing[2] == "display.display(visible(line), stderr=True)"


def test_one_function_makes_values_plain():
    assert [name for name, _n, _line in places(r"def plain\(")] == ["plain.py"]


def test_yaml_is_written_of_plain_values_only():
    assert all("plain(" in line for _name, _n, line in places(r"yaml\.(safe_)?dump\("))
