"""What an outage lost is not gone: who is told so, and when; and what the opened copy tells."""

from __future__ import annotations

import dataclasses

import pytest
from unit.domain.outage.estates import MINE, OTHERS, failed_over, healthy, with_copies

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import (
    dr_plan,
    not_gone,
    salvage_report,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.loss import Loss
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.options import (
    Options,
)

SHARE = "\\\\fs-s1.contoso.example\\pchat-seed"
FIRST = f"{SHARE}\\mgc_{OTHERS}-mirror.bak"
SECOND = f"{SHARE}\\mgc_{MINE}-primary.bak"
COMMAND = "ansible-playbook -i hosts.yml lync.persistent_chat.salvage -e salvage_host=sql-s1"


def told(estate, target="failover", minutes=None, agreed=None):
    """What a plan says at its end of what is not gone."""
    options = Options(target=target, id=MINE, now="2015-06-01T12:00:00Z")
    loss = Loss(minutes=minutes, sentence="")
    promise = {"loss": {"minutes": agreed}} if agreed is not None else None
    return list(dr_plan._not_gone(estate, options, loss, promise))


def with_kept(estate, *paths):
    return dataclasses.replace(estate, kept=paths)


@pytest.mark.parametrize("minutes", [None, 12])
def test_a_failover_that_loses_something_says_where_it_is_and_how_it_is_read(minutes):
    (sentence,) = told(failed_over(), minutes=minutes)
    assert "sql-n1, sql-n2" in sentence
    assert COMMAND in sentence


def test_a_failover_without_loss_says_nothing_of_it():
    assert told(failed_over(), minutes=0) == []


def test_at_the_end_of_a_failover_the_loss_counts_that_was_agreed_to():
    assert told(failed_over(), minutes=0, agreed=12) != []
    assert told(failed_over(), minutes=0, agreed=0) == []


def test_a_failback_names_the_backups_that_it_kept_and_no_others():
    (sentence,) = told(with_kept(healthy(), FIRST, SECOND), "failback")
    assert SECOND in sentence
    assert sentence.endswith(f"{COMMAND} -e salvage_file=mgc_{MINE}-primary.bak")
    assert FIRST not in sentence
    assert told(with_kept(healthy(), FIRST), "failback") == []


def test_the_only_kept_backup_needs_no_name():
    assert not_gone.in_kept_copies(with_kept(healthy(), FIRST)).endswith(COMMAND)


def test_old_copies_may_hold_more_unless_a_tail_stopped_one():
    assert not_gone.may_hold_more(failed_over())
    stopped = with_copies(failed_over(), primary={"state": "RESTORING", "tail": OTHERS})
    assert not not_gone.may_hold_more(stopped)
    assert not not_gone.may_hold_more(healthy())


# -- the report
KEPT = {
    "path": SECOND,
    "error": None,
    "kind": 1,
    "attempt": MINE,
    "slot": "primary",
    "server": "SQL-N1",
    "database": "mgc",
    "began_local": "2015-06-01T09:12:33",
    "uuid": "U",
    "family": "M",
    "fork": "F0",
    "first_lsn": "230",
    "last_lsn": "231",
    "version": "11.0",
}


def table(name, rows, **newest):
    return {"schema": "dbo", "name": name, "rows": rows, "newest": newest, "why": None}


def content(*tables, family="M"):
    return {
        "database_state": "ONLINE",
        "family": family,
        "recovery_fork": "F2",
        "tables": list(tables),
        "reached": None,
    }


def report(opened, pool=None, last_lsn="210", at="2015-06-01T08:30:00Z"):
    reached = {"last_lsn": last_lsn, "at": at, "path": "x"} if last_lsn else None
    return salvage_report.report_of(
        {
            "host": "sql-s2.contoso.example",
            "copy": {"name": "mgc_salvaged_1", "kept": KEPT},
            "opened": opened,
            "pool": pool,
            "pool_host": "sql-n1.contoso.example" if pool else "",
            "reached": reached,
        }
    )


def test_the_span_begins_where_the_backup_stopped_following_and_ends_with_the_copy():
    only = report(content())["only_here"]
    assert (only["holds"], only["from_lsn"], only["to_lsn"]) == (True, "210", "231")
    assert only["from_at"] == "2015-06-01T08:30:00Z"


def test_lsns_are_numbers():
    assert report(content(), last_lsn="1000")["only_here"]["holds"] is False


def test_without_a_record_of_the_restores_nobody_knows_where_it_begins():
    told = report(content(), last_lsn=None)
    assert told["only_here"]["holds"] is None
    assert "nobody knows any more" in "\n".join(salvage_report.lines_of(told))


def test_the_newest_date_is_none_that_lies_behind_the_backup():
    told = report(
        content(
            table("tblChat", 3, chatDate="2015-06-01T08:40:00", expires="9999-12-31T00:00:00"),
            table("tblServerIdentity", 1, lastPing="2015-06-01T08:39:00", never=None),
        )
    )
    assert told["only_here"]["newest"] == "2015-06-01T08:40:00"
    assert told["only_here"]["newest_of"] == "dbo.tblChat.chatDate"


def test_tables_of_both_copies_stand_beside_each_other_also_those_of_one_alone():
    told = report(
        content(table("tblChat", 3, chatDate="a"), table("tblOld", 1)),
        content(table("TBLCHAT", 9, chatDate="b"), table("tblNew", 2)),
    )
    rows = {line["name"]: (line["rows"], line["rows_in_pool"]) for line in told["tables"]}
    assert rows == {"tblChat": (3, 9), "tblNew": (None, 2), "tblOld": (1, None)}
    lines = "\n".join(salvage_report.lines_of(told))
    assert "newest chatDate: a here, b in the pool" in lines


@pytest.mark.parametrize(("family", "same"), [("m", True), ("X", False), (None, None)])
def test_families_are_compared_and_an_unknown_one_is_no_answer(family, same):
    assert report(content(), content(family=family))["same_family"] is same
    assert report(content())["same_family"] is None
