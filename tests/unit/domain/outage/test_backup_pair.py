"""The pool runs on its backup site, and what is seen of the pair there is not what a failover
left: its partners changed roles, one of them is gone, or the copy that was in use is.
"""

from __future__ import annotations

import pytest
from unit.domain.outage.estates import (
    GONE,
    MINE,
    failed_over,
    intent,
    log,
    names,
    planned,
    refused,
    with_copies,
    with_estate,
)
from unit.domain.outage.situations import ALONE, SWITCHED, VANISHED

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.forks import Left
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.loss import (
    loss_of,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.situation import (
    classify,
)

TARGETS = ("failover", "failback", "mirror_failover")


def switched(**facts):
    """The witness of the backup site made the mirror the principal, and all is well otherwise."""
    return with_copies(failed_over(**facts), **SWITCHED)


def lost(**facts):
    """The same, and the new principal is not to be seen."""
    return with_copies(switched(**facts), backup_mirror=GONE)


def test_clients_write_to_the_new_principal_and_nothing_more_is_lost():
    e = switched()
    assert classify(e).name == "BackupSwitched"
    assert e.writable
    assert loss_of(e).minutes == 0


@pytest.mark.parametrize("order", ["service", "documented"])
@pytest.mark.parametrize("declared", [None, intent("failback")])
def test_the_way_home_begins_with_the_copy_that_is_in_use(order, declared):
    """The old primary is online: without the role, it would be taken for the copy in use."""
    plan = planned(switched(intent=declared), "failback", order=order)
    done = names(plan.moves)
    assert done.index("switch_principal") < done.index("back_up_database")
    assert done.index("back_up_tail") < done.index("set_pool_normal")
    assert names(plan.round)[-1] == "switch_principal", "where the log ends is not known before"


def test_a_failover_that_was_cut_off_takes_the_role_back_and_ends():
    plan = planned(switched(intent=intent("failover")))
    assert names(plan.moves)[0] == "switch_principal"
    assert names(plan.moves)[-1] == "clear_intent"
    assert plan.moves[0].host == "sql-s2"


@pytest.mark.parametrize("target", ["failover", "failback"])
@pytest.mark.parametrize("facts", [{"mirroring": "SYNCHRONIZING"}, {"safety": "OFF"}])
def test_roles_do_not_change_before_the_two_are_synchronized(target, facts):
    e = with_copies(switched(), backup_mirror=facts)
    assert "Wait until it is" in refused(e, "not_synchronized", target)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("said", [{}, {"override_intent": True, "data_loss": "accept"}])
@pytest.mark.parametrize(
    "there",
    [
        GONE,
        {"state": "RESTORING", "role": "MIRROR"},
        {"state": "SUSPECT", "role": "PRINCIPAL"},
        {"state": "ONLINE", "role": None},
    ],
)
def test_nothing_else_is_put_to_work_while_its_principal_is_not_to_be_seen(target, said, there):
    e = with_copies(switched(), backup_mirror=there)
    sentence = refused(e, "mirrored", target, **said)
    assert "FORCE_SERVICE_ALLOW_DATA_LOSS" in sentence
    assert classify(e).name == "BackupPrincipalLost"


def test_after_a_planned_switchover_it_is_not_said_that_nothing_can_be_lost():
    """The primary's copy was stopped with its last log saved then."""
    stopped = {"state": "RESTORING", "tail": MINE, "redo_lsn": 211, **ALONE}
    assert classify(with_copies(lost(), primary=stopped)).name == "BackupPrincipalLost"
    assert classify(with_copies(switched(), primary=stopped)).name == "BackupSwitched"


def test_the_record_of_the_fork_tells_it_where_nobody_knows_the_pool_s_state():
    e = switched(pool_state=None, store=None, active=None)
    assert e.recovered
    assert not with_copies(e, backup_mirror={"fork": "F7"}).recovered


def test_log_of_the_backup_site_is_not_what_the_primary_site_wrote():
    """Somebody backs up the log there, too."""
    e = with_copies(
        failed_over(intent=intent("failover"), put_to_work=None, pool_state=None),
        backup={"fork_point": 210},
        backup_mirror={"server": "SQL-S2"},
    )
    assert e.recovered
    later = log(220, 230, server="SQL-S2")
    assert with_estate(e, logs=(*e.logs, later)).recovered


def vanished(**facts):
    """The copy in use waits for log, and nothing shows that we stopped it."""
    return with_copies(failed_over(**facts), **VANISHED)


def test_old_copies_are_not_put_to_work_because_the_one_in_use_is_gone():
    assert classify(vanished()).name == "CopyVanished"
    sentence = refused(vanished(), "copy_vanished", "failback")
    assert "lack what was written since the failover" in sentence
    refused(vanished(intent=intent("failover")), "copy_vanished", "failback", override_intent=True)


def test_a_copy_that_a_way_home_stopped_has_not_vanished():
    e = with_copies(vanished(), backup={"tail": MINE})
    assert "set_pool_normal" in names(planned(e, "failback").moves)
    seeded = with_copies(vanished(intent=intent("failback")), primary={"seed": MINE})
    assert "set_pool_normal" in names(planned(seeded, "failback").moves)
    related = with_copies(vanished(intent=intent("failback")), primary={"fork": "F1"})
    assert "set_pool_normal" in names(planned(related, "failback").moves)


def came_home(**primary):
    """Histories are cleaned, and no tail can be read: the primary goes on where the backup copy was
    stopped.
    """
    facts = {"fork": "F9", "seed": None, "last_backup_lsn": 330, **primary}
    opened = {"put_to_work": "F1", "put_to_work_left": Left("F0", 300)}
    e = with_copies(vanished(intent=intent("failback"), **opened), primary=facts)
    return with_copies(e, backup={"redo_lsn": 330})


def test_where_the_primary_goes_on_tells_that_it_came_home():
    assert "set_pool_normal" in names(planned(came_home(), "failback").moves)


@pytest.mark.parametrize(
    "estate",
    [
        came_home(fork="F0"),
        came_home(fork=None),
        came_home(last_backup_lsn=329),
        with_copies(came_home(last_backup_lsn=300), backup={"redo_lsn": 300}),
        with_estate(came_home(), put_to_work_left=None),
    ],
    ids=["an old fork", "no fork", "another point", "before it was opened", "nobody knows where"],
)
def test_a_primary_that_may_be_an_old_one_does_not(estate):
    refused(estate, "copy_vanished", "failback")


def test_a_failback_that_was_declared_does_not_make_an_old_copy_the_one_in_use():
    """Its run was cut off, and somebody removed the session of the backup pair from the wrong
    side.
    """
    refused(vanished(intent=intent("failback")), "copy_vanished", "failback")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("declared", [None, intent("failback"), intent("failover")])
def test_a_copy_that_its_partner_left_behind_is_not_put_to_work(target, declared):
    alone = {"state": "ONLINE", **ALONE}
    e = with_copies(vanished(intent=declared), backup_mirror=alone)
    assert "RESTORE LOG" in refused(e, "left_behind", target, override_intent=True)
    assert classify(e).name == "BackupPrincipalLost"


def test_a_partner_that_somebody_opened_holds_nothing_that_a_way_home_left():
    alone = {"state": "ONLINE", **ALONE}
    e = with_copies(vanished(intent=intent("failback")), backup={"tail": MINE}, backup_mirror=alone)
    assert "set_pool_normal" in names(planned(e, "failback").moves)


def alone(role="PRINCIPAL", **facts):
    """The backup SQL Server was installed anew while its mirror had its role: nothing of it is
    left, nor of our records.
    """
    there = {**SWITCHED["backup_mirror"], "role": role}
    gone = {"state": None, "role": None, "mirroring": None}
    said = {"put_to_work": None, **facts}
    return with_copies(failed_over(**said), backup=gone, backup_mirror=there)


def test_clients_write_to_the_mirror_and_it_is_not_said_that_the_pool_has_no_copy():
    e = alone()
    assert classify(e).name == "BackupMirrorAlone"
    assert e.writable
    assert loss_of(e).minutes == 0


@pytest.mark.parametrize("order", ["service", "documented"])
@pytest.mark.parametrize("target", ["failover", "failback"])
@pytest.mark.parametrize("role", ["PRINCIPAL", None])
def test_the_backup_sql_server_is_seeded_from_it_and_leads_again_first(order, target, role):
    plan = planned(alone(role), target, order=order)
    first = ["declare_intent", "unmirror", "mirror_to_backup", "switch_principal"]
    if role is None:
        first.remove("unmirror")
    assert names(plan.moves)[: len(first)] == first
    assert [move.host for move in plan.moves if move.name == "switch_principal"] == ["sql-s2"]
    assert plan.loss.minutes == 0
    assert names(plan.round)[-1] == "switch_principal"


@pytest.mark.parametrize("target", ["failover", "failback"])
@pytest.mark.parametrize("host", ["backup", "backup_mirror"])
def test_a_share_that_one_of_the_two_does_not_see_is_told_before_anything_is_changed(target, host):
    e = with_copies(alone(), **{host: {"sees_seeds": False}})
    assert "share of the full backups" in refused(e, "share_unseen", target)


@pytest.mark.parametrize("target", ["failover", "failback"])
@pytest.mark.parametrize(
    "e",
    [
        alone(pool_state="Normal"),
        alone(pool_state=None),
        with_copies(alone(), backup_mirror={"state": "RESTORING", "role": "MIRROR"}),
        with_copies(alone(), backup_mirror=GONE),
    ],
    ids=["Normal", "nobody knows the state", "a mirror", "gone"],
)
def test_what_is_not_known_to_be_in_use_seeds_nobody(e, target):
    assert "mgc on sql-s1" in refused(e, "no_backup_copy", target)


def test_a_copy_of_another_family_is_nobody_s_truth():
    e = with_copies(alone(), backup_mirror={"family": "another"})
    refused(e, "no_backup_copy", "failback")


def half_seeded(**there):
    """A run was cut off while it seeded the backup SQL Server again."""
    seeded = {"state": "RESTORING", "redo_lsn": 390, "fork": "F1", "tail": None}
    its_own = {"family": failed_over().backup.family, **there}
    return with_copies(alone(None), backup=seeded, backup_mirror=its_own)


@pytest.mark.parametrize("target", ["failover", "failback"])
def test_a_seeding_that_was_cut_off_is_gone_on_with(target):
    e = half_seeded()
    assert classify(e).name == "BackupMirrorAlone"
    plan = planned(e, target)
    assert names(plan.moves)[:3] == ["declare_intent", "mirror_to_backup", "switch_principal"]
    assert plan.moves[1].args == {"replace": True}


@pytest.mark.parametrize("target", ["failover", "failback"])
@pytest.mark.parametrize("there", [{"fork": "F7"}, {"fork": None}, {"family": "another"}])
def test_what_may_hold_more_is_not_overwritten(target, there):
    assert "by hand" in refused(half_seeded(**there), "left_behind", target)
