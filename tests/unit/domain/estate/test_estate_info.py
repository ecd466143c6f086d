"""The inventory's shape: every finding at once, in words."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.estate.estate_info import (  # noqa: E501
    Member,
    estate_of,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused

POOL = "chat.contoso.example"


def member(name, *groups, fqdn=None, instance=""):
    return Member(
        name, fqdn or f"{name}.contoso.example", frozenset(f"pchat_{g}" for g in groups), instance
    )


def members(*, without=(), extra=()):
    base = [
        member("fe-s1", "management", "site_backup"),
        member("fe-n1", "management", "site_primary"),
        member("chat-n1", "servers", "site_primary"),
        member("chat-s1", "servers", "site_backup"),
        member("sql-n1", "sql_primary"),
        member("sql-n2", "sql_mirror", "site_primary"),
        member("sql-n3", "sql_witness"),
        member("sql-s1", "sql_backup", instance="CHAT"),
        member("fs-s1", "file_servers", "site_backup"),
    ]
    return [m for m in base if m.name not in without] + list(extra)


def findings(*args, **kwargs):
    with pytest.raises(Refused) as caught:
        estate_of(POOL, members(*args, **kwargs))
    assert caught.value.code == "inventory"
    return " / ".join(caught.value.details["findings"])


def test_who_is_what():
    estate = estate_of(POOL, members())
    assert estate["management"] == ["fe-n1", "fe-s1"]
    assert estate["servers"] == {"primary": ["chat-n1"], "backup": ["chat-s1"]}
    assert estate["sql"] == {
        "primary": "sql-n1",
        "mirror": "sql-n2",
        "witness": "sql-n3",
        "backup": "sql-s1",
        "backup_mirror": None,
        "backup_witness": None,
    }
    assert estate["instance"]["sql-s1"] == "CHAT"
    assert estate["site"]["sql-s1"] == "backup"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (dict(without=["sql-n1"]), "no host of this pool is in pchat_sql_primary"),
        (dict(without=["sql-n2"]), "no host of this pool is in pchat_sql_mirror"),
        (dict(without=["sql-s1"]), "no host of this pool is in pchat_sql_backup"),
        (dict(without=["fe-n1", "fe-s1"]), "no host of this pool is in the group pchat_management"),
        (dict(without=["chat-n1", "chat-s1"]), "no host of this pool is in pchat_servers"),
        (dict(extra=[member("sql-x", "sql_mirror")]), "sql-n2, sql-x are all in pchat_sql_mirror"),
        (
            dict(without=["sql-n2"], extra=[member("sql-n9", "sql_mirror", "sql_backup_mirror")]),
            "sql-n9 is both mirror and backup_mirror",
        ),
        (dict(extra=[member("sql-w", "sql_backup_witness")]), "without pchat_sql_backup_mirror"),
        (
            dict(extra=[member("chat-x", "servers")]),
            "chat-x is in neither pchat_site_primary nor pchat_site_backup",
        ),
        (
            dict(extra=[member("chat-x", "servers", "site_primary", "site_backup")]),
            "chat-x is in both",
        ),
        (
            dict(without=["sql-n2"], extra=[member("sql-n2", "sql_mirror", "site_backup")]),
            "stands in pchat_site_backup",
        ),
        (dict(extra=[member("thing", "site_backup")]), "is in no function group"),
        (
            dict(extra=[member("chät", "servers", "site_backup", fqdn="chät.contoso.example")]),
            "is not a fully qualified domain name",
        ),
        (dict(extra=[member("short", "servers", "site_backup", fqdn="short")]), "set pchat_fqdn"),
        (
            dict(extra=[member(f"chat-x{n}", "servers", "site_backup") for n in range(7)]),
            "9 hosts are in pchat_servers; a pool has at most 8",
        ),
    ],
)
def test_findings(change, sentence):
    assert sentence in findings(**change)


def test_all_findings_come_at_once():
    text = findings(without=["sql-n1", "fe-n1", "fe-s1"])
    assert "pchat_sql_primary" in text
    assert "pchat_management" in text


@pytest.mark.parametrize(
    ("active", "sentence"),
    [
        (["chat-x"], "chat-x is to be active but not in pchat_servers"),
        (["chat-n1", "chat-s1", "a", "b", "c"], "5 servers are to be active; a pool has at most 4"),
    ],
)
def test_active_servers(active, sentence):
    with pytest.raises(Refused, match=sentence):
        estate_of(POOL, members(), active)


@pytest.mark.parametrize(
    "pool", ["chat", "chat contoso.example", "chat.contoso.example; DROP", "", "-x.y"]
)
def test_pool_names(pool):
    with pytest.raises(Refused, match="pchat_pool is"):
        estate_of(pool, members())


def test_an_active_server_is_named_as_lync_knows_it_before_anything_is_written():
    with pytest.raises(Refused, match=r"write chat-n1\.contoso\.example"):
        estate_of(POOL, members(), ["chat-n1"])
    assert estate_of(POOL, members(), ["chat-n1.contoso.example"])["pool"] == POOL
