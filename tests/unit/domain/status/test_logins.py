"""Users who would find no login where another copy of their database is."""

from __future__ import annotations

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.logins import (
    missing_logins,
)

DECLARED = {
    "sql": {
        "primary": "sql-n1",
        "mirror": "sql-n2",
        "witness": "sql-n3",
        "backup": "sql-s1",
        "backup_mirror": None,
    }
}
CHAT, APP = (
    {"name": "CONTOSO\\chat$", "type": "U", "sid": "0x0105AA"},
    {
        "name": "app",
        "type": "S",
        "sid": "0x99",
    },
)


def sql(*logins, users=()):
    return {
        "sql": {
            "logins": [
                {"name": "ladmin", "sid": "0x01"},
                *({"name": f"as called here {n}", "sid": sid} for n, sid in enumerate(logins)),
            ],
            "databases": {"mgc": {"users": list(users)}},
        }
    }


def lacking(hosts):
    return missing_logins({"estate": DECLARED, "now": None, "hosts": hosts})


def test_logins_are_compared_by_sid_whatever_their_names():
    seen = {
        "sql-n1": sql("0x0105AA", "0x99", users=[CHAT, APP]),
        "sql-n2": sql("0x0105AA"),
        "sql-s1": sql("0x99", "0x0105AA"),
    }
    (lack,) = lacking(seen)
    assert (lack["host"], lack["users"]) == ("sql-n2", ["app"])
    assert lack["statement"] == "CREATE LOGIN [app] WITH PASSWORD = ..., SID = 0x99"


def test_a_server_that_was_not_read_is_not_judged():
    seen = {"sql-n1": sql("0x0105AA", users=[CHAT]), "sql-n2": {"sql": None}}
    assert lacking(seen) == []


def test_a_windows_login_needs_no_sid():
    seen = {"sql-n1": sql("0x0105AA", users=[CHAT]), "sql-s1": sql()}
    (lack,) = lacking(seen)
    assert lack["statement"] == "CREATE LOGIN [CONTOSO\\chat$] FROM WINDOWS"
