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
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.forks import (
    Left,
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


def test_two_copies_that_are_online_in_no_session_are_not_acted_on():
    """Service was forced on the mirror, the session ended, and the old principal came back, or had
    never been away.
    """
    alone = {"role": None, "mirroring": None, "redo_lsn": None}
    e = with_copies(
        healthy(put_to_work="F1", put_to_work_left=Left("F0", 190)),
        primary=alone,
        mirror={**alone, "state": "ONLINE", "fork": "F1"},
    )
    assert (e.principal.host, classify(e).name) == ("sql-n2", "TwoPrincipals")
    for target, said in (("failover", {"mode": "planned"}), ("failback", {})):
        text = refused(e, "two_principals", target, **said)
        assert "online on sql-n1 and on sql-n2" in text
    away = with_copies(e, primary=GONE)
    assert classify(away).name != "TwoPrincipals"


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


def test_room_is_looked_at_before_the_door():
    """Clients would be kept out until somebody had made room."""
    full = with_estate(healthy(), room={"log": 9, "seed": 0})
    text = refused(with_copies(full, primary={"log_mb": 10}), "no_room", mode="planned")
    assert "9 MB" in text
    assert "10 MB" in text
    planned(with_copies(full, primary={"log_mb": 9}), mode="planned")
    planned(with_copies(full, primary={"log_mb": None}), mode="planned")


def test_on_the_way_home_there_must_be_room_for_the_backup_the_tail_and_the_copy():
    away = with_copies(failed_over(), backup={"size_mb": 100, "log_mb": 10})
    for_all = {"log": 10, "seed": 100}
    planned(with_estate(away, room=for_all), "failback")
    planned(away, "failback")
    refused(with_estate(away, room={**for_all, "log": 9}), "no_room", "failback")
    text = refused(with_estate(away, room={**for_all, "seed": 99}), "no_room", "failback")
    assert "99 MB" in text
    assert "100 MB" in text
    rebuilt = with_copies(
        away, primary={"role": None, "mirroring": None, "state": None, "room_mb": 99}
    )
    assert "sql-n1" in refused(with_estate(rebuilt, room=for_all), "no_room", "failback")
    planned(with_copies(rebuilt, primary={"room_mb": 100}), "failback")


def test_a_full_backup_that_was_taken_needs_no_room_any_more():
    begun = with_copies(
        with_estate(failed_over(), intent=intent("failback"), room={"log": 10, "seed": 0}),
        backup={"size_mb": 100, "full": MINE},
    )
    assert "restore_on_primary" in names(planned(begun, "failback").moves)


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


# -- histories that parted
FORCED = (
    log(150, 200, at="2015-06-01T11:15:00Z"),
    log(200, 260, at="2015-06-01T11:30:00Z"),
    log(200, 240, server="sql-n2", last_fork="F5", fork_point=220),
    log(240, 250, server="sql-n2", first_fork="F5", last_fork="F5"),
)


def beyond_the_fork(e):
    """The copy applied log up to LSN 260 that was given up when service was forced at LSN 220."""
    return with_estate(with_copies(e, backup={"redo_lsn": 260, "fork": "F0"}), logs=FORCED)


def test_what_is_lost_begins_where_the_pools_history_left_that_of_the_copy():
    loss = loss_of(beyond_the_fork(site_lost()))
    assert loss.lsn == 220
    assert loss.last_log_at == "2015-06-01T11:15:00Z"
    text = refused(beyond_the_fork(site_lost()), "chain_fork", move_cms=True)
    assert "LSN 220" in text
    assert "nobody went on with" in text


def test_a_copy_that_parted_does_not_follow_whatever_the_jobs_say():
    e = beyond_the_fork(with_copies(healthy(), primary={"fork": "F5"}))
    assert classify(e).name == "ChainBroken"
    assert "LSN 220" in refused(e, "chain_fork", mode="planned")


def seeded_again_from_before(e, **facts):
    """A failover opened the copy at LSN 200 on F1, a failback brought F1 home, where F9 began; then
    somebody seeded the secondary again from before all that, and it applied what the old primary
    had backed up besides, up to LSN 260.
    """
    logs = (
        log(200, 260, at="2015-06-01T11:30:00Z"),
        log(290, 330, first_fork="F1", last_fork="F9", fork_point=300),
    )
    return with_estate(
        with_copies(e, backup={"redo_lsn": 260, "fork": "F0"}),
        **{"logs": logs, "put_to_work": "F1", **facts},
    )


def test_our_record_tells_where_a_failover_left_the_history_of_a_copy():
    loss = loss_of(seeded_again_from_before(site_lost(), put_to_work_left=Left("F0", 200)))
    assert loss.lsn == 200


def test_where_nobody_tells_how_two_histories_belong_together_nobody_counts_the_loss():
    e = seeded_again_from_before(site_lost())
    loss = loss_of(e)
    assert (loss.lsn, loss.minutes) == (None, None)
    assert "F0" in loss.sentence
    assert "Nobody can say what would be lost" in refused(e, "chain_gap", move_cms=True)


EARLY, LATE = "2015-06-01T11:00:00Z", "2015-06-01T11:45:00Z"


def left_at_200(stands, *logs):
    """A failover left F0 at LSN 200; the copy was seeded again from before that."""
    e = seeded_again_from_before(site_lost(), put_to_work_left=Left("F0", 200))
    return with_estate(with_copies(e, backup={"redo_lsn": stands}), logs=(*logs, *e.logs[1:]))


@pytest.mark.parametrize("late", [log(200, 200, at=LATE), log(150, 200, at=LATE)])
@pytest.mark.parametrize("stands", [150, 200, 260])
def test_a_log_backup_that_ends_where_its_history_was_left_tells_no_time(stands, late):
    """Nobody wrote to the old primary since; it backed up its log all the same when it was back."""
    loss = loss_of(left_at_200(stands, log(100, 150, at=EARLY), log(140, 200, at=LATE), late))
    assert (loss.lsn, loss.last_log_at) == (200, EARLY)


@pytest.mark.parametrize("logs", [(), (log(150, 200, at=LATE),)])
def test_nor_does_what_was_restored_up_to_there(logs):
    loss = loss_of(with_copies(left_at_200(200, *logs), backup={"began_at": LATE}))
    assert (loss.lsn, loss.minutes) == (200, None)


def test_a_tail_that_ends_where_its_history_was_left_stopped_its_copy():
    loss = loss_of(left_at_200(200, log(100, 150, at=EARLY), tail(MINE, 150, 200, at=LATE)))
    assert (loss.lsn, loss.last_log_at) == (200, LATE)


def test_nor_does_one_of_an_older_history_that_was_left_before():
    e = left_at_200(320, log(150, 200, at=LATE), log(200, 250, at=EARLY, last_fork="F1"))
    loss = loss_of(with_copies(e, backup={"fork": "F1"}))
    assert (loss.lsn, loss.last_log_at) == (300, EARLY)


@pytest.mark.parametrize(("fork", "nothing"), [("F0", True), (None, True), ("F8", False)])
def test_a_tail_of_another_history_proves_nothing_where_it_ends(fork, nothing):
    """LSNs of two histories may coincide."""
    ending = tail(MINE, 150, 200, first_fork=fork, last_fork=fork)
    e = with_estate(site_lost(), intent=intent("failover"), logs=(log(150, 200, "copied"), ending))
    assert loss_of(e).sentence.startswith("Nothing is lost") == nothing


def test_what_was_applied_last_is_of_the_history_of_the_copy():
    """LSNs of two histories may coincide."""
    own = log(230, 260, at=EARLY, first_fork="F1", last_fork="F1")
    e = with_copies(site_lost(put_to_work="F1"), backup={"redo_lsn": 260, "fork": "F1"})
    assert loss_of(with_estate(e, logs=(own, log(200, 260, at=LATE)))).last_log_at == EARLY


@pytest.mark.parametrize("logs", [(), (log(150, 260),)])
def test_our_record_tells_it_where_no_log_backup_of_the_new_history_is_left(logs):
    e = seeded_again_from_before(site_lost(), put_to_work_left=Left("F0", 200), logs=logs)
    assert loss_of(e).lsn == 200


def test_where_log_backups_tell_how_histories_belong_together_our_record_is_not_asked():
    """Somebody gave the failover up and put the old primary to work by hand."""
    e = seeded_again_from_before(site_lost(), put_to_work_left=Left("F0", 200))
    by_hand = log(250, 290, first_fork="F0", last_fork="F7", fork_point=270)
    assert loss_of(with_estate(e, logs=(by_hand,))).lsn == 290


def test_a_mirror_on_a_history_that_a_failover_left_is_behind():
    e = seeded_again_from_before(site_lost(), put_to_work_left=Left("F0", 200))
    old = {"answers": True, "state": "RESTORING", "role": "MIRROR", "redo_lsn": 270, "fork": "F0"}
    e = with_copies(e, mirror={**old, "mirroring": "DISCONNECTED"})
    assert e.is_behind(e.mirror)
    assert e.living_mirror is None
    e = with_copies(e, mirror={"fork": "F9", "redo_lsn": 330})
    assert not e.is_behind(e.mirror)


def test_no_copy_is_switched_to_of_which_nobody_knows_whether_it_takes_the_tail():
    e = with_copies(healthy(), primary={"fork": "F9", "last_backup_lsn": 250})
    e = with_estate(
        with_copies(e, backup={"redo_lsn": 260, "fork": "F0"}),
        logs=(log(330, 340, last_fork="F9"),),
    )
    assert "no log backup tells where they parted" in refused(e, "chain_fork", mode="planned")


def test_later_log_of_a_fork_that_a_failover_left_is_no_reason_to_doubt():
    logs = (log(200, 500), log(290, 330, first_fork="F9", last_fork="F9"))
    e = with_copies(site_lost(), backup={"redo_lsn": 330, "fork": "F9"})
    e = with_estate(e, logs=logs, put_to_work="F1", put_to_work_left=Left("F0", 200))
    assert loss_of(e).lsn == 330


def test_log_that_was_given_up_is_not_applied_where_both_ways_are_open():
    e = with_estate(with_copies(site_lost(), backup={"redo_lsn": 200, "fork": "F0"}), logs=FORCED)
    assert [log.last_lsn for log in e.chain.apply] == [240, 250]


def test_without_history_the_files_tell_on_which_fork_a_copy_stands():
    chain = follow(260, None, "M", FORCED)
    assert chain.apply == ()


@pytest.mark.parametrize("newer", [{"fork": "F5"}, {"fork": "F0"}, {"fork": None}])
def test_an_old_copy_that_is_online_beside_one_that_was_stopped_is_not_the_one_in_use(newer):
    """It came back after its session was removed; the other one was stopped by a tail since."""
    away = {"role": None, "mirroring": None}
    stopped = {"state": "RESTORING", "redo_lsn": 250, "tail": MINE, **newer, **away}
    old = {"state": "ONLINE", "fork": "F0", "last_backup_lsn": 220, **away}
    e = with_estate(
        with_copies(healthy(), primary=stopped, mirror=old),
        logs=FORCED,
        active=(),
        intent=intent("failover"),
    )
    assert e.principal is None
    assert names(planned(e, "failback", override_intent=True).moves)[1] == "reopen_primary"
    moves = planned(e, mode="planned", data_loss="accept").moves
    assert "back_up_tail" not in names(moves)


def test_a_copy_that_came_after_the_stopped_one_is_the_one_in_use():
    away = {"role": None, "mirroring": None}
    stopped = {"state": "RESTORING", "redo_lsn": 215, "tail": MINE, "fork": "F0", **away}
    e = with_estate(
        with_copies(
            healthy(),
            primary={"state": "ONLINE", "fork": "F5", "last_backup_lsn": 205, **away},
            mirror=stopped,
        ),
        logs=FORCED,
    )
    assert e.principal is e.primary


def test_a_session_that_waits_to_be_resumed_does_not_stop_the_way_home():
    """Roles cannot be switched then; mirror_failover.yml resumes it and says what is given up."""
    suspended = {"mirroring": "SUSPENDED", "ships_enabled": True, "ships": True}
    e = with_copies(
        healthy(), primary=suspended, mirror={**suspended, "ships": False, "ships_enabled": False}
    )
    assert "link_log_shipping_of_mirror" not in names(planned(e, "failback").moves)


def test_where_the_tail_and_its_history_are_gone_a_planned_failover_is_settled_by_hand():
    away = {"role": None, "mirroring": None, "state": "RESTORING", "fork": "F0"}
    e = with_copies(healthy(), primary={"redo_lsn": 250, **away}, mirror={"redo_lsn": 245, **away})
    e = with_estate(e, active=(), intent=intent("failover"))
    text = refused(e, "no_copy_online", "failback", override_intent=True)
    assert "RESTORE DATABASE mgc WITH RECOVERY on sql-n1" in text


@pytest.mark.parametrize(
    "doubt", [{"retired": True}, {"fork": "F9"}], ids=["we retired it", "another history"]
)
def test_no_copy_is_named_where_their_lsns_cannot_be_compared(doubt):
    away = {"role": None, "mirroring": None, "state": "RESTORING", "fork": "F0"}
    e = with_copies(
        healthy(), primary={"redo_lsn": 205, **away}, mirror={"redo_lsn": 250, **away, **doubt}
    )
    e = with_estate(e, active=(), intent=intent("failover"))
    text = refused(e, "no_copy_online", "failback", override_intent=True)
    assert "Nobody can tell from here" in text


@pytest.mark.parametrize("known", [("F0", "F0"), (None, "F0"), ("F0", None), (None, None)])
def test_a_former_mirror_that_may_hold_more_is_not_passed_by(known):
    """msdb may be cleaned on either server, so that nobody tells the fork of its copy."""
    mirror, backup = known
    idle = {"role": None, "mirroring": None, "state": "RESTORING", "redo_lsn": 250, "answers": True}
    e = with_copies(site_lost(), mirror={**idle, "fork": mirror}, backup={"fork": backup})
    text = refused(e, "stopped_copy_holds_more", data_loss="accept", move_cms=True)
    assert "LSN 250" in text


def stranger(**facts):
    """The mirror's copy waits for log on a history of which nothing tells how it belongs to the one
    of the backup copy.
    """
    idle = {"role": None, "mirroring": None, "state": "RESTORING", "redo_lsn": 250, "answers": True}
    return with_copies(site_lost(), mirror={**idle, "fork": "F8", **facts})


ANYTHING = {"data_loss": "accept", "move_cms": True}


def test_a_copy_on_a_history_that_nobody_can_place_is_not_passed_by():
    text = refused(stranger(), "stopped_copy_holds_more", **ANYTHING)
    assert [word for word in ("sql-n2", "F8", "F0", "LSN 250") if word not in text] == []
    opened = {"put_to_work": "F9", "put_to_work_left": Left("F8", 210)}
    refused(with_estate(stranger(), **opened), "stopped_copy_holds_more", **ANYTHING)
    refused(with_estate(stranger(), put_to_work="F0"), "stopped_copy_holds_more", **ANYTHING)


@pytest.mark.parametrize(
    "e",
    [
        with_estate(stranger(), put_to_work="F9", put_to_work_left=Left("F8", 190)),
        with_copies(stranger(), mirror={"redo_lsn": 200}),
        with_copies(stranger(), mirror={"retired": True}),
    ],
    ids=["a failover left it before", "it holds no more", "we retired it"],
)
def test_a_copy_that_is_known_to_hold_nothing_more_is_passed_by(e):
    assert "recover_database" in names(planned(e, **ANYTHING).moves)


def test_a_copy_on_a_history_that_nobody_can_place_is_not_the_one_that_was_stopped_now():
    old = {"role": None, "mirroring": None, "state": "RESTORING", "redo_lsn": 250, "fork": "F8"}
    e = with_copies(healthy(), primary={"role": None, "mirroring": None}, mirror=old)
    assert "recover_database" in names(planned(e, mode="planned").moves)


def swapped(e):
    """The mirror ships and is the principal, as in the middle of the switch there and back."""
    pair = {"mirroring": "SYNCHRONIZED", "safety": "FULL"}
    ships = {"ships": True, "ships_enabled": True}
    return with_copies(
        e,
        primary={"state": "RESTORING", "role": "MIRROR", **pair, **ships},
        mirror={"state": "ONLINE", "role": "PRINCIPAL", "redo_lsn": None, **pair, **ships},
    )


def test_a_failback_that_was_cut_off_in_the_switch_there_and_back_ends_on_the_primary():
    e = with_estate(swapped(healthy()), intent=intent("failback"))
    assert names(planned(e, "failback").moves) == ["switch_principal", "clear_intent"]


def test_a_mirror_that_somebody_made_the_principal_stays_it():
    assert planned(swapped(healthy()), "failback").moves == ()
