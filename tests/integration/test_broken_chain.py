"""A log backup that somebody else took: told by status, healed by site.yml."""

from __future__ import annotations

import pytest

from support.outage import told_by_status

NORTH, SOUTH = "sql-n1.contoso.example", "sql-s1.contoso.example"
ACCEPT = ("-e", "log_shipping_primary_accept_foreign_log_backups=true")


@pytest.fixture(scope="module")
def broken(built_lab):
    """(lab, status while the chain is broken, the site that heals it, status after that)."""
    lab = built_lab
    lab.chatlab("clock", "advance", "40m")
    lab.chatlab("chat", "post", "10")
    lab.chatlab("fault", "add", "foreign_log_backup", f"host={NORTH}", "database=mgc", "path=NUL")
    fresh = situation(lab)
    lab.chatlab("clock", "advance", "3h")
    told = lab.play("status", "-e", "{status_fail_when: \"situation.name != 'Healthy'\"}")
    late = told_by_status(told)
    site = lab.play("site", *ACCEPT)
    assert site.rc == 0, site.output[-3000:]
    return lab, (fresh, late), told, site, situation(lab)


def situation(lab):
    return told_by_status(lab.play("status"))


def test_the_chain_is_not_healthy_at_once_nor_hours_later(broken):
    _lab, documents, told, *_rest = broken
    assert [document["situation"]["name"] for document in documents] == [
        "ChainBroken",
        "ChainBroken",
    ]
    assert told.rc != 0


def test_the_lag_is_told_by_what_could_be_applied(broken):
    _lab, (_fresh, late), *_rest = broken
    assert {"chain_broken", "lag"} <= {finding["code"] for finding in late["findings"]}
    assert late["failover_now"]["loss"]["minutes"] > 150


def test_site_seeds_the_secondary_again_and_says_why(broken):
    _lab, _documents, _told, site, after = broken
    assert "cannot follow and is seeded again" in site.output
    assert [step[2] for step in site.steps()] == [
        "back_up_database",
        "verify_backup",
        "restore_database",
    ]
    assert after["situation"]["name"] == "Healthy"


def test_the_log_that_is_shipped_from_then_on_is_applied(broken):
    lab, *_rest = broken
    lab.chatlab("clock", "advance", "40m")
    document = situation(lab)
    assert document["situation"]["name"] == "Healthy"
    assert document["failover_now"]["loss"]["minutes"] < 40
    again = lab.play("site", *ACCEPT)
    assert (again.rc, again.steps()) == (0, [])


TOOLS = ("batch", "sqlcmd", "solution", "solution_sqlcmd", "plan")


@pytest.fixture(scope="module")
def foreign(broken):
    """Preflight, once every tool has a job for this database and one for another."""
    lab, *_rest = broken
    for tool in TOOLS:
        for name, database in (("Nightly", "mgc"), ("Crm", "crm")):
            lab.chatlab(
                "fault",
                "add",
                "backup_job",
                f"host={NORTH}",
                f"name={name} {tool}",
                f"tool={tool}",
                f"databases={database}",
            )
    return lab.play("preflight")


@pytest.mark.parametrize("tool", TOOLS)
def test_preflight_names_the_job_of_another_tool_and_leaves_other_databases_alone(foreign, tool):
    assert foreign.rc != 0
    assert f"Nightly {tool}" in foreign.output
    assert f"Crm {tool}" not in foreign.output


def test_a_user_without_a_login_on_the_other_servers_is_told(broken):
    lab, *_rest = broken
    lab.chatlab(
        "fault",
        "add",
        "operator",
        f"host={NORTH}",
        "database=mgc",
        "sql=CREATE LOGIN app WITH PASSWORD = N'Long-Enough-1'; CREATE USER app FOR LOGIN app",
    )
    told = [
        finding["text"]
        for finding in situation(lab)["findings"]
        if finding["code"] == "login_missing"
    ]
    # the mirror and both servers of the backup site
    assert len(told) == 3
    assert all("there is no login for app" in text for text in told)
