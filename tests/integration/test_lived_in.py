"""site.yml on an estate that was administered for years: sa renamed, folders, languages and
accounts that differ from server to server.
"""

from __future__ import annotations

import datetime as dt
import json

import pytest

from support import smaller
from support.console import sql

NORTH, MIRROR, SOUTH = (f"sql-{n}.contoso.example" for n in ("n1", "n2", "s1"))


@pytest.fixture(scope="module")
def lived_in(warm, tmp_path_factory):
    """(lab, the build, the run after it, what check mode foretold of the build)."""
    with smaller.running("lived_in", tmp_path_factory.mktemp("lived_in")) as lab:
        lab.warm = warm
        check = lab.play("site", "--check", "--diff")
        real = lab.play("site")
        assert real.rc == 0, real.output[-3000:]
        yield lab, real, lab.play("site"), check


def test_it_is_built_and_the_second_run_changes_nothing(lived_in):
    _lab, _real, again, _check = lived_in
    assert again.rc == 0, again.output[-3000:]
    assert again.steps() == []


def test_check_mode_foretold_it_and_foretells_nothing_more(lived_in):
    """Where files of a copy go is known only when the backup of it is there."""
    lab, real, _again, check = lived_in
    assert [step[:3] for step in check.told()] == [step[:3] for step in real.told()]
    assert lab.play("site", "--check").steps() == []


def test_what_is_made_belongs_to_the_built_in_administrator_of_each_server(lived_in):
    lab, *_rest = lived_in
    instances = lab.chatlab("state")["instances"]
    for host, owner in ((NORTH, "ladmin"), (MIRROR, "chef"), (SOUTH, "root")):
        assert {job["owner"] for job in instances[host]["jobs"]} == {owner}
        assert {endpoint["owner"] for endpoint in instances[host]["endpoints"].values()} <= {owner}


def test_files_go_where_each_server_has_room_for_them(lived_in):
    lab, real, *_rest = lived_in
    instances = lab.chatlab("state")["instances"]
    places = {host: instances[host]["databases"]["mgc"]["files"] for host in (NORTH, MIRROR, SOUTH)}
    assert [path.rpartition("\\")[0] for path in places[NORTH]] == ["D:\\Data", "E:\\Log"]
    assert [path.rpartition("\\")[0] for path in places[MIRROR]] == [
        "E:\\MSSQL\\Daten",
        "E:\\MSSQL\\Protokolle",
    ]
    assert [path.rpartition("\\")[0] for path in places[SOUTH]] == ["E:\\Donnees", "D:\\Journaux"]
    assert any(
        "MOVE N'mgc' TO N'E:\\MSSQL\\Daten\\mgc.mdf'" in call
        for step in real.steps()
        for call in step[3]
    )


def test_a_job_that_came_to_belong_to_a_person_is_given_back(lived_in):
    lab, *_rest = lived_in
    sql(
        lab,
        NORTH,
        "CREATE LOGIN [CONTOSO\\helpdesk] FROM WINDOWS; EXEC msdb.dbo.sp_update_job @job_name ="
        " N'LSBackup_mgc', @owner_login_name = N'CONTOSO\\helpdesk'",
    )
    assert [step[2] for step in lab.play("site").steps()] == ["own_job"]


def test_shares_that_are_hidden_from_people_who_browse_will_do(lived_in):
    lab, *_rest = lived_in
    hidden = r"\\fs-s1.contoso.example\pchat-hidden$"
    run = lab.play("preflight", "-e", json.dumps({"mirror_seed_share": hidden}))
    assert run.rc == 0, run.output[-2000:]


def test_whoever_uses_a_database_is_let_in_on_every_server_where_that_is_asked_for(lived_in):
    lab, *_rest = lived_in
    lab.chatlab(
        "fault",
        "add",
        "operator",
        f"host={NORTH}",
        "database=mgc",
        "sql=IF SUSER_ID(N'CONTOSO\\helpdesk') IS NULL"
        " CREATE LOGIN [CONTOSO\\helpdesk] FROM WINDOWS;"
        " CREATE USER help FOR LOGIN [CONTOSO\\helpdesk]",
    )
    told = "there is no login for help"
    assert told in lab.play("status").output
    asked = ("-e", json.dumps({"stretched_pool_create_logins": True}))
    run = lab.play("site", *asked)
    assert [step[2] for step in run.steps()] == ["create_login"] * 3
    assert told not in lab.play("status").output
    assert lab.play("site", *asked).steps() == []


@pytest.mark.campaign
def test_when_the_clocks_go_back_nothing_is_to_be_done(lived_in):
    """Local times of msdb are from before the change, those of services as well. The summer passes
    without jobs: what they write in five months would keep the lab busy with every question.
    """
    lab, *_rest = lived_in
    now = lab.now()
    change = dt.datetime(now.year, 10, 25, 1, tzinfo=now.tzinfo)
    assert now < change
    agents = [lab.add_fault("sql_agent", f"host={host}") for host in ("sql-n1", "sql-n2", "sql-s1")]
    while change - now > dt.timedelta(days=1):
        step = min(dt.timedelta(days=10), change - now - dt.timedelta(hours=12))
        lab.chatlab("clock", "advance", f"{int(step.total_seconds())}s")
        now += step
    for agent in agents:
        lab.chatlab("fault", "clear", agent)
    lab.chatlab("clock", "advance", f"{int((change - now).total_seconds()) + 3600}s")
    again = lab.play("site")
    assert again.rc == 0, again.output[-3000:]
    assert again.steps() == []
