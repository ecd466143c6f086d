"""Each host of a pool is asked what its kind can tell, and a host that fails is a fact as well."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.estate import (
    members_info,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.estate.estate_info import (  # noqa: E501
    Member,
    estate_of,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    CmdletMissing,
    HostRefuses,
    SqlFailed,
    TimedOut,
    Unreachable,
)


def member(name, *groups, instance=""):
    return Member(name, f"{name}.contoso.example", frozenset(groups), instance)


OPTIONS = {
    "estate": estate_of(
        "chat.contoso.example",
        [
            member("fe", "pchat_management", "pchat_site_primary"),
            member("chat", "pchat_servers", "pchat_site_primary"),
            member("fs", "pchat_file_servers", "pchat_site_backup"),
            member("sql", "pchat_sql_primary", instance="RTC"),
            member("mirror", "pchat_sql_mirror"),
            member("witness", "pchat_sql_witness"),
            member("backup", "pchat_sql_backup"),
        ],
    ),
    "databases": ["mgc"],
    "mirroring_port": 5022,
    "witness_port": 7022,
}


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("fe", {"host", "pool"}),
        ("chat", {"host"}),
        ("fs", {"host"}),
        ("sql", {"sql"}),
        ("witness", {"sql"}),
    ],
)
def test_each_host_is_asked_what_its_kind_can_tell(name, kinds):
    assert members_info._asked(name, OPTIONS).keys() == kinds


def test_every_resource_is_made_for_the_host_that_it_is_of():
    asked = members_info._asked("sql", OPTIONS)["sql"]
    assert asked.scope.startswith("sql/sql.contoso.example")
    assert "rtc" in asked.scope.lower()


@pytest.mark.parametrize(("name", "port"), [("mirror", 5022), ("witness", 7022)])
def test_a_witness_is_asked_for_a_port_of_its_own(monkeypatch, name, port):
    made = []
    monkeypatch.setattr(members_info, "SqlInfo", lambda options, host: made.append(options))
    members_info._asked(name, OPTIONS)
    assert made[0]["mirroring_port"] == port


class Reads:
    """A resource of which a read ends so."""

    def __init__(self, outcome):
        self.outcome = outcome

    def read(self, _session):
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def test_what_fails_of_one_kind_leaves_the_others(monkeypatch):
    asked = {"host": Reads(SqlFailed("no")), "pool": Reads({"store": "central"})}
    monkeypatch.setattr(members_info, "_asked", lambda name, options: asked)
    told = members_info.read_member(None, "fe", OPTIONS)
    assert told["pool"] == {"state": {"store": "central"}}
    assert told["host"] == {"failed": True, "code": "sql_failed", "msg": "no"}


@pytest.mark.parametrize("error", [Unreachable("x"), HostRefuses("x"), TimedOut("x")])
def test_a_host_of_which_nobody_knows_what_it_does_is_not_asked_on(monkeypatch, error):
    asked = {"host": Reads(error), "pool": Reads({})}
    monkeypatch.setattr(members_info, "_asked", lambda name, options: asked)
    with pytest.raises(type(error)):
        members_info.read_member(None, "fe", OPTIONS)


def test_a_host_that_does_not_answer_is_told_so():
    assert members_info.unread(Unreachable("silent"), "fe.contoso.example") == {
        "host": {"unreachable": True, "code": "unreachable", "msg": "silent"}
    }


def test_a_cmdlet_that_is_missing_is_named_with_what_mends_it():
    told = members_info.why_not(CmdletMissing("x", name="Get-CsPool"), "fe.contoso.example")
    assert "fe.contoso.example" in told["msg"]
    assert told["failed"] is True
