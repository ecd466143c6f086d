"""Accounts and services are known by SID and program, not by the words of one language."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver._instance import (  # noqa: E501
    AGENT,
    ENGINE,
    is_local_user,
    login_of,
    service_row,
)

SYSTEM, NETWORK = "0x010100000000000512000000", "0x010100000000000514000000"
VIRTUAL = "0x010600000000000550000000" + "AB" * 20
DOMAIN_USER = "0x010500000000000515000000" + "CD" * 16
MACHINE = "CONTOSO\\SQL-N1$"


@pytest.mark.parametrize(
    ("account", "sid", "domain_form", "login"),
    [
        ("NT-AUTORITÄT\\SYSTEM", SYSTEM, None, MACHINE),
        ("AUTORITE NT\\SERVICE RÉSEAU", NETWORK, None, MACHINE),
        ("LocalSystem", None, None, MACHINE),
        ("NT Service\\MSSQL$CHAT", VIRTUAL, None, MACHINE),
        ("NT SERVICE\\MSSQLSERVER", None, None, MACHINE),
        ("CONTOSO\\sqlsvc", DOMAIN_USER, None, "CONTOSO\\sqlsvc"),
        ("CONTOSO\\gmsa$", DOMAIN_USER, None, "CONTOSO\\gmsa$"),
        ("sqlsvc@contoso.example", None, "CONTOSO\\sqlsvc", "CONTOSO\\sqlsvc"),
    ],
)
def test_who_arrives_at_a_partner(account, sid, domain_form, login):
    assert (
        login_of({"account": account, "sid": sid, "domain_form": domain_form}, "CONTOSO", "SQL-N1")
        == login
    )


@pytest.mark.parametrize("account", [".\\sqlsvc", "SQL-N1\\sqlsvc"])
def test_a_local_user_is_known_nowhere_else(account):
    assert is_local_user(
        login_of({"account": account, "sid": DOMAIN_USER}, "CONTOSO", "SQL-N1"), "SQL-N1"
    )
    assert not is_local_user("CONTOSO\\sqlsvc", "SQL-N1")


@pytest.mark.parametrize(
    ("engine", "agent"),
    [
        ("SQL Server (AGENTDB)", "SQL Server Agent (AGENTDB)"),
        ("SQL Server (MSSQLSERVER)", "SQL Server-Agent (MSSQLSERVER)"),
        ("SQL Server (MSSQLSERVER)", "Агент SQL Server (MSSQLSERVER)"),
    ],
)
def test_services_are_known_by_their_programs(engine, agent):
    rows = [
        {"name": engine, "program": '"C:\\Agent\\MSSQL\\Binn\\sqlservr.exe" -sAGENTDB'},
        {"name": agent, "program": '"C:\\Agent\\MSSQL\\Binn\\SQLAGENT.EXE" -i AGENTDB'},
    ]
    assert service_row(rows, ENGINE) is rows[0]
    assert service_row(rows, AGENT) is rows[1]
