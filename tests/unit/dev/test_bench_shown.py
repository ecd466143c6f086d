"""The tables of the bench, and their places in the pages."""

from __future__ import annotations

import pytest

from dev.bench import build_costs, pool_costs, shown


@pytest.mark.parametrize("name", shown.PAGES)
def test_a_table_takes_its_place_in_its_page_and_nothing_else_changes(name):
    page = shown.PAGES[name].read_text(encoding="utf-8")
    text = shown.markdown(("Run", "Seconds"), [["build", "3.1 s"]]) + shown.measured_by("./run x")
    written = shown.written_into(page, name, text)
    assert text in written
    assert shown.written_into(written, name, text) == written
    before, _place, rest = page.partition(f"<!-- bench: {name} -->")
    assert written.startswith(before)
    assert written.endswith(rest.partition("<!-- end of bench -->")[2])


def test_a_page_without_a_place_for_the_table_is_refused():
    with pytest.raises(ValueError, match="0 places"):
        shown.written_into("# Guide\n", "outage", "table\n")


def test_a_row_of_pools_is_what_one_of_them_costs():
    cost = pool_costs.Cost(controller=8.0, lab=4.0, requests=402, seconds=20.0)
    assert cost.cells(4) == ["2.0 s", "1.0 s", "100", "5.0 s"]


def test_a_row_of_a_build_is_compared_with_the_bare_program():
    floor = build_costs.Row(2.0, {"requests": 100}, {})
    row = build_costs.Row(3.0, {"requests": 130, "runspaces": 7, "pipelines": 40, "shells": 0}, {})
    cells = build_costs.cells("cost nothing", "build", row, floor)
    assert cells == ["cost nothing", "build", "3.0 s", "1.5 x", "130", "1.3 x", "7", "40", "0"]
