"""The doors of an outage: each is passed only from exactly the state that was looked at."""

from __future__ import annotations

import pytest
from unit.domain.answers import ATTEMPT, OTHER_ATTEMPT, POOL, Answers, make, names, refusal, texts

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    database_recovery,
    leftover_copy,
    log_tail_backup,
)

SHARE = "\\\\fs-s1.contoso.example\\pchat-logs"


def copy(state, role=None, redo=None):
    return {"database_state": state, "mirroring_role": role, "redo_lsn": redo}


# -- database_recovery


def recovering(**options):
    usual = {"database": "mgc", "expect_lsn": "126", "pool": POOL, "intent": ATTEMPT}
    return make(
        database_recovery.DatabaseRecovery,
        database_recovery.DATABASE_RECOVERY_SPEC,
        **{**usual, **options},
    )


def test_a_copy_that_stands_where_it_was_seen_is_recovered():
    (step,) = recovering().plan({**copy("RESTORING", redo="126"), "was_restored": True})
    assert (step.name, step.one_way) == ("recover_database", True)
    assert step.sets == {
        "database_state": "ONLINE",
        "redo_lsn": None,
        "user_access": "MULTI_USER",
        "was_restored": True,
    }
    text = texts([step])
    assert "RESTORE DATABASE [mgc] WITH RECOVERY" in text
    assert "END) = 126)" in text
    assert ATTEMPT in text
    assert text.index("IF ") < text.index("RESTORE DATABASE")


def test_without_an_intent_the_record_is_not_asked():
    assert "extended_properties" not in texts(
        recovering(intent="").plan({**copy("RESTORING", redo="126"), "was_restored": True})
    )


def test_a_recovered_copy_is_done():
    assert recovering().plan({**copy("ONLINE"), "was_restored": True}) == []


@pytest.mark.parametrize(
    ("current", "code"),
    [
        # the empty one of an installation
        ({**copy("ONLINE"), "was_restored": False}, "not_restoring"),
        ({**copy(None), "was_restored": True}, "not_restoring"),
        ({**copy("RECOVERY_PENDING"), "was_restored": True}, "not_restoring"),
        ({**copy("RESTORING", "MIRROR", "126"), "was_restored": True}, "mirrored"),
        ({**copy("RESTORING", redo="127"), "was_restored": True}, "other_position"),
        ({**copy("RESTORING", redo="12"), "was_restored": True}, "other_position"),
        ({**copy("RESTORING", redo=None), "was_restored": True}, "other_position"),
    ],
)
def test_what_is_not_recovered(current, code):
    assert refusal(lambda: recovering().plan(current)).code == code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"expect_lsn": "latest"}, "bad_lsn"),
        ({"expect_lsn": "\u00b2"}, "bad_lsn"),
        ({"pool": "chat"}, "bad_name"),
        ({"intent": "%"}, "bad_intent"),
    ],
)
def test_bad_options_of_a_recovery(wrong, code):
    assert refusal(lambda: recovering(**wrong)).code == code


def test_reading_before_a_recovery():
    row = {"name": "mgc", **copy("RESTORING", redo="126")}
    assert recovering().read(Answers([[row], [{"anything": 1}], []])) == {
        **copy("RESTORING", redo="126"),
        "user_access": None,
        "was_restored": True,
    }
    assert recovering().read(Answers([[], [], []])) == {
        **copy(None),
        "user_access": None,
        "was_restored": False,
    }


@pytest.mark.parametrize(
    ("kind", "stamp", "was"),
    [
        ("L", f"pchat {ATTEMPT}-tail", True),
        ("D", f"pchat {ATTEMPT}-tail", False),
        ("L", "nightly-tail", False),
        ("L", None, False),
    ],
)
def test_a_copy_that_was_stopped_with_its_tail_saved_may_be_reopened(kind, stamp, was):
    """Nothing was ever restored there."""
    row = {"name": "mgc", **copy("ONLINE")}
    assert recovering().read(Answers([[row], [], [{"type": kind, "stamp": stamp}]])) == {
        **copy("ONLINE"),
        "user_access": None,
        "was_restored": was,
    }


# -- log_tail_backup

TAIL = {
    "path": f"{SHARE}\\mgc_{ATTEMPT}-tail.trn",
    "first_lsn": "100",
    "last_lsn": "126",
    "uuid": "A",
    "position": 1,
}


def stopping(**options):
    return make(
        log_tail_backup.LogTailBackup,
        log_tail_backup.LOG_TAIL_BACKUP_SPEC,
        **{"database": "mgc", "directory": SHARE + "\\", "id": ATTEMPT, "pool": POOL, **options},
    )


def tail_state(state, role=None, tail=None):
    return {"database_state": state, "mirroring_role": role, "tail": tail}


