"""A failover: what it does from here, and every sentence with which it refuses."""

from __future__ import annotations

import dataclasses

import pytest
from unit.domain.outage.estates import (
    AWAY,
    GONE,
    HOSTS,
    MINE,
    NOW,
    OTHERS,
    REFUSES,
    failed_over,
    healthy,
    intent,
    log,
    names,
    planned,
    refused,
    site_lost,
    with_copies,
    with_estate,
)

ALONE = {"role": None, "mirroring": None}
FRESH = (log(150, 200, "copied", "2015-06-01T11:50:00Z"),)


def fenced(**facts):
    """A failover of a lost site that has begun: declared, the store moved, nobody active."""
    return site_lost(
        store="central",
        active=(),
        intent=intent("failover", at="2015-06-01T11:55:00Z"),
        logs=FRESH,
        **facts,
    )


def test_a_lost_site_is_left_and_clients_are_let_in_before_the_mirror_is_made():
    plan = planned(
        site_lost(logs=(*FRESH, log(200, 220, at="2015-06-01T11:55:00Z"))), move_cms=True
    )
    assert names(plan.moves) == [
        "declare_intent",
        "fail_over_cms",
        "fence",
        "copy_logs",
        "unlink_log_shipping",
        "restore_logs",
        "recover_database",
        "set_pool_failed_over",
        "set_active_servers",
        "mirror_backup",
        "clear_intent",
    ]
    assert plan.first_one_way is not None
    assert (plan.first_one_way.name, plan.first_one_way.args["expect_lsn"]) == (
        "recover_database",
        "220",
    )
    assert (plan.loss.minutes, plan.loss.lsn) == (5, 220)


def test_in_the_documented_order_clients_wait_for_the_mirror():
    moves = names(planned(fenced(), order="documented").moves)
    assert moves.index("mirror_backup") < moves.index("set_active_servers")


def test_a_run_that_ended_between_service_and_mirror_is_gone_on_with_while_clients_write():
    e = with_copies(
        with_estate(failed_over(), intent=intent("failover")),
        backup={"role": None, "mirroring": None},
        backup_mirror={"state": None, "role": None, "mirroring": None},
    )
    plan = planned(e)
    assert names(plan.moves)[-2:] == ["mirror_backup", "clear_intent"]
    assert "fence" not in names(plan.moves)
    assert "set_active_servers" not in names(plan.moves)


@pytest.mark.parametrize("order", ["service", "documented"])
def test_servers_that_do_not_run_are_started_before_clients_are_let_in(order):
    stopped = tuple(
        dataclasses.replace(server, stopped=("Skype Chat",), started=False)
        for server in fenced().servers
    )
    moves = planned(with_estate(fenced(), servers=stopped), order=order).moves
    started = [number for number, move in enumerate(moves) if move.name == "restart_servers"]
    assert {moves[number].args["after"] for number in started} == {""}
    assert started[-1] < names(moves).index("set_active_servers")


def test_a_planned_switchover_ships_the_last_log():
    plan = planned(healthy(), mode="planned")
    assert names(plan.moves)[:7] == [
        "declare_intent",
        "fence",
        "unmirror",
        "back_up_tail",
        "unlink_log_shipping",
        "restore_logs",
        "recover_database",
    ]
    assert plan.loss.minutes == 0


def test_without_a_mirror_in_the_backup_site_there_is_none_to_make():
    e = with_copies(fenced(), backup_mirror=GONE)
    assert "mirror_backup" not in names(planned(e).moves)
    assert "mirror_backup" not in names(planned(fenced(), mirror_backup=False).moves)


def test_at_the_goal_nothing_is_left():
    assert (
        planned(
            with_copies(
                failed_over(), primary={"ships_enabled": False}, mirror={"ships_enabled": False}
            )
        ).moves
        == ()
    )


def test_an_old_primary_that_came_back_is_silenced():
    moves = planned(failed_over()).moves
    assert [(m.name, m.host) for m in moves] == [
        ("declare_intent", "sql-s1"),
        ("silence_old_primary", "sql-n1"),
        ("silence_old_primary", "sql-n2"),
        ("clear_intent", "sql-s1"),
    ]


