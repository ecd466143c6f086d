"""Which copy holds the truth, when the facts that are easy to have are missing, stale or contradict
each other.
"""

from __future__ import annotations

import dataclasses

import pytest
from unit.domain.outage.estates import (
    AWAY,
    GONE,
    MINE,
    failed_over,
    healthy,
    intent,
    log,
    names,
    planned,
    refused,
    site_lost,
    tail,
    with_copies,
    with_estate,
)

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.chain import (
    follow,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.loss import (
    loss_of,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.situation import (
    classify,
)

PURGED = {"restored_at": None, "seed": None, "full": None, "full_lsn": None, "began_at": None}
ONLINE = {"state": "ONLINE", "redo_lsn": None, "linked": False, "fork": "F7", "fork_point": 150}


def purged(e):
    """msdb's history is gone on every instance."""
    return with_copies(e, **dict.fromkeys(e.copies, PURGED))


def test_a_failover_whose_history_was_cleaned_is_failed_over_and_can_go_home():
    e = purged(failed_over())
    assert classify(e).name == "FailedOver"
    assert "restore_tail" in names(planned(e, "failback").moves)


def test_a_copy_that_was_recovered_a_moment_ago_is_put_to_work_by_the_next_run():
    e = purged(failed_over(pool_state="Normal", active=(), intent=intent("failover")))
    assert classify(e).name == "BackupRecovered"
    assert "set_pool_failed_over" in names(planned(e).moves)


def test_a_stopped_copy_is_known_by_the_file_that_stopped_it():
    saved = tail(MINE, 205, 230, server="sql-s1", first_fork="F1", last_fork="F1")
    away = {"role": None, "mirroring": None}
    e = with_copies(
        failed_over(active=(), intent=intent("failback"), logs=(saved,)),
        primary={"state": "RESTORING", "redo_lsn": 210, "fork": "F1", "ships": False, **away},
        mirror={"ships": False, **away},
        backup={"state": "RESTORING", "redo_lsn": 230, "tail": MINE, **away},
        backup_mirror=away,
    )
    moves = planned(purged(e), "failback").moves
    assert moves[0].name == "restore_tail"
    assert moves[0].args["file"]["last_lsn"] == "230"
    gone = with_copies(with_estate(e, logs=(), logs_why="gone"), primary={"seed": MINE})
    refused(gone, "tail_missing", "failback")


@pytest.mark.parametrize("target", ["failover", "failback"])
def test_an_empty_database_is_no_copy_of_the_pool(target):
    e = with_copies(
        healthy(), backup={**ONLINE, "family": "X"}, primary=GONE if target == "failover" else {}
    )
    assert (e.foreign, e.recovered) == (True, False)
    assert "family X" in refused(e, "no_backup_copy", target)
    assert refused(with_estate(e, pool_state="FailedOver"), "no_backup_copy", target)


def test_a_copy_that_somebody_recovered_is_not_put_to_work():
    e = with_copies(site_lost(), backup=ONLINE)
    assert classify(e).name == "StrayCopy"
    text = refused(with_estate(e, store="central", active=AWAY), "recovered_by_somebody")
    assert "LSN 150" in text
    assert "reaches LSN 200" in text
    assert loss_of(e).minutes is None
    declared = with_estate(e, intent=intent("failover"))
    assert not declared.recovered, "log of the primary goes on beyond it, so it is not ours"


def test_a_secondary_in_standby_follows():
    e = with_copies(site_lost(), backup={"state": "STANDBY"})
    assert (e.backup.restoring, e.recovered) == (True, False)
    assert classify(e).name == "PrimaryLost"
    assert "recover_database" in names(planned(e, move_cms=True).moves)


def test_two_principals_are_told_apart_and_not_acted_on():
    e = with_copies(
        healthy(),
        primary={"mirroring": "DISCONNECTED", "role_sequence": 4},
        mirror={
            "state": "ONLINE",
            "role": "PRINCIPAL",
            "mirroring": "DISCONNECTED",
            "role_sequence": 5,
        },
    )
    assert e.principal.host == "sql-n2"
    for target, said in (
        ("failover", {"mode": "planned"}),
        ("failback", {}),
        ("mirror_failover", {"to": "primary"}),
    ):
        assert "sql-n2: role sequence 5" in refused(e, "two_principals", target, **said)


def test_a_tail_that_could_not_be_applied_is_not_taken():
    """Somebody backed up the log elsewhere: a new full backup comes first, and a planned switchover
    is refused before anybody is kept out.
    """
    ready = {
        "state": "RESTORING",
        "seed": MINE,
        "redo_lsn": 300,
        "fork": "F1",
        "role": None,
        "ships": False,
    }
    e = with_copies(
        failed_over(active=(), intent=intent("failback")),
        primary=ready,
        mirror={"role": None, "ships": False},
        backup={"role": None, "full": MINE, "full_lsn": 300, "last_backup_lsn": 310},
        backup_mirror={"role": None},
    )
    assert names(planned(e, "failback").moves)[:2] == ["back_up_database", "restore_on_primary"]
    broken = with_copies(healthy(), primary={"last_backup_lsn": 260})
    assert "LSN 200 to 260" in refused(broken, "chain_gap", mode="planned")


def test_a_database_of_a_newer_server_is_not_fenced_for_a_way_home_that_there_is_not():
    e = with_copies(failed_over(), backup={"version": (11, 0)}, primary={"version": (10, 50)})
    assert "11.0" in refused(e, "version", "failback")


def test_shares_are_looked_at_before_the_door():
    refused(with_copies(healthy(), primary={"sees_logs": False}), "share_unseen", mode="planned")
    refused(with_copies(failed_over(), primary={"sees_seeds": False}), "share_unseen", "failback")
    alone = with_copies(
        failed_over(),
        backup={"role": None, "sees_seeds": False},
        backup_mirror={"role": None, "state": None},
    )
    assert "mirror_backup" not in names(planned(alone).moves), (
        "clients do not wait for a mirror that cannot be made"
    )


def test_after_a_failback_a_lost_site_is_lost():
    saved = tail("b" * 32, 150, 200, server="sql-s1")
    e = with_copies(site_lost(), backup={"tail": "b" * 32})
    assert classify(with_estate(e, logs=(saved,))).name == "PrimaryLost"
    assert (
        classify(with_estate(e, logs=(saved,), intent=intent("failback", "b" * 32))).name
        == "TailTaken"
    )


def test_what_a_seed_loses_is_counted_from_its_own_backup():
    e = with_estate(
        with_copies(site_lost(), backup={"redo_lsn": 100, "restored_at": "2015-06-01T11:59:00Z"}),
        logs=(),
    )
    assert loss_of(e).minutes is None
    assert loss_of(with_copies(e, backup={"began_at": "2015-06-01T10:00:00Z"})).minutes == 120


def test_a_stamp_in_the_future_is_unknown_and_no_zero():
    ahead = with_estate(site_lost(), logs=(log(150, 200, "copied", at="2015-06-01T13:30:00Z"),))
    assert loss_of(ahead).minutes is None
    late = with_estate(site_lost(), logs=(log(150, 200, "copied", at="2015-06-01T11:55:00Z"),))
    known = dataclasses.replace(late, there_by={"mgc_20150601115500.trn": "2015-06-01T10:20:00Z"})
    assert loss_of(known).minutes == 100, (
        "by the clock that counts, it was there long before its stamp"
    )


def test_an_empty_backup_beyond_the_end_proves_a_gap():
    chain = follow(200, "F0", "M", [log(150, 200), log(230, 230)])
    assert chain.obstacle is not None
    assert chain.obstacle.kind == "gap"
