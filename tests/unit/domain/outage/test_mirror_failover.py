"""Roles change inside the primary data centre; service is forced only when that is the lesser
evil.
"""

from __future__ import annotations

import pytest
from unit.domain.outage.estates import (
    GONE,
    REFUSES,
    failed_over,
    healthy,
    intent,
    log,
    names,
    planned,
    refused,
    tail,
    with_copies,
    with_estate,
)

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.copies import Copy

ALONE = {"role": None, "mirroring": None}
LOST = with_copies(healthy(), primary=GONE, mirror={"mirroring": "DISCONNECTED"})


def waiting(**facts):
    """The old principal answers and waits for log in no session: a tail stopped it while its mirror
    was away, and both the file and the history of that are gone.
    """
    stopped = {**ALONE, "answers": True, "state": "RESTORING", "redo_lsn": 230, **facts}
    return with_copies(LOST, primary=stopped)


def switched(e, **said):
    return names(planned(e, "mirror_failover", **said).moves)


def test_roles_are_switched_and_one_log_proves_that_shipping_goes_on():
    moves = planned(healthy(), "mirror_failover").moves
    assert [(m.name, m.host) for m in moves] == [
        ("switch_principal", "sql-n1"),
        ("check_log_shipping", "sql-n2"),
    ]


def test_at_the_goal_nothing_is_done():
    assert switched(healthy(), to="primary") == []


def test_every_mirrored_database_is_switched():
    pair = {"mirroring": "SYNCHRONIZED", "safety": "FULL"}
    e = healthy(
        compliance={
            "primary": Copy("primary", "sql-n1", True, state="ONLINE", role="PRINCIPAL", **pair),
            "mirror": Copy("mirror", "sql-n2", True, state="RESTORING", role="MIRROR", **pair),
        }
    )
    assert switched(e) == ["switch_principal", "switch_principal", "check_log_shipping"]


def test_compliance_need_not_be_mirrored():
    e = healthy(
        compliance={s: Copy(s, f"sql-{s}", True, state="ONLINE") for s in ("primary", "mirror")}
    )
    assert switched(e) == ["switch_principal", "check_log_shipping"]


def test_service_is_forced_only_by_the_word():
    plan = planned(LOST, "mirror_failover", force=True)
    assert names(plan.moves) == ["force_service", "check_log_shipping"]
    assert plan.loss.minutes is None


def test_a_session_that_waits_after_force_is_resumed():
    e = with_copies(
        healthy(),
        primary={"state": "RESTORING", "role": "MIRROR", "mirroring": "SUSPENDED"},
        mirror={"state": "ONLINE", "role": "PRINCIPAL", "mirroring": "SUSPENDED"},
    )
    assert switched(e)[0] == "resume_session"


def test_a_check_needs_both_agents_and_the_share():
    assert switched(with_copies(healthy(), backup={"agent": False})) == ["switch_principal"]
    assert switched(with_estate(healthy(), logs_why="gone")) == ["switch_principal"]
    shipped = with_estate(healthy(), logs=(log(200, 210, server="sql-n2"),))
    assert switched(shipped) == ["switch_principal"]


def test_it_is_the_remedy_of_what_was_declared_and_cannot_go_on():
    assert "force_service" in switched(with_estate(LOST, intent=intent("failover")), force=True)
    turned = with_copies(
        healthy(),
        primary={"state": "RESTORING", "role": "MIRROR"},
        mirror={"state": "ONLINE", "role": "PRINCIPAL"},
    )
    assert "switch_principal" in switched(
        with_estate(turned, intent=intent("failback")), to="primary"
    )


