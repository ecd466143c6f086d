"""What was read becomes facts, and what was not stays unknown."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.forks import (
    Left,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.seen import (
    estate_seen,
)
from model.document import document_of
from model.world import World

ATTEMPT = "c" * 32


def looked(change=lambda document: None):
    document = document_of(World(7))
    change(document["hosts"])
    return estate_seen(document)


def database(hosts, host):
    return hosts[host]["sql"]["databases"]["mgc"]


def test_a_healthy_estate():
    e = looked()
    assert (e.principal.host, e.mirror.role, e.backup.restoring, e.backup.linked) == (
        "sql-n1",
        "MIRROR",
        True,
        True,
    )
    assert (e.store, e.pool_state, e.active, e.recovered) == (
        "central",
        "Normal",
        ("chat-n1.contoso.example",),
        False,
    )
    assert (e.backup.redo_lsn, e.primary.redo_lsn) == (1001, None)
    assert {s.site: s.started for s in e.servers} == {"primary": True, "backup": True}
    world = World(7)
    assert e.now == world.clock(world.sql["backup"].skew)


def test_a_silent_host_is_unknown_and_not_absent():
    def silent(hosts):
        hosts["sql-n1"] = {"answers": False, "why": "no answer within 15 seconds"}

    e = looked(silent)
    assert (e.primary.answers, e.primary.online, e.primary.restoring, e.primary.why) == (
        False,
        False,
        False,
        "no answer within 15 seconds",
    )
    assert e.unreachable == ("sql-n1",)
    assert e.principal is None


def test_an_instance_that_answers_without_the_database():
    def absent(hosts):
        hosts["sql-n1"]["sql"]["databases"]["mgc"] = {}

    e = looked(absent)
    assert (e.primary.answers, e.primary.state) == (True, None)


def test_the_pool_is_told_by_whoever_reaches_the_central_store_backup_site_first():
    def local(hosts):
        hosts["fe-s1"]["pool"].update(store="local", active=None, why="it does not answer")

    assert (looked().management, looked(local).management) == ("fe-s1", "fe-n1")
    assert looked(local).store == "central"


def test_a_replica_tells_the_state_when_the_store_does_not():
    def lost(hosts):
        hosts["fe-n1"] = {"answers": False, "why": "gone"}
        hosts["fe-s1"]["pool"].update(
            store="local", active=None, cms=None, why="it does not answer"
        )

    e = looked(lost)
    assert (e.store, e.pool_state, e.active, e.management) == ("local", "Normal", None, "fe-s1")


def test_nobody_knows_the_pool():
    def lost(hosts):
        hosts["fe-n1"] = hosts["fe-s1"] = {"answers": False, "why": "gone"}

    e = looked(lost)
    assert (e.store, e.pool_state, e.active, e.management) == (None, None, None, None)
    assert "fe-s1: gone" in (e.store_why or "")


def test_only_those_who_reach_what_the_controller_does_not_are_vantage_points():
    def cut(hosts):
        hosts["sql-n1"] = {"answers": False, "why": "gone"}
        for watcher, reaches in (("fe-s1", True), ("chat-s1", True), ("fe-n1", False)):
            hosts[watcher]["sees"] = {"sql-n1": reaches, "sql-n2": True}

    assert looked().seen_from == ()
    assert looked(cut).seen_from == ("fe-s1 reaches sql-n1", "chat-s1 reaches sql-n1")


def test_without_the_share_the_copied_files_are_known():
    def gone(hosts):
        logs = hosts["sql-s1"]["sql"]["logs"]
        logs.update(
            share=None,
            why="sql-s1 cannot see it",
            copied=[
                {
                    "path": "D:\\logs\\mgc_1.trn",
                    "place": "copied",
                    "first_lsn": 1,
                    "last_lsn": 2,
                    "error": None,
                }
            ],
        )

    e = looked(gone)
    assert (e.logs_why, [b.name for b in e.logs], e.copied) == (
        "sql-s1 cannot see it",
        ["mgc_1.trn"],
        frozenset({"mgc_1.trn"}),
    )
    assert looked().logs_why is None


@pytest.mark.parametrize(
    ("facts", "tail"),
    [
        ({"redo_lsn": "500"}, ATTEMPT),
        ({"redo_lsn": None}, None),
        ({"redo_lsn": "501"}, None),
        # clocks are set back; LSNs are not
        ({"redo_lsn": "500", "restored_at": "2015-06-01T12:00:01Z"}, ATTEMPT),
        ({"redo_lsn": "500", "database_state": "ONLINE"}, None),
        ({"redo_lsn": "500", "stamp": "pchat " + ATTEMPT}, None),
        ({"redo_lsn": "500", "stamp": "nightly"}, None),
    ],
)
def test_a_tail_counts_while_the_copy_stands_where_it_ended(facts, tail):
    def stopped(hosts):
        stamp = facts.pop("stamp", f"pchat {ATTEMPT}-tail")
        backup = {"stamp": stamp, "started_at": "2015-06-01T12:00:00Z", "last_lsn": "500"}
        database(hosts, "sql-n1").update(
            {"database_state": "RESTORING", "last_log_backup": backup, **facts}
        )

    assert looked(stopped).primary.tail == tail


@pytest.mark.parametrize(
    ("changed", "tail", "fork"),
    [
        # by msdb, whichever file is the newer one
        ({"last_log_backup": ("c" * 32, "F3")}, "c" * 32, "F3"),
        ({"last_log_backup": ("d" * 32, "F9")}, "d" * 32, "F9"),
        # by the server, or what was restored up to there
        ({"recovery_fork": "F3"}, "c" * 32, "F3"),
        ({"restored_fork": "F3", "restored_last_lsn": "500"}, "c" * 32, "F3"),
        # nobody else tells: the newest one
        ({}, "d" * 32, "F9"),
        # one whose file is away, and the file of another one
        ({"last_log_backup": ("e" * 32, "F7")}, "e" * 32, "F7"),
    ],
)
@pytest.mark.parametrize("listed", [("cF3", "dF9"), ("dF9", "cF3")])
def test_of_two_tails_that_end_at_the_same_lsn_the_one_of_this_history_stopped_it(
    listed, changed, tail, fork
):
    """It was stopped twice, and between that restored from an old backup."""

    def stopped(hosts):
        copy = database(hosts, "sql-s1")
        copy.update({"database_state": "RESTORING", "recovery_fork": None, "redo_lsn": "500"})
        copy.update({"restored_fork": "F0", "restored_last_lsn": "400", **changed})
        if "last_log_backup" in changed:
            copy["last_log_backup"] = tail_taken(*changed["last_log_backup"])
        hosts["sql-s1"]["sql"]["logs"]["share"] = [tail_file(name[0], name[1:]) for name in listed]

    e = looked(stopped)
    assert (e.backup.tail, e.backup.fork) == (tail, fork)


def tail_taken(attempt, fork):
    return {
        "stamp": f"pchat {attempt}-tail",
        "started_at": "2015-06-01T12:00:00Z",
        "last_lsn": "500",
        "fork": fork,
    }


def tail_file(letter, fork):
    return {
        "path": f"\\\\share\\mgc_{letter * 32}-tail.trn",
        "place": "share",
        "first_lsn": 450,
        "last_lsn": 500,
        "first_fork": fork,
        "last_fork": fork,
        "family": "FAMILY",
        "server": "sql-s1",
        "stamp": f"{letter * 32}-tail",
        "at": f"2015-06-01T0{fork[1]}:00:00Z",
        "tail": True,
    }


def test_a_copy_that_was_put_to_work_and_stopped_stands_on_the_fork_of_its_tail():
    """Where the server hides the fork of a restoring copy, the newest restore tells it, but that
    was before it was put to work.
    """

    def stopped(fork):
        def change(hosts):
            database(hosts, "sql-s1").update(
                recovery_fork=None,
                restored_fork="F0",
                redo_lsn="500",
                restored_at="2015-06-01T08:00:00Z",
                last_log_backup={
                    "stamp": f"pchat {ATTEMPT}-tail",
                    "started_at": "2015-06-01T12:00:00Z",
                    "last_lsn": "500",
                    "fork": fork,
                },
            )

        return change

    assert looked(stopped("F3")).backup.fork == "F3"
    assert looked(stopped(None)).backup.fork == "F0"

    def rolled_on(hosts):
        stopped("F3")(hosts)
        database(hosts, "sql-s1").update(redo_lsn="600", restored_fork="F9")

    assert looked(rolled_on).backup.fork == "F9"


@pytest.mark.parametrize(
    ("changed", "fork"),
    [
        ({}, "F8"),
        # its log went on with the partner's
        ({"redo_lsn": "1060"}, "F8"),
        # by a full backup, where that of the log was cleaned up
        ({"last_log_backup": None}, "F8"),
        # of the copy that was here before the restore
        ({"restored_at": "2015-06-01T09:40:00Z"}, "F4"),
        # it was stopped with that backup, and log was restored on top of it
        ({"restored_last_lsn": "1020", "restored_fork": "F9"}, "F9"),
        # nobody remembers the restore, or the backups
        ({"restored_at": None, "restored_fork": None, "restored_last_lsn": None}, "F8"),
        ({"last_log_backup": None, "last_full_backup": None}, "F4"),
    ],
)
def test_a_mirror_that_was_the_principal_is_on_the_fork_of_what_it_backed_up(changed, fork):
    """It was restored on one fork, put to work on another one, and gave its role to its partner."""

    def was_principal(hosts):
        database(hosts, "sql-n1").update(
            {
                "database_state": "RESTORING",
                "mirroring_role": "MIRROR",
                "recovery_fork": None,
                "redo_lsn": "1050",
                "restored_at": "2015-06-01T09:34:41Z",
                "restored_fork": "F4",
                "restored_last_lsn": "1008",
                "last_full_backup": taken("2015-06-01T09:36:12Z", "1010"),
                "last_log_backup": taken("2015-06-01T09:36:13Z", "1010"),
                **changed,
            }
        )

    assert looked(was_principal).primary.fork == fork


def taken(at, end):
    return {"stamp": "", "started_at": at, "last_lsn": end, "fork": "F8"}


def test_only_stamps_of_the_collection_are_stamps():
    def other(hosts):
        database(hosts, "sql-s1").update(
            restored_stamp="nightly",
            last_full_backup={"stamp": f"pchat {ATTEMPT}", "started_at": ""},
        )

    e = looked(other)
    assert (e.backup.seed, e.backup.full) == (None, ATTEMPT)


def test_recovered_is_what_our_record_names_whatever_the_history_says():
    def recorded(**facts):
        def change(hosts):
            database(hosts, "sql-s1").update(
                **{"database_state": "ONLINE", "recovery_fork": "F1", **facts}
            )
            hosts["sql-s1"]["sql"]["put_to_work"] = {"fork": "F1", "family": "FAMILY"}

        return change

    assert looked(recorded(restored_at=None)).recovered
    e = looked(recorded(recovery_fork="F2"))
    assert (e.recovered, e.stray) == (False, True)


@pytest.mark.parametrize(
    ("further", "left"),
    [
        ({"left": "F0", "lsn": "1200"}, Left("F0", 1200)),
        ({}, None),
        ({"left": "", "lsn": "1200"}, None),
        ({"left": "F0", "lsn": "about 1200"}, None),
    ],
)
def test_our_record_tells_what_was_left_unless_it_is_of_before_or_of_another_hand(further, left):
    def recorded(hosts):
        hosts["sql-s1"]["sql"]["put_to_work"] = {"fork": "F1", "family": "FAMILY", **further}

    assert looked(recorded).put_to_work_left == left


def test_an_installed_database_is_no_copy_whatever_the_history_says():
    def installed(hosts):
        database(hosts, "sql-s1").update(
            database_state="ONLINE", family="ANOTHER", restored_at="2015-06-01T08:00:00Z"
        )

    e = looked(installed)
    assert (e.foreign, e.recovered, e.stray) == (True, False, False)


def test_a_copy_that_lacks_what_was_shipped_is_behind():
    def old(hosts):
        database(hosts, "sql-n2").update(redo_lsn="900")

    e = looked(old)
    assert (e.is_behind(e.mirror), looked().is_behind(looked().mirror), e.is_behind(e.primary)) == (
        True,
        False,
        False,
    )
