"""One lab of the default estate, bare, with a key distribution centre of its own; skipped where a
centre or the libraries cannot be had.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pytest
import yaml
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from support import kdc, kerberos

USER = "pchat-admin"


class Given(t.NamedTuple):
    """The lab, its centre, and what is known of its names."""

    lab: t.Any
    centre: kdc.Centre
    estate: kerberos.Estate

    @property
    def password(self) -> str:
        return self.estate.passwords[USER]


@pytest.fixture(scope="session")
def realm():
    """A lab and a centre, for all tests of a run."""
    pytest.importorskip("gssapi")
    pytest.importorskip("krb5")
    if kdc.missing():
        pytest.skip(kdc.missing())
    with kerberos.running() as (lab, centre, estate):
        yield Given(lab, centre, estate)


@pytest.fixture
def given(realm):
    """Without any delegation, and with a ticket that can be forwarded."""
    for host in realm.estate.of_kind("front_end"):
        realm.centre.let_delegate(f"WSMAN/{host}", [])
    realm.centre.kinit(USER, realm.password, "-f")
    return realm


@pytest.fixture
def ask(given) -> Callable[..., list[str]]:
    """A cmdlet on a host, by a logon of its own: what it answers, or its errors."""
    inventory = yaml.safe_load(given.lab.connection_file.read_text(encoding="utf-8"))["all"]

    def carry_out(
        host: str,
        cmdlet: str,
        parameters: dict[str, t.Any] | None = None,
        **logon: t.Any,
    ) -> list[str]:
        way = inventory["hosts"][host]
        arguments = {
            "server": way["ansible_host"],
            "port": way["ansible_port"],
            "ssl": False,
            "auth": "kerberos",
            "username": f"{USER}@{given.centre.realm}",
            "negotiate_service": "WSMAN",
            "negotiate_hostname_override": host,
            "reconnection_retries": 0,
            **logon,
        }
        with RunspacePool(WSMan(**arguments)) as pool:
            shell = PowerShell(pool).add_cmdlet(cmdlet)
            for name, value in (parameters or {}).items():
                shell.add_parameter(name, value)
            answers = [str(answer) for answer in shell.invoke()]
            return [*answers, *(str(error) for error in shell.streams.error)]

    return carry_out
