"""A host that is there and refuses, or answers nonsense: a client meets each as it is described."""

from __future__ import annotations

import threading
import time
import typing as t

import pytest
import requests
from pypsrp.complex_objects import RunspacePoolState
from pypsrp.exceptions import AuthenticationError, WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool

from pchat_lab.faults.answers import ANSWERS, NEEDS_TLS
from pchat_lab.faults.specs import ABOUT, KINDS, BadFault, described
from pchat_lab.wire import endpoint, refusals

HOST = "sql-n1"
SECURE_HOST = "sql-e1"
#: The rest of the modes are looked at where they happen: in a handshake, with a shell, in time.
ELSEWHERE = {"unauthorized", "huge", "quota", "trickle", "late", "silent", *NEEDS_TLS}


@pytest.fixture
def http(plain):
    yield plain
    plain.clear()


@pytest.fixture
def tls(secure):
    yield secure
    secure.clear()


def url(listeners, host: str = HOST) -> str:
    machine = listeners.machine(host)
    return f"{'https' if machine.tls else 'http'}://{machine.address}:{machine.port}/wsman"


def post(listeners, host: str = HOST, **more: t.Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.post(url(listeners, host), data=b"<x/>", timeout=5, **more)


def works(listeners, host: str = HOST) -> bool:
    with RunspacePool(listeners.wsman(host)) as pool:
        return [
            str(o)
            for o in PowerShell(pool)
            .add_cmdlet("Write-Output")
            .add_parameter("InputObject", "ok")
            .invoke()
        ] == ["ok"]


def test_a_shell_has_so_many_commands_and_ended_ones_count_until_they_are_closed(http, monkeypatch):
    monkeypatch.setattr(endpoint, "MAX_COMMANDS_PER_SHELL", 2)
    with RunspacePool(http.wsman(HOST)) as pool:

        def sent() -> PowerShell:
            shell = PowerShell(pool)
            shell.add_cmdlet("Write-Output").add_parameter("InputObject", "ok")
            shell.invoke()
            return shell

        first = sent()
        sent()
        with pytest.raises(WSManFaultError, match="Close those that have ended"):
            sent()
        first.close()
        assert sent().output


def test_every_kind_of_fault_and_every_answer_is_described():
    assert ABOUT.keys() == KINDS.keys() == described().keys()
    assert described()["answer"]["modes"] == ANSWERS
    assert all(text.strip() for text in (*ABOUT.values(), *ANSWERS.values()))
    assert described()["answer"]["fields"] == {
        "host": "needed",
        "mode": "needed",
        "seconds": "optional",
    }


def test_every_answer_is_given_somewhere():
    assert refusals.BLUNT.keys() | ELSEWHERE == ANSWERS.keys()


@pytest.mark.parametrize(
    ("mode", "status", "header", "body"),
    [
        ("forbidden", 403, None, b""),
        ("proxy", 407, "Proxy-Authenticate", b"Proxy"),
        ("error", 500, None, b"Internal Server Error"),
        ("unavailable", 503, None, b"Service Unavailable"),
        ("html", 200, None, b"<html>"),
        ("garbage", 200, None, b"\x00\x01"),
        ("empty", 200, None, b""),
        ("bad_token", 401, "WWW-Authenticate", b""),
    ],
)
def test_blunt_answers(http, mode, status, header, body):
    identity = http.fault(HOST, mode)
    met = post(http)
    assert met.status_code == status
    assert header is None or header in met.headers
    assert body in met.content
    assert bool(met.content) == bool(body)
    with pytest.raises(Exception, match=r".") as refused:
        works(http)
    assert not isinstance(refused.value, (requests.ConnectionError, requests.Timeout)), (
        "an answer is not silence"
    )
    assert works(http, "sql-n2")
    http.inside(lambda: http.world.faults.clear(identity))
    assert works(http)


def test_no_logon_succeeds_and_the_handshake_is_like_one_with_a_wrong_password(http):
    with (
        pytest.raises(AuthenticationError) as wrong,
        RunspacePool(http.wsman(HOST, password="wrong")),
    ):
        pass
    http.fault(HOST, "unauthorized")
    with pytest.raises(AuthenticationError) as faulty, RunspacePool(http.wsman(HOST)):
        pass
    assert str(faulty.value) == str(wrong.value)
    http.clear()
    assert works(http)


def test_the_quota_is_a_fault_with_its_code(http):
    http.fault(HOST, "quota")
    with (
        pytest.raises(WSManFaultError, match="maximum number of 30 concurrent shells") as refused,
        RunspacePool(http.wsman(HOST)),
    ):
        pass
    assert refused.value.code == 2150859173


def test_a_huge_body_comes_in_pieces_and_ends_with_its_client(http):
    http.fault(HOST, "huge")
    with requests.Session() as session:
        session.trust_env = False
        met = session.post(url(http), data=b"", timeout=5, stream=True)
        assert int(met.headers["Content-Length"]) == 300 << 20
        assert len(next(met.iter_content(1 << 20))) == 1 << 20
        met.close()
    http.clear()
    assert works(http)


def test_a_trickle_is_the_right_answer_a_byte_at_a_time(http):
    pool = RunspacePool(http.wsman(HOST))
    opening = threading.Thread(target=pool.open)
    http.fault(HOST, "trickle", seconds="0.002")
    started = time.monotonic()
    opening.start()
    opening.join(1)
    assert opening.is_alive(), (
        "some 2,000 bytes, and no time-out of a read cuts it off: each byte is in time"
    )
    opening.join(60)
    assert pool.state == RunspacePoolState.OPENED
    assert time.monotonic() - started > 4
    http.clear()
    pool.close()


def test_a_late_answer_comes_after_that_many_seconds(http):
    http.fault(HOST, "late", seconds=0.7)
    started = time.monotonic()
    assert post(http).status_code == 401
    assert time.monotonic() - started >= 0.7


def test_a_runspace_opens_and_its_pipelines_never_answer(http):
    http.fault(HOST, "silent")
    with RunspacePool(http.wsman(HOST, operation_timeout=1, read_timeout=4)) as pool:
        shell = PowerShell(pool).add_cmdlet("Write-Output").add_parameter("InputObject", 1)
        shell.begin_invoke()
        with pytest.raises(WSManFaultError) as nothing:
            pool.shell.receive("stdout", command_id=shell.id, timeout=1)
        assert nothing.value.code == 2150858793
    assert (
        http.inside(lambda: [e.name for e in http.world.journal.entries if e.runspace == pool.id])
        == []
    )
    http.clear()
    assert works(http)


@pytest.mark.parametrize("mode", sorted(NEEDS_TLS))
def test_tls_fails_only_where_there_is_tls(http, mode):
    with pytest.raises(BadFault, match="plain HTTP"):
        http.fault(HOST, mode)
    assert http.inside(http.world.faults.list) == []


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("untrusted", "certificate verify failed"),
        ("expired", "certificate has expired"),
        ("handshake", "EOF|alert"),
    ],
)
def test_tls_failures(tls, mode, said):
    authority = str(tls.wire.certificates.ca_file)
    assert post(tls, SECURE_HOST, verify=authority).status_code == 401
    tls.fault(SECURE_HOST, mode)
    with pytest.raises(requests.exceptions.SSLError, match=said):
        post(tls, SECURE_HOST, verify=authority)
    with pytest.raises(requests.exceptions.SSLError):
        works(tls, SECURE_HOST)
    tls.clear()
    assert works(tls, SECURE_HOST)


@pytest.mark.parametrize("mode", ["untrusted", "expired"])
def test_whoever_does_not_look_at_certificates_is_let_in(tls, mode):
    tls.fault(SECURE_HOST, mode)
    with RunspacePool(tls.wsman(SECURE_HOST, cert_validation=False)) as pool:
        assert pool.id


@pytest.mark.parametrize(
    "header",
    [
        "Negotiate",
        "Negotiate !",
        "Negotiate TlRMTVNTUAA=",
        "Negotiate TlRMTVNTUAABAAAA",
        "Basic",
        "Basic !",
        "Basic /w==",
        "Digest x",
        "x",
        "Negotiate " + "A" * 4000,
        "NTLM YIIAAA==",
    ],
)
def test_odd_credentials_are_no_logon_and_no_error_of_the_lab(plain, secure, header):
    assert post(plain, headers={"Authorization": header}).status_code == 401
    assert (
        post(
            secure,
            SECURE_HOST,
            verify=str(secure.wire.certificates.ca_file),
            headers={"Authorization": header},
        ).status_code
        == 401
    )
