"""Who is asked about a host that does not answer, and about which port."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import views
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    Refused,
    TimedOut,
)

DECLARED = {
    "sql": {"primary": "sql-n1", "mirror": "sql-n2", "backup": "sql-s1"},
    "management": ["fe-n1", "fe-s1"],
    "servers": {"primary": ["chat-n1", "chat-n2"], "backup": ["chat-s1"]},
    "site": {"fe-n1": "primary", "fe-s1": "backup"},
    "fqdn": {"sql-n1": "sql-n1.contoso.example", "sql-n2": "sql-n2.contoso.example"},
    "instance": {"sql-n1": "", "sql-n2": "CHAT"},
}
PORTS = {"sql-n1": 5986, "sql-n2": 5985, "sql-s1": 5985}
EVERYBODY = ("fe-n1", "fe-s1", "chat-n1", "chat-n2", "chat-s1")


SQL_PORTS = {"sql-n1": 1433, "sql-n2": None}


def asked(silent, answered=EVERYBODY):
    """Round by round."""

    def first(group):
        return next((host for host in group if host in answered), None)

    return [
        [tuple(view) for view in views.views(groups, ports, silent, first)]
        for groups, ports in views.rounds(DECLARED, PORTS, SQL_PORTS)
    ]


def test_a_chat_server_of_each_site_is_asked_and_then_a_management_host():
    assert asked(("sql-n1",)) == [
        [("chat-n1", "sql-n1", 1433), ("chat-s1", "sql-n1", 1433)],
        [("fe-n1", "sql-n1", 5986), ("fe-s1", "sql-n1", 5986)],
    ]


@pytest.mark.parametrize(
    ("sees", "untold"),
    [
        ({}, ("sql-n1", "sql-n2")),
        ({"chat-s1": {"sql-n1": False, "sql-n2": None}}, ("sql-n2",)),
        ({"chat-n1": {"sql-n1": None}, "chat-s1": {"sql-n1": True}}, ("sql-n2",)),
    ],
)
def test_where_nobody_can_tell_others_are_asked(sees, untold):
    assert views.untold(sees, ("sql-n1", "sql-n2")) == untold


@pytest.mark.parametrize(
    ("host", "said", "port"),
    [
        ("sql-n1", None, 1433),
        ("sql-n1", "", 1433),
        ("sql-n1", "14330", 14330),
        ("sql-n2", 51433, 51433),
        ("sql-n2", None, None),
    ],
)
def test_nobody_knows_the_port_of_a_named_instance_that_is_not_said(host, said, port):
    assert views.sql_port(DECLARED, host, said) == port


@pytest.mark.parametrize("said", ["dynamic", 0, 65536, "-1", [1433]])
def test_what_is_no_port_is_refused(said):
    with pytest.raises(Refused, match=r"pchat_sql_port of sql-n2 is .*no TCP port"):
        views.sql_port(DECLARED, "sql-n2", said)


def test_where_nobody_knows_the_port_a_chat_server_cannot_tell():
    assert asked(("sql-n2",), ("chat-s1", "fe-s1")) == [
        [("chat-s1", "sql-n2", None)],
        [("fe-s1", "sql-n2", 5985)],
    ]


def test_only_who_answers_is_asked():
    assert asked(("sql-n1",), ("chat-n2",)) == [[("chat-n2", "sql-n1", 1433)], []]
    assert asked(("sql-n1",), ()) == [[], []]


@pytest.mark.parametrize(
    ("mirror", "ports", "pair"),
    [
        ("sql-n2", PORTS, ("sql-n1", "sql-n2")),
        (None, PORTS, ("sql-n1",)),
        ("sql-n2", {"sql-n2": 5985}, ("sql-n2",)),
    ],
)
def test_only_hosts_are_asked_about_that_the_controller_could_ask_itself(mirror, ports, pair):
    declared = {"sql": {"primary": "sql-n1", "mirror": mirror}}
    assert views.primary_pair(declared, ports) == pair


class Session:
    def __init__(self, answer):
        self.answer = answer

    def read_within(self, seconds, *calls):
        if self.answer is None:
            raise TimedOut("still running", waited=round(seconds))
        return [self.answer]


@pytest.mark.parametrize(
    ("rows", "reaches"),
    [([True], True), ([{"value": True}], True), ([False], False), ([{"value": False}], False)],
)
def test_what_is_answered(rows, reaches):
    assert views.reaches(Session(rows), "sql-n1.contoso.example", 5985, 3) == reaches


def test_no_rows_are_no_yes_and_silence_is_no_answer():
    assert views.reaches(Session([]), "sql-n1.contoso.example", 5985, 3) is False
    with pytest.raises(TimedOut):
        views.reaches(Session(None), "sql-n1.contoso.example", 5985, 3)
