"""The description of the estate: complete, JSON-able, and its fingerprint equal for estates that
ended alike.
"""

from __future__ import annotations

import json

from pchat_lab.estate.build import build
from pchat_lab.estate.describe import describe, fingerprint, masked
from pchat_lab.sqlserver.language.session import SqlSession
from pchat_lab.world.world import World


def test_a_description_is_json_and_names_everything(estate: World) -> None:
    found = json.loads(json.dumps(describe(estate)))
    assert found["machines"].keys() == estate.machines.keys()
    assert set(found["instances"]) == {
        f"sql-{s}{n}.contoso.example" for s in "ns" for n in (1, 2, 3)
    }
    assert found["machines"]["fs-s1.contoso.example"]["shares"]["pchat-seed"]["rights"] == {
        "CONTOSO\\sqlsvc": "Change"
    }
    assert found["lync"]["cms"] == "fe-n1.contoso.example"


def work(world: World, stamp: str, pause: float) -> None:
    """The same work at different times: names with stamps, GUIDs, sizes and positions differ."""
    instance = world.machine("sql-n1").instances[""]
    world.clock.advance(pause)
    with SqlSession.internal(instance) as session:
        session.execute("CREATE DATABASE mgc").check()
        session.execute("ALTER DATABASE mgc SET RECOVERY FULL").check()
        session.execute(
            f"BACKUP DATABASE mgc TO DISK = N'C:\\Windows\\Temp\\mgc_{stamp}.bak'"
        ).check()


def test_the_fingerprint_does_not_see_times_and_identities(estate: World) -> None:
    other = build("default", net="127.44", clock_runs=False)
    work(estate, "20150601080000", 1)
    work(other, "20150601093011", 5000)
    assert describe(estate) != describe(other)
    assert json.dumps(fingerprint(estate)) == json.dumps(fingerprint(other))


def test_the_fingerprint_sees_what_matters(estate: World) -> None:
    seen = [json.dumps(fingerprint(estate))]

    def differs() -> None:
        seen.append(json.dumps(fingerprint(estate)))
        assert len(set(seen)) == len(seen)

    work(estate, "20150601080000", 1)
    differs()
    instance = estate.machine("sql-n1").instances[""]
    with SqlSession.internal(instance) as session:
        for statement in (
            "ALTER DATABASE mgc SET RECOVERY SIMPLE",
            "CREATE LOGIN [CONTOSO\\SQL-N2$] FROM WINDOWS",
            "CREATE ENDPOINT Mirroring STATE = STARTED AS TCP (LISTENER_PORT = 5022) FOR "
            "DATABASE_MIRRORING (ROLE = ALL)",
            "GRANT CONNECT ON ENDPOINT::Mirroring TO [CONTOSO\\SQL-N2$]",
            "ALTER DATABASE mgc SET OFFLINE",
            "DROP DATABASE mgc",
        ):
            session.execute(statement).check()
            differs()
    estate.machine("fs-s1").shares["pchat-seed"].rights["Everyone"] = "Read"
    differs()
    estate.stop_service(estate.machine("fe-n1"), estate.machine("fe-n1").services["replica"])
    differs()
    estate.lync.change(state=("chat.contoso.example", "FailedOver"))
    estate.clock.advance(10)
    estate.faults.add({"kind": "host", "host": "sql-n1"})
    differs()


def test_masks() -> None:
    assert masked("mgc_20150601080000.trn") == "mgc_<stamp>.trn"
    assert masked("seed-0f8fad5b-d9cb-469f-a165-70867728950e.bak") == "seed-<guid>.bak"
    assert masked("at 2015-06-01T08:00:00.123+00:00") == "at <time>"
    assert masked("TCP://sql-n2.contoso.example:5022") == "TCP://sql-n2.contoso.example:5022"
