"""Whoever reads a look gets every key, and what nobody saw is unknown."""

from __future__ import annotations

import pathlib
import re

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.documents import (
    instance,
    look,
)
from model.document import document_of
from model.world import World

ROOT = pathlib.Path(__file__).parents[4]


@pytest.fixture
def seen():
    return document_of(World(7))


@pytest.mark.parametrize(
    ("shape", "nothing"),
    [
        (look.HostLook, look.UNSEEN),
        (look.SqlLook, look.NO_SQL),
        (look.ShippedLogs, look.NO_LOGS),
        (look.PoolLook, look.NO_POOL),
        (look.ChatLook, look.NO_CHAT),
        (instance.DatabaseFacts, instance.NO_DATABASE),
        (instance.LastBackup, instance.NO_BACKUP),
    ],
)
def test_what_was_not_seen_has_every_key_of_its_shape(shape, nothing):
    assert set(nothing) == shape.__required_keys__ | shape.__optional_keys__


def test_what_the_role_reads_of_a_host_is_in_its_shape():
    """Jinja takes a missing key for nothing, so nobody would be told."""
    parts = {"sql": look.NO_SQL, "pool": look.NO_POOL, "chat": look.NO_CHAT}
    read = set()
    for path in (ROOT / "roles").rglob("*.yml"):
        text = path.read_text(encoding="utf-8")
        read |= set(re.findall(r"document\.hosts\[[^\]]+\]\.([a-z]+)\.([a-z_]+)", text))
    assert ("pool", "identity") in read
    assert {(part, key) for part, key in read if key not in parts[part]} == set()


@pytest.mark.parametrize("host", ["sql-n1", "fe-s1", "nobody", None])
def test_every_host_has_every_key_whether_it_was_seen_or_not(seen, host):
    assert set(look.host_seen(seen, host)) == set(look.UNSEEN)
    assert set(look.sql_seen(seen, host)) == set(look.NO_SQL)
    database = look.database_seen(look.sql_seen(seen, host), "mgc")
    assert set(database) == set(instance.NO_DATABASE)


def test_what_was_seen_is_kept(seen):
    sql = look.sql_seen(seen, "sql-n1")
    assert look.host_seen(seen, "sql-n1")["answers"] is True
    assert sql["server_name"] == "sql-n1"
    assert look.database_seen(sql, "mgc")["database_state"] == "ONLINE"
    assert look.has_database(seen, "sql-n1", "mgc")


def test_a_host_that_nobody_looked_at_does_not_answer_and_nobody_knows_whether_it_is_silent(seen):
    unseen = look.host_seen(seen, "nobody")
    assert (unseen["answers"], unseen["silent"], unseen["sql"]) == (False, None, None)
    assert not look.has_database(seen, "nobody", "mgc")
    assert look.sql_seen(seen, "nobody")["agent_running"] is False


def test_reading_changes_nothing_of_what_was_read(seen):
    before = str(seen)
    look.sql_seen(seen, "sql-s1")["databases"] = {}
    look.host_seen(seen, "sql-s1")["answers"] = False
    assert str(seen) == before