@pytest.mark.parametrize(
    ("estate", "said", "code", "words"),
    [
        (with_copies(healthy(), backup=GONE), {}, "backup_unreachable", ["sql-s1"]),
        (failed_over(), {}, "failed_over", ["sql-s1", "failback.yml"]),
        (
            healthy(intent=intent("failover", operator="bob")),
            {},
            "intent_conflict",
            ["bob", "failover.yml"],
        ),
        (with_copies(healthy(), mirror=GONE), {}, "target_unreachable", ["sql-n2"]),
        (with_copies(healthy(), primary=ALONE, mirror=ALONE), {}, "not_mirrored", ["sql-n2"]),
        (
            with_copies(healthy(), mirror={"mirroring": "SYNCHRONIZING"}),
            {},
            "not_synchronized",
            ["SYNCHRONIZING"],
        ),
        (with_copies(healthy(), mirror={"safety": "OFF"}), {}, "not_synchronized", ["OFF"]),
        (
            with_copies(LOST, primary=REFUSES),
            {"force": True},
            "primary_refuses",
            ["sql-n1", "401", "mirror_failover_unasked"],
        ),
        (LOST, {}, "principal_unreachable", ["sql-n1", "mirror_failover_force"]),
        (
            with_copies(LOST, mirror={"mirroring": "SYNCHRONIZED"}),
            {"force": True},
            "partner_alive",
            ["sql-n1", "SYNCHRONIZED"],
        ),
        (
            with_copies(LOST, primary={**ALONE, "answers": True, "state": "ONLINE"}),
            {"force": True},
            "partner_alive",
            ["sql-n1", "in no session", "failback.yml"],
        ),
        (
            with_copies(
                LOST,
                primary={**ALONE, "answers": True, "state": "RESTORING", "tail": "c" * 32},
            ),
            {"force": True},
            "mirror_behind",
            ["sql-n1", "last log", "failover.yml"],
        ),
        (
            with_estate(LOST, logs=(tail("c" * 32, 200, 400),)),
            {"force": True},
            "mirror_behind",
            ["sql-n2", "LSN"],
        ),
        (
            waiting(),
            {"force": True},
            "mirror_behind",
            ["sql-n1", "LSN 230", "sql-n2", "failover.yml"],
        ),
        (
            with_copies(LOST, mirror={"redo_lsn": 150}),
            {"force": True},
            "mirror_behind",
            ["sql-n2", "LSN 150", "LSN 200", "failover.yml"],
        ),
        (
            with_estate(LOST, seen_from=("fe-s1 reaches sql-n1",)),
            {"force": True},
            "primary_seen",
            ["fe-s1 reaches sql-n1"],
        ),
    ],
)
def test_a_refusal_names_what_it_saw(estate, said, code, words):
    text = refused(estate, code, "mirror_failover", **said)
    assert [w for w in words if w not in text] == []


@pytest.mark.parametrize("fork", ["F0", None])
def test_a_principal_that_was_stopped_is_not_given_up_for_its_mirror(fork):
    e = with_copies(waiting(fork=fork), mirror={"fork": fork})
    assert e.is_behind(e.mirror)
    refused(e, "mirror_behind", "mirror_failover", force=True)
    text = refused(e, "stopped_copy_holds_more", data_loss="accept")
    assert "RESTORE DATABASE mgc WITH RECOVERY on sql-n1" in text


def test_a_principal_that_was_put_to_work_later_on_the_same_history_is_not_either():
    began = log(180, 208, last_fork="F4", fork_point=204)
    stranger = log(300, 310, first_fork="F9", last_fork="F9")
    e = with_estate(waiting(fork="F4", redo_lsn=208), logs=(began, stranger))
    refused(e, "mirror_behind", "mirror_failover", force=True)


def test_a_mirror_of_which_nobody_knows_how_far_it_comes_is_behind_one_of_which_it_is_known():
    e = with_copies(waiting(), mirror={"redo_lsn": None})
    refused(e, "mirror_behind", "mirror_failover", force=True)
    assert e.living_mirror is None


def test_a_partner_on_a_history_that_nobody_can_place_may_have_left_its_mirror_behind():
    text = refused(waiting(fork="F9"), "mirror_behind", "mirror_failover", force=True)
    assert [word for word in ("sql-n1", "F9", "sql-n2", "F0") if word not in text] == []
    assert waiting(fork="F9").living_mirror is not None, "a failover would give both up"


@pytest.mark.parametrize("facts", [{"redo_lsn": 210}, {"retired": True}])
def test_a_partner_that_is_known_to_hold_no_more_is_none_to_wait_for(facts):
    assert "force_service" in switched(waiting(**facts), force=True)
