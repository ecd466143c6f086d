"""The slowest tests are listed from what pytest wrote down."""

from __future__ import annotations

from dev.checks import all_checks, slowest

REPORT = """<testsuites><testsuite name="pytest">
<testcase classname="tests.unit.test_a" name="test_quick[x]" time="0.5" />
<testcase classname="tests.unit.test_a" name="test_slow" time="12.25" />
</testsuite></testsuites>"""


def test_the_slowest_comes_first(tmp_path, monkeypatch, capsys):
    (tmp_path / "unit.xml").write_text(REPORT, encoding="utf-8")
    monkeypatch.setattr(slowest, "FOLDER", tmp_path)
    assert slowest.main() == 0
    _empty, heading, first, second = capsys.readouterr().out.splitlines()
    assert heading == "The slowest 30 of 2 tests, which took 13 s in all:"
    assert first == "   12.2 s  tests.unit.test_a::test_slow"
    assert second == "    0.5 s  tests.unit.test_a::test_quick[x]"


def test_where_nothing_was_run_it_says_what_to_run(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(slowest, "FOLDER", tmp_path)
    assert slowest.main() == 2
    assert "./run test unit integration" in capsys.readouterr().out


def test_both_kinds_of_tests_write_down_what_they_take():
    for check in ("unit", "integration"):
        assert set(slowest.recorded(check)) <= set(all_checks.command_of(check))
