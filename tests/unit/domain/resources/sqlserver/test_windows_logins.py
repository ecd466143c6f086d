"""Who uses a database elsewhere is let in here, by SID."""

from __future__ import annotations

from unit.domain.answers import Answers, make, names, refusal, texts

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    windows_logins,
)

THERE = {"sid": "0x0105AA", "account": "CONTOSO\\chat", "has_login": 1}
LACKING = {"sid": "0x0105BB", "account": "CONTOSO\\RTC Users", "has_login": 0}
OF_SQL = {"sid": "0x99", "account": None, "has_login": 0}


def wanted(*sids):
    return make(windows_logins.WindowsLogins, windows_logins.WINDOWS_LOGINS_SPEC, sids=list(sids))


def read(*rows):
    return wanted(*(row["sid"] for row in rows)).read(Answers([list(rows)]))


def test_who_has_no_login_gets_one_and_the_others_stay():
    found = read(THERE, LACKING)
    steps = wanted().plan(found)
    assert names(steps) == ["create_login"]
    assert "CREATE LOGIN [CONTOSO\\RTC Users] FROM WINDOWS" in texts(steps)
    assert steps[0].sets == {"logins": ["CONTOSO\\RTC Users", "CONTOSO\\chat"], "missing": []}


def test_a_login_of_sql_server_is_not_made_and_told():
    found = read(OF_SQL)
    assert found["unknown"] == ["0x99"]
    assert wanted().plan(found) == []


def test_nobody_is_asked_about_nobody():
    assert wanted().read(Answers()) == {"logins": [], "missing": [], "unknown": []}


def test_what_is_no_sid_is_refused_before_anything_is_sent():
    refused = refusal(lambda: wanted("0x01); DROP LOGIN x --").read(Answers()))
    assert refused.code == "bad_account"