def test_the_copy_stops_in_the_statement_that_saves_its_tail():
    (step,) = stopping(holds_intent=True).plan(tail_state("ONLINE"))
    assert (step.name, step.one_way, step.sets["database_state"]) == (
        "back_up_tail",
        True,
        "RESTORING",
    )
    text = texts([step])
    assert f"TO DISK = N'{TAIL['path']}'" in text
    assert f"NAME = N'pchat {ATTEMPT}-tail'" in text
    assert "NORECOVERY" in text
    assert text.count("extended_properties") == 1


def test_an_instance_without_the_record_is_not_asked_for_it():
    assert "extended_properties" not in texts(stopping().plan(tail_state("ONLINE")))


def test_a_tail_that_was_saved_is_done():
    assert stopping().plan(tail_state("RESTORING", tail=TAIL)) == []


def test_a_copy_that_works_again_has_a_new_tail():
    """Reopened after its tail was saved, it may have been written to."""
    assert names(stopping().plan(tail_state("ONLINE", tail=TAIL))) == ["back_up_tail"]


@pytest.mark.parametrize(
    ("current", "code"),
    [
        (tail_state(None), "not_online"),
        (tail_state("RESTORING"), "not_online"),
        (tail_state("SUSPECT"), "not_online"),
        (tail_state("ONLINE", "PRINCIPAL"), "mirrored"),
    ],
)
def test_what_has_no_tail(current, code):
    assert refusal(lambda: stopping().plan(current)).code == code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"id": "x"}, "bad_intent"),
        ({"id": ATTEMPT.upper()}, "bad_intent"),
        ({"directory": "logs"}, "bad_path"),
        ({"pool": "chat"}, "bad_name"),
    ],
)
def test_bad_options_of_a_tail(wrong, code):
    assert refusal(lambda: stopping(**wrong)).code == code


def test_only_the_tail_of_this_attempt_is_recognised():
    def taken(stamp, kind, path):
        return {
            **TAIL,
            "type": kind,
            "stamp": stamp,
            "path": path,
            "started_at": "2015-06-01T08:00:00Z",
        }

    row = {"name": "mgc", **copy("RESTORING", redo="126")}
    others = [
        taken(f"pchat {ATTEMPT}-tail", "D", "full"),
        taken(f"pchat {OTHER_ATTEMPT}-tail", "L", "other"),
        taken("nightly", "L", "nightly"),
    ]
    assert stopping().read(Answers([[row], others])) == tail_state("RESTORING")
    mine = [taken(f"pchat {ATTEMPT}-tail", "L", "old"), taken(f"pchat {ATTEMPT}-tail", "L", "new")]
    assert stopping().read(Answers([[row], [*mine, *others]]))["tail"] == {**TAIL, "path": "new"}


# -- leftover_copy


def leftover():
    return make(leftover_copy.LeftoverCopy, leftover_copy.LEFTOVER_COPY_SPEC, database="mgc")


def test_a_leftover_is_dropped():
    (step,) = leftover().plan(copy("RESTORING", redo="126"))
    assert (step.name, step.one_way, step.sets) == ("drop_leftover", True, copy(None))
    text = texts([step])
    assert "DROP DATABASE [mgc]" in text
    assert text.index("log_shipping_secondary_databases") < text.index("DROP DATABASE")


def test_no_copy_is_no_leftover_to_drop():
    assert leftover().plan(copy(None)) == []


@pytest.mark.parametrize(
    "current",
    [copy("ONLINE"), copy("ONLINE", "PRINCIPAL"), copy("RESTORING", "MIRROR"), copy("SUSPECT")],
)
def test_what_is_never_dropped(current):
    assert refusal(lambda: leftover().plan(current)).code == "no_leftover"


def test_reading_a_leftover():
    assert leftover().read(Answers([[{"name": "Mgc", **copy("RESTORING", redo="1")}]])) == copy(
        "RESTORING", redo="1"
    )
    assert leftover().read(Answers([[]])) == copy(None)


def test_a_copy_in_use_that_was_never_restored_is_opened_where_nothing_is_to_be_recovered():
    """Somebody closed it, or a switchover that was cut off before it saved the tail."""
    opening = recovering(expect_lsn="")
    closed = {**copy("ONLINE"), "user_access": "SINGLE_USER", "was_restored": False}
    (step,) = opening.plan(closed)
    assert step.name == "open_database"
    assert opening.plan({**closed, "user_access": "MULTI_USER"}) == []
    assert refusal(lambda: recovering().plan(closed)).code == "not_restoring"
    for state in ("RESTORING", None):
        waits = {**closed, "database_state": state}
        assert refusal(lambda waits=waits: opening.plan(waits)).code == "not_online"


def test_a_copy_in_use_that_a_run_left_closed_is_opened():
    (step,) = recovering().plan(
        {**copy("ONLINE"), "user_access": "RESTRICTED_USER", "was_restored": True}
    )
    assert (step.name, step.one_way, step.sets) == (
        "open_database",
        False,
        {"user_access": "MULTI_USER"},
    )
    assert "SET MULTI_USER" in step.calls[0].text
    assert (
        recovering().plan({**copy("ONLINE"), "user_access": "MULTI_USER", "was_restored": True})
        == []
    )
