"""A failback: home from anywhere, or a failover called off; and every sentence with which it
refuses.
"""

from __future__ import annotations

import pytest
from unit.domain.outage.estates import (
    GONE,
    HOME,
    MINE,
    OTHERS,
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
STOPPED = {"state": "RESTORING", "redo_lsn": 230, "tail": MINE, **ALONE}


def back(e, **said):
    return names(planned(e, "failback", **said).moves)


def coming_home(**primary):
    """The backup copy was stopped by this failback; nothing is online."""
    saved = tail(MINE, 205, 230, server="sql-s1", first_fork="F1", last_fork="F1")
    e = failed_over(active=(), intent=intent("failback"), logs=(saved,))
    return with_copies(
        e,
        primary={
            "state": "RESTORING",
            "seed": MINE,
            "redo_lsn": 210,
            "fork": "F1",
            "ships": False,
            "ships_enabled": False,
            **primary,
        },
        mirror={"ships": False, "ships_enabled": False},
        backup={"state": "RESTORING", "redo_lsn": 230, "tail": MINE, "full": MINE, **ALONE},
        backup_mirror=ALONE,
    )


def test_home_from_the_backup_copy():
    assert back(failed_over()) == [
        "declare_intent",
        "unlink_old_primary",
        "unlink_old_primary",
        "back_up_database",
        "keep_old_copy",
        "restore_on_primary",
        "fence",
        "unmirror",
        "back_up_tail",
        "restore_tail",
        "set_pool_normal",
        "set_active_servers",
        "link_log_shipping",
        "mirror_primary",
        "link_log_shipping_of_mirror",
        "drop_leftover",
        "clear_intent",
    ]


def test_in_the_documented_order_nobody_can_write_from_before_the_full_backup_on():
    moves = back(failed_over(), order="documented")
    assert moves.index("fence") < moves.index("unmirror") < moves.index("back_up_database")


def test_the_documented_order_of_the_last_steps():
    moves = back(failed_over(), order="documented")
    assert (
        moves.index("link_log_shipping")
        < moves.index("set_active_servers")
        < moves.index("set_pool_normal")
    )


def test_at_home_nothing_is_to_be_done():
    assert back(healthy()) == []


def test_an_old_mirror_that_is_online_is_kept_and_retired_first():
    e = with_copies(failed_over(), primary={"state": "RESTORING"}, mirror={"state": "ONLINE"})
    moves = back(e)
    assert (
        moves.index("keep_old_copy")
        < moves.index("retire_old_copy")
        < moves.index("restore_on_primary")
    )


def test_old_sessions_are_removed_before_anything_is_restored():
    e = with_copies(
        failed_over(),
        primary={"role": "PRINCIPAL", "mirroring": "DISCONNECTED"},
        mirror={"role": "MIRROR", "mirroring": "DISCONNECTED"},
    )
    moves = planned(e, "failback").moves
    assert [m.host for m in moves if m.name == "unmirror"] == ["sql-n1", "sql-s1"]


def test_compliance_of_the_backup_site_is_left_behind_unmirrored():
    e = failed_over(
        compliance={
            "backup": Copy(
                "backup", "sql-s1", True, state="ONLINE", role="PRINCIPAL", mirroring="SYNCHRONIZED"
            )
        }
    )
    assert "unmirror_compliance" in back(e)


def test_compliance_that_its_witness_switched_comes_home_as_well():
    pair = {"mirroring": "SYNCHRONIZED", "safety": "FULL"}
    e = healthy(
        compliance={
            "primary": Copy("primary", "sql-n1", True, state="RESTORING", role="MIRROR", **pair),
            "mirror": Copy("mirror", "sql-n2", True, state="ONLINE", role="PRINCIPAL", **pair),
        }
    )
    moves = planned(e, "failback").moves
    assert [(m.name, m.args["database"]) for m in moves if m.name == "switch_principal"] == [
        ("switch_principal", "mgccomp")
    ]


def test_only_this_attempts_backup_is_taken_home():
    old = with_copies(
        failed_over(active=(), intent=intent("failback")),
        backup={"full": OTHERS},
        primary={"seed": OTHERS, "state": "RESTORING"},
    )
    moves = back(old)
    assert moves.index("back_up_database") < moves.index("restore_on_primary")


def test_the_stopped_backup_copy_goes_on_as_the_secondary_without_a_seed():
    plan = planned(coming_home(), "failback")
    assert names(plan.moves)[0] == "restore_tail"
    assert next(m for m in plan.moves if m.name == "link_log_shipping").args["reseed"] is False


def test_a_copy_that_cannot_follow_is_seeded_anew():
    e = with_copies(
        healthy(logs=(log(150, 200, "copied"),)),
        backup={"linked": False},
        primary={"last_backup_lsn": 260},
    )
    assert (
        next(m for m in planned(e, "failback").moves if m.name == "link_log_shipping").args[
            "reseed"
        ]
        is True
    )
    shipped = with_estate(e, logs=(*e.logs, log(200, 260)))
    assert (
        next(m for m in planned(shipped, "failback").moves if m.name == "link_log_shipping").args[
            "reseed"
        ]
        is False
    )


def test_a_switchover_that_stopped_the_primary_is_called_off():
    e = with_copies(
        healthy(active=(), intent=intent("failover", OTHERS)),
        primary={**STOPPED, "tail": OTHERS},
        mirror=ALONE,
    )
    assert back(e, override_intent=True)[:2] == ["declare_intent", "reopen_primary"]


def test_a_mirror_after_a_failback_does_not_wait_for_a_tail():
    """The seed and the tail of a failback stay in the histories long after it; what tells is where
    the copy stands, and that it is no mirror.
    """
    later = with_copies(
        coming_home(role="MIRROR", mirroring="SYNCHRONIZED", redo_lsn=400),
        mirror={
            "state": "ONLINE",
            "role": "PRINCIPAL",
            "mirroring": "SYNCHRONIZED",
            "safety": "FULL",
            "ships_enabled": True,
        },
        backup={"linked": True},
    )
    assert "restore_tail" not in back(with_estate(later, intent=None))
    unmirrored = with_copies(later, primary=ALONE, mirror=ALONE)
    assert "restore_tail" not in back(unmirrored)


def test_the_mirror_hands_over_before_logs_are_shipped_from_the_primary():
    turned = with_copies(
        healthy(),
        primary={"state": "RESTORING", "role": "MIRROR"},
        mirror={"state": "ONLINE", "role": "PRINCIPAL"},
        backup={"linked": False},
    )
    moves = back(turned)
    assert moves.index("switch_principal") < moves.index("link_log_shipping")


def test_a_mirror_that_is_alone_gets_a_partner():
    e = with_copies(
        healthy(), primary={"state": "RESTORING", **ALONE}, mirror={"state": "ONLINE", **ALONE}
    )
    moves = ["declare_intent", "mirror_to_primary", "switch_principal", "clear_intent"]
    assert back(e) == moves


@pytest.mark.parametrize("half", ["primary", "mirror"])
def test_half_a_session_is_removed_before_the_pair_is_mirrored(half):
    other = "mirror" if half == "primary" else "primary"
    e = with_copies(healthy(), **{half: {"mirroring": "DISCONNECTED"}, other: ALONE})
    moves = planned(e, "failback").moves
    assert [(m.name, m.host) for m in moves[1:3]] == [
        ("unmirror", "sql-n1" if half == "primary" else "sql-n2"),
        ("mirror_primary", None),
    ]


def test_an_old_principal_that_comes_back_after_the_failback_is_kept_before_it_is_replaced():
    e = with_copies(healthy(), primary=ALONE, mirror={"state": "ONLINE", **ALONE})
    assert back(e) == [
        "declare_intent",
        "unlink_old_primary",
        "keep_old_copy",
        "mirror_primary",
        "link_log_shipping_of_mirror",
        "clear_intent",
    ]


def test_servers_know_the_mirror_before_it_is_the_principal_for_a_moment():
    mirror = {"restored_at": "2015-06-01T10:00:00Z", "ships": False, "ships_enabled": False}
    moves = back(with_copies(healthy(), mirror=mirror))
    assert moves[1:-1] == ["restart_servers"] * 2 + ["link_log_shipping_of_mirror"]


def test_the_old_mirror_of_the_backup_is_dropped_last():
    e = with_copies(healthy(), backup_mirror={"state": "RESTORING"})
    assert back(e) == ["declare_intent", "drop_leftover", "clear_intent"]


def test_what_was_fenced_is_opened_again():
    moves = planned(healthy(active=()), "failback").moves
    assert [tuple(m.args["servers"]) for m in moves if m.name == "set_active_servers"] == [HOME]


@pytest.mark.parametrize(
    ("estate", "code", "words"),
    [
        (with_copies(failed_over(), backup=GONE), "backup_unreachable", ["sql-s1"]),
        (
            with_copies(failed_over(), primary=GONE),
            "primary_unreachable",
            ["sql-n1", "no answer within 15 seconds"],
        ),
        (
            with_copies(healthy(), backup={"state": "ONLINE", "family": "X"}),
            "no_backup_copy",
            ["sql-s1", "ONLINE"],
        ),
        (
            failed_over(pool_state="Normal", active=()),
            "failover_unfinished",
            ["sql-s1", "failover.yml"],
        ),
        (
            with_estate(failed_over(), intent=intent("failover", OTHERS, operator="bob")),
            "intent_conflict",
            ["bob", "failover.yml"],
        ),
        (
            with_copies(healthy(), primary={"state": "RESTORING", **ALONE}, mirror=ALONE),
            "no_copy_online",
            ["sql-n1: RESTORING", "sql-s1: RESTORING"],
        ),
        (
            with_copies(
                healthy(),
                primary={"state": "RESTORING", "role": "MIRROR", "mirroring": "SUSPENDED"},
                backup={"linked": False},
                mirror={"state": "ONLINE", "role": "PRINCIPAL", "mirroring": "SUSPENDED"},
            ),
            "mirror_is_principal",
            ["sql-n2", "mirror_failover.yml"],
        ),
        (failed_over(store="local", active=None), "cms_lost", ["fe-n1"]),
    ],
)
def test_a_refusal_names_what_it_saw(estate, code, words):
    text = refused(estate, code, "failback")
    assert [w for w in words if w not in text] == []


def test_a_former_mirror_that_may_hold_more_is_not_overwritten_at_home():
    """The primary was restored from an older backup; the mirror has all that was written."""
    rolled_back = {"fork": "F1", "fork_point": 120, "fork_left": "F0", **ALONE}
    holds_more = with_copies(healthy(), primary=rolled_back, mirror=ALONE)
    said = refused(holds_more, "would_overwrite", "failback")
    assert "drop mgc by hand on sql-n2," in said
    stands_before = with_copies(healthy(), primary=rolled_back, mirror={**ALONE, "redo_lsn": 119})
    left_alone = with_copies(healthy(), primary=ALONE, mirror=ALONE)
    for e in (stands_before, left_alone):
        assert "mirror_primary" in names(planned(e, "failback").moves)
    on_its_way = with_estate(holds_more, intent=intent("failback"))
    assert "mirror_primary" in names(planned(on_its_way, "failback").moves)


@pytest.mark.parametrize("target", ["failover", "failback"])
def test_the_backup_s_former_mirror_that_may_hold_more_is_neither_overwritten_nor_dropped(target):
    """The backup copy was restored from an older backup while the pool ran on it."""
    rolled_back = {"fork": "F2", "fork_point": 120, "fork_left": "F1", **ALONE}
    holds_more = with_copies(failed_over(), backup=rolled_back, backup_mirror=ALONE)
    assert "sql-s2" in refused(holds_more, "would_overwrite", target)
    on_its_way = with_estate(holds_more, intent=intent(target))
    same = {"fork": "F1", "family": "M", **ALONE}
    left_alone = with_copies(failed_over(), backup=same, backup_mirror=same)
    for e in (on_its_way, left_alone):
        assert planned(e, target).moves