def test_half_a_session_on_the_backup_mirror_is_removed_before_it_is_made_anew():
    e = with_copies(
        failed_over(),
        backup=ALONE,
        backup_mirror={"mirroring": "DISCONNECTED"},
        primary=GONE,
        mirror=GONE,
    )
    assert names(planned(e).moves) == [
        "declare_intent",
        "unmirror",
        "mirror_backup",
        "clear_intent",
    ]


def test_a_session_that_was_left_without_its_witness_gets_it():
    paired = {"role": "PRINCIPAL", "mirroring": "SYNCHRONIZED", "safety": "FULL"}
    quiet = {"ships_enabled": False}
    e = with_copies(
        failed_over(),
        primary=quiet,
        mirror=quiet,
        backup=paired,
        backup_mirror={**paired, "role": "MIRROR"},
    )
    assert names(planned(e).moves) == []  # nobody declared one
    e = with_estate(e, witnesses={"backup": "sql-s3"})
    (move,) = [m for m in planned(e).moves if m.name == "set_witness"]
    assert (move.host, move.args) == ("sql-s1", {"database": "mgc", "witness": "sql-s3"})
    assert "set_witness" not in names(
        planned(with_copies(e, backup={"witness": "DISCONNECTED"})).moves
    )
    assert "set_witness" not in names(
        planned(with_copies(e, backup={"mirroring": "SYNCHRONIZING"})).moves
    )
    assert "set_witness" not in names(planned(e, mirror_backup=False).moves)


def test_servers_that_started_before_the_mirror_was_made_are_restarted():
    e = with_copies(
        failed_over(),
        primary=GONE,
        mirror=GONE,
        backup_mirror={"restored_at": "2015-06-01T10:00:00Z"},
    )
    moves = planned(e).moves
    assert [(m.name, m.host) for m in moves if m.name == "restart_servers"] == [
        ("restart_servers", "chat-s1")
    ]


@pytest.mark.parametrize(
    ("made", "sql", "server", "restarted"),
    [("10:00:00", "12:00:00", "10:00:00", []), ("08:30:00", "12:00:00", "13:00:00", ["chat-s1"])],
)
def test_when_a_server_started_and_the_mirror_was_made_is_compared_by_one_clock(
    made, sql, server, restarted
):
    """It started at nine by its own; theirs are apart by two hours, and by one."""
    clocks = {
        name: {"told": f"2015-06-01T{told}Z", "asked": 100.0, "answered": 100.1}
        for name, told in (("sql", sql), ("server", server))
    }
    e = with_copies(
        failed_over(),
        primary=GONE,
        mirror=GONE,
        backup_mirror={"restored_at": f"2015-06-01T{made}Z", "clock": clocks["sql"]},
    )
    servers = tuple(dataclasses.replace(one, clock=clocks["server"]) for one in e.servers)
    moves = planned(with_estate(e, servers=servers)).moves
    assert [m.host for m in moves if m.name == "restart_servers"] == restarted


