"""fidelity.yml on the lab: it changes nothing, confirms all that can be checked, and notices a
lab that differs.
"""

from __future__ import annotations

import json

import pytest

from support.console import sql

NORTH = "sql-n1.contoso.example"
#: Of the smaller estate.
HOSTS = 13


@pytest.fixture(scope="module")
def checked(built_lab, tmp_path_factory):
    """(lab, run, report, journal entries of the run) on the built estate."""
    file = tmp_path_factory.mktemp("fidelity") / "report.json"
    lab = built_lab
    # what the build set may be on its way to the replicas still
    lab.chatlab("clock", "advance", "1m")
    before = lab.chatlab("state", "--fingerprint")
    last = lab.chatlab("journal")[-1]["number"]
    run = lab.play("fidelity", "-e", f"fidelity_report_path={file}")
    entries = lab.chatlab("journal", "--since", str(last))
    assert lab.chatlab("state", "--fingerprint") == before
    return lab, run, json.loads(file.read_text(encoding="utf-8")), entries


def verdicts(report, verdict):
    return {entry["id"] for entry in report["assumptions"] if entry["verdict"] == verdict}


def told(run):
    """What the reporting task of a run returned."""
    return next(
        line["result"] for line in run.results if line["action"].endswith("fidelity_report")
    )


def test_nothing_is_changed_and_nothing_is_strange_to_the_lab(checked):
    lab, run, _report, entries = checked
    assert run.rc == 0, run.output[-3000:]
    assert len(entries) > 100
    assert [e for e in entries if e["write"] or e["impossible"]] == []
    assert lab.chatlab("stats")["total"]["shells"] == 0


def test_the_lab_confirms_everything_that_can_be_checked_on_it(checked):
    _lab, _run, report, _entries = checked
    assert verdicts(report, "refuted") == set()
    open_ones = [entry for entry in report["assumptions"] if entry["verdict"] == "not_checkable"]
    assert {
        e["id"]
        for e in open_ones
        if not e["why"].startswith(("only a change", "nothing in the plugins"))
    } == {
        *("store-instance", "header-zone", "endpoint-parameters", "sqlps-location", "upn-name"),
        *("mirror-alerts", "topology-builder-words", "silent-connect"),
    }
    assert report["counts"] == {
        "confirmed": len(verdicts(report, "confirmed")),
        "refuted": 0,
        "not_checkable": len(open_ones),
    }
    assert len(report["hosts"]) == HOSTS


def test_lines_and_document_say_the_same(checked):
    _lab, run, report, _entries = checked
    assert told(run)["report"] == report
    assert (
        told(run)["lines"][0] == f"{report['counts']['confirmed']} confirmed, 0 refuted,"
        f" {report['counts']['not_checkable']} not checkable, on {HOSTS} hosts"
    )


def test_a_lab_that_differs_is_noticed(checked):
    lab, *_rest = checked
    lab.chatlab(
        "fault",
        "add",
        "deviation",
        "cmdlet=Get-CsService",
        "property=InactiveServers",
        "becomes=StandbyServers",
    )
    lab.chatlab(
        "fault",
        "add",
        "deviation",
        "cmdlet=Get-CimInstance",
        "property=DisplayName",
        "becomes=Caption",
    )
    lab.chatlab("fault", "add", "host", "host=sql-n3")
    sql(lab, NORTH, "ALTER DATABASE [mgccomp] SET PARTNER OFF")
    try:
        found = told(lab.play("fidelity"))
    finally:
        lab.chatlab("fault", "clear")
    assert set(found["refuted"]) == {
        "service-properties",
        "object-properties",
        "service-display-names",
    }
    seen = {
        entry["id"]: {f["seen"] for f in entry["findings"] if f["verdict"] == "refuted"}
        for entry in found["report"]["assumptions"]
    }
    assert seen["service-properties"] == {"not there: Get-CsService: InactiveServers"}
    assert "sql-n3.contoso.example" in found["report"]["not_asked"]
