"""site.yml on an estate that was administered for years: sa renamed, folders, languages and
accounts that differ from server to server.
"""

from __future__ import annotations

import pytest

from support import labs
from support.console import sql

NORTH, MIRROR, SOUTH = (f"sql-{n}.contoso.example" for n in ("n1", "n2", "s1"))


@pytest.fixture(scope="module")
def lived_in():
    """(lab, the build, the run after it)."""
    with labs.running("lived_in", inventory="default") as lab:
        real = lab.play("site")
        assert real.rc == 0, real.output[-3000:]
        yield lab, real, lab.play("site")


def test_it_is_built_and_the_second_run_changes_nothing(lived_in):
    _lab, _real, again = lived_in
    assert again.rc == 0, again.output[-3000:]
    assert again.steps() == []


def test_what_is_made_belongs_to_the_built_in_administrator_of_each_server(lived_in):
    lab, *_rest = lived_in
    instances = lab.chatlab("state")["instances"]
    for host, owner in ((NORTH, "ladmin"), (MIRROR, "chef"), (SOUTH, "root")):
        assert {job["owner"] for job in instances[host]["jobs"]} == {owner}
        assert {endpoint["owner"] for endpoint in instances[host]["endpoints"].values()} <= {owner}


def test_files_go_where_each_server_has_room_for_them(lived_in):
    lab, real, _again = lived_in
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