@pytest.mark.parametrize(
    ("estate", "said", "code", "words"),
    [
        (
            with_copies(site_lost(), backup=GONE),
            {},
            "backup_unreachable",
            ["sql-s1", "no answer within 15 seconds"],
        ),
        (
            with_copies(site_lost(), backup={"state": None}),
            {},
            "no_backup_copy",
            ["sql-s1", "site.yml"],
        ),
        (
            with_copies(site_lost(), backup={"state": "ONLINE", "family": "X"}),
            {},
            "no_backup_copy",
            ["sql-s1", "ONLINE"],
        ),
        (with_copies(site_lost(), backup={"role": "MIRROR"}), {}, "mirrored", ["sql-s1"]),
        (healthy(), {}, "primary_alive", ["sql-n1", "failover_mode: planned"]),
        (
            with_copies(healthy(), primary=GONE),
            {},
            "mirror_alive",
            ["sql-n2", "mirror_failover.yml"],
        ),
        (
            site_lost(seen_from=("fe-s1 reaches sql-n1",)),
            {},
            "primary_seen",
            ["fe-s1 reaches sql-n1"],
        ),
        (
            site_lost(),
            {"mode": "planned"},
            "primary_not_online",
            ["sql-n1: does not answer", "disaster"],
        ),
        (site_lost(), {}, "cms_lost", ["fe-n1", "no route", "fe-s1"]),
        (
            site_lost(management=None, store=None),
            {"move_cms": True},
            "cms_lost",
            ["pchat_management"],
        ),
        (fenced(published=False), {}, "pool_not_found", ["chat.contoso.example"]),
        (
            with_estate(fenced(), intent=intent("failback", operator="bob")),
            {},
            "intent_conflict",
            ["bob", NOW, "failback.yml"],
        ),
        (
            with_copies(fenced(), backup={"redo_lsn": None}),
            {},
            "position_unknown",
            ["sql-s1", "sysadmin"],
        ),
        (
            with_estate(fenced(), logs=FRESH, logs_why="sql-s1 cannot see the share"),
            {},
            "share_gone",
            ["sql-s1 cannot see the share"],
        ),
        (with_estate(fenced(), logs=(log(210, 220),)), {}, "chain_gap", ["LSN 200 to 210"]),
        (
            with_estate(fenced(), logs=(log(200, 220, damaged=True),)),
            {},
            "chain_damaged",
            ["mgc_20150601114500.trn"],
        ),
        (
            with_estate(fenced(), logs=(log(200, 220, first_fork="F9", last_fork="F9"),)),
            {},
            "chain_fork",
            ["sql-n1"],
        ),
        (
            with_estate(fenced(), logs=(log(0, 0, error="3241"),)),
            {},
            "chain_unreadable",
            ["mgc_20150601114500.trn"],
        ),
        (fenced(), {"max_data_loss": 4}, "loss_too_great", ["5 minutes", "4 minutes", "accept"]),
        (
            with_estate(with_copies(fenced(), backup={"restored_at": None}), logs=(), now=None),
            {"now": ""},
            "loss_unknown",
            ["accept"],
        ),
        (failed_over(pool_state="Normal"), {}, "split_brain", ["sql-n1", "sql-s1"]),
    ],
)
def test_a_refusal_names_what_it_saw(estate, said, code, words):
    text = refused(estate, code, **said)
    assert [w for w in words if w not in text] == []


@pytest.mark.parametrize(
    "lost",
    [
        {"logs": FRESH, "logs_why": "gone"},
        {"logs": (log(210, 220),)},
        {"logs": (log(200, 220, damaged=True),)},
    ],
)
def test_a_loss_that_is_accepted_is_said(lost):
    plan = planned(with_estate(fenced(), **lost), data_loss="accept")
    assert "recover_database" in names(plan.moves)
    assert plan.loss.lsn == 200
    assert "LSN 200" in plan.loss.sentence


def test_without_the_share_what_was_copied_is_still_applied():
    e = with_estate(
        fenced(), logs=(*FRESH, log(200, 220, "copied", "2015-06-01T11:55:00Z")), logs_why="gone"
    )
    plan = planned(e, data_loss="accept")
    assert plan.loss.lsn == 220
    assert next(m for m in plan.moves if m.name == "restore_logs").args["reached"] == "220"


@pytest.mark.parametrize(
    ("copy", "words"),
    [
        ({"tail": MINE}, ["sql-n1", "LSN 230", "failback.yml"]),
        ({"tail": None, "fork": "F0"}, ["sql-n1", "LSN 230", "by hand"]),
    ],
)
def test_a_stopped_copy_that_holds_more_is_not_passed_by_whatever_is_accepted(copy, words):
    e = with_copies(
        fenced(), primary={"answers": True, "state": "RESTORING", "redo_lsn": 230, **ALONE, **copy}
    )
    for mode in ("disaster", "planned") if copy["tail"] else ("disaster",):
        text = refused(e, "stopped_copy_holds_more", data_loss="accept", mode=mode)
        assert [w for w in words if w not in text] == []


def test_a_copy_of_a_fork_that_the_backup_copy_left_holds_nothing_more():
    left = log(120, 160, first_fork="F7", fork_point=155)
    e = with_copies(
        fenced(),
        primary={"answers": True, "state": "RESTORING", "redo_lsn": 230, "fork": "F7", **ALONE},
    )
    assert "recover_database" in names(planned(with_estate(e, logs=(left, *e.logs))).moves)


@pytest.mark.parametrize(("slot", "principal"), [("primary", "mirror"), ("mirror", "primary")])
def test_the_refusal_names_the_partner_that_is_the_mirror(slot, principal):
    waits = {"role": "MIRROR", "mirroring": "DISCONNECTED", "state": "RESTORING", "redo_lsn": 210}
    e = with_copies(healthy(), **{slot: waits, principal: GONE})
    assert f"mirror_failover_to: {slot}" in refused(e, "mirror_alive")


def test_a_mirror_that_lacks_what_was_shipped_does_not_keep_anybody_here():
    e = with_copies(
        fenced(),
        mirror={
            "answers": True,
            "state": "RESTORING",
            "role": "MIRROR",
            "mirroring": "DISCONNECTED",
            "redo_lsn": 150,
        },
    )
    assert "recover_database" in names(planned(e).moves)


def test_somebody_elses_direction_can_be_overridden():
    e = with_estate(fenced(), intent=intent("failback", OTHERS, operator="bob"))
    first = planned(e, override_intent=True).moves[0]
    assert (first.name, first.args["replaces"]["id"], first.args["id"]) == (
        "declare_intent",
        OTHERS,
        MINE,
    )


def test_an_intent_whose_fence_is_open_is_declared_anew():
    """Clients could write since, so that what may be lost is counted from now and not from the
    first declaration.
    """
    e = with_estate(fenced(), active=AWAY)
    plan = planned(e)
    assert names(plan.moves)[:2] == ["declare_intent", "fence"]
    assert (plan.moves[0].args["id"], plan.moves[0].args["at"], plan.loss.minutes) == (
        MINE,
        NOW,
        10,
    )
    assert planned(fenced()).loss.minutes == 5


def test_a_tail_proves_that_nothing_is_lost_only_while_nobody_went_on():
    tail = log(
        200,
        220,
        "copied",
        "2015-06-01T11:56:00Z",
        tail=True,
        stamp=f"{MINE}-tail",
        name=f"mgc_{MINE}-tail.trn",
    )
    ours = with_estate(fenced(), logs=(*FRESH, tail))
    assert planned(ours).loss.minutes == 0
    older = with_estate(ours, intent=intent("failover", OTHERS, at="2015-06-01T11:58:00Z"))
    assert planned(older).loss.minutes == 2
    stopped = with_copies(
        older,
        primary={"answers": True, "state": "RESTORING", "redo_lsn": 220, "tail": MINE, **ALONE},
    )
    assert planned(stopped).loss.minutes == 0


@pytest.mark.parametrize("slots", [("primary", "mirror"), ("primary",), ("mirror",)])
def test_a_partner_that_answers_and_refuses_is_not_lost_and_no_acceptance_leads_past_it(slots):
    e = with_copies(fenced(), **dict.fromkeys(slots, REFUSES))
    for said in (
        {},
        {"data_loss": "accept", "max_data_loss": 10**6},
        {"override_intent": True},
        {"unasked": frozenset({"sql-s1"})},
    ):
        sentence = refused(e, "primary_refuses", **said)
        assert all(word in sentence for word in (HOSTS[slots[0]], "401", "failover_unasked"))


def test_only_the_host_that_was_named_is_taken_for_lost():
    both = with_copies(fenced(), primary=REFUSES, mirror=REFUSES)
    assert "sql-n2 is not lost" in refused(both, "primary_refuses", unasked=frozenset({"sql-n1"}))
    assert "recover_database" in names(planned(both, unasked=frozenset({"sql-n1", "sql-n2"})).moves)


def test_a_copy_that_was_put_to_work_and_left_closed_is_opened_before_anything_else():
    for e, target in ((failed_over(), "failover"), (healthy(), "failback")):
        slot = "backup" if target == "failover" else "primary"
        moves = names(
            planned(with_copies(e, **{slot: {"closed_by": ("SINGLE_USER",)}}), target).moves
        )
        assert (
            next(name for name in moves if name not in ("declare_intent", "clear_intent"))
            == "open_copy"
        )
        assert "open_copy" not in names(planned(e, target).moves)


def test_a_primary_that_was_restored_from_before_is_not_stopped_for_a_tail_that_fits_nowhere():
    """No log backup was taken since, so only its SQL Server tells what its history left, or
    nobody; then the copy is not known to be on the same one.
    """
    rolled_back = {"fork": "F1", "fork_point": 120, "last_backup_lsn": 110, **ALONE}
    told = with_copies(healthy(), primary={**rolled_back, "fork_left": "F0"}, mirror=ALONE)
    assert "left the one that sql-s1 follows at LSN 120" in refused(
        told, "chain_fork", mode="planned"
    )
    untold = with_copies(healthy(), primary={**rolled_back, "fork_point": None}, mirror=ALONE)
    assert "nobody knows whether a log of sql-n1" in refused(untold, "chain_fork", mode="planned")


def test_a_primary_that_was_restored_from_before_is_not_stopped_beside_a_mirror_that_holds_more():
    """The backup copy would take its tail, and not be put to work: somebody holds more."""
    rolled_back = {"fork": "F1", "fork_point": 205, "fork_left": "F0", "last_backup_lsn": 200}
    beside = with_copies(healthy(), primary={**rolled_back, **ALONE}, mirror=ALONE)
    said = refused(beside, "stopped_copy_holds_more", mode="planned")
    assert "left that of sql-n2 at LSN 205" in said
    stands_before = with_copies(beside, mirror={"redo_lsn": 204})
    assert "back_up_tail" in names(planned(stands_before, mode="planned").moves)


def test_a_primary_whose_service_was_forced_beyond_what_was_shipped_can_be_left():
    forced = {"fork": "F1", "fork_point": 205, "fork_left": "F0", "last_backup_lsn": 200, **ALONE}
    mirror = {"redo_lsn": 205, **ALONE}
    moves = planned(with_copies(healthy(), primary=forced, mirror=mirror), mode="planned").moves
    assert "back_up_tail" in names(moves)


@pytest.mark.parametrize(
    ("setting", "undo"), [("READ_ONLY", "SET READ_WRITE"), ("AUTO_CLOSE", "SET AUTO_CLOSE OFF")]
)
def test_a_copy_that_cannot_be_mirrored_is_neither_stopped_nor_taken_home(setting, undo):
    """A disaster is not kept from its one-way door by what nobody can see."""
    at_home = with_copies(healthy(), primary={"closed_by": (setting,), **ALONE}, mirror=ALONE)
    away = with_copies(failed_over(), backup={"closed_by": (setting,), **ALONE})
    for e, target, host in (
        (at_home, "failover", "sql-n1"),
        (away, "failback", "sql-s1"),
        (at_home, "failback", "sql-n1"),
    ):
        said = refused(e, "database_closed", target, mode="planned" if e is at_home else "disaster")
        assert f"mgc on {host} is {setting}" in said
        assert f"ALTER DATABASE [mgc] {undo}" in said
    refused(at_home, "primary_alive")


def test_what_was_put_to_work_and_is_read_only_is_told_before_clients_are_let_in():
    """It came with the log. What is merely not to be mirrored is served first."""
    away = with_copies(failed_over(), backup={"closed_by": ("READ_ONLY",), **ALONE})
    assert "mgc on sql-s1 is READ_ONLY" in refused(away, "database_closed")
    unmirrored = with_copies(failed_over(), backup={"closed_by": ("AUTO_CLOSE",), **ALONE})
    assert "mirror_backup" in names(planned(unmirrored).moves)


def test_a_tail_that_holds_nothing_is_the_end_all_the_same():
    """Nobody wrote since the log backup before it, whose name tells no time: nothing is lost, and
    the door behind which nobody is served opens.
    """
    stopped = {
        "state": "RESTORING",
        "role": None,
        "mirroring": None,
        "tail": MINE,
        "redo_lsn": 200,
        "ships_enabled": False,
    }
    odd = log(150, 200, at=None, name="mgc_20150631080000.trn")
    tail = log(200, 200, name=f"mgc_{MINE}-tail.trn", tail=True, stamp=f"{MINE}-tail")
    e = with_copies(
        healthy(active=(), intent=intent("failover"), logs=(odd, tail)),
        primary=stopped,
        mirror={"role": None, "mirroring": None, "redo_lsn": 200},
    )
    assert planned(e, mode="planned").loss.minutes == 0
