"""Whether anybody is there, asked of real sockets: silence, and everything that is none."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    HostRefuses,
    Unreachable,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import probe
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.bounded import Overdue
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.winrm_endpoint import (  # noqa: E501
    Endpoint,
)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def endpoint(port, **more):
    return Endpoint(
        {"server": "127.0.0.1", "port": port, "ssl": False, "path": "wsman", **more}, "x"
    )


class Listener:
    """Accepts on loopback; ``answer(socket, number)`` does what this host does."""

    def __init__(self, answer):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.asked = 0
        self._answer = answer
        self._open = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                accepted = self.socket.accept()[0]
                self.asked += 1
                self._open.append(accepted)
                with contextlib.suppress(OSError):
                    self._answer(accepted, self.asked)

    def close(self):
        self.socket.close()
        for accepted in self._open:
            accepted.close()


@pytest.fixture
def listening():
    """Makes listeners, and closes them."""
    made = []

    def listen(answer):
        made.append(Listener(answer))
        return made[-1]

    yield listen
    for listener in made:
        listener.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A file with a key and a certificate that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    now = dt.datetime.now(dt.timezone.utc)  # noqa: UP017
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=9))
        .not_valid_after(now - dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("192.0.2.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "listener.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def silent(_socket, _number):
    """Accepts, and never says anything."""


def says(what):
    def answer(accepted, _number):
        accepted.recv(4096)
        accepted.sendall(what)

    return answer


# -- silence


def test_a_host_that_accepts_and_never_answers_is_silent_after_the_limit(listening):
    listener = listening(silent)
    began = time.monotonic()
    with pytest.raises(Unreachable) as found:
        probe.ask(endpoint(listener.port), 0.8)
    assert (found.value.code, found.value.details["attempted_open"]) == ("unreachable", True)
    assert time.monotonic() - began >= 0.7
    assert "within 0.8 s" in str(found.value)


def test_a_host_that_refuses_the_connection_is_silent(listening):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match="ConnectionRefusedError") as found:
        probe.ask(endpoint(port), 0.6)
    assert found.value.code == "unreachable"


def test_a_host_that_only_closes_the_connection_is_silent(listening):
    listener = listening(lambda accepted, _number: accepted.close())
    with pytest.raises(Unreachable) as found:
        probe.ask(endpoint(listener.port), 0.6)
    assert found.value.code == "unreachable"


def test_a_tls_listener_that_accepts_and_never_shakes_hands_is_silent(listening):
    with pytest.raises(Unreachable) as found:
        probe.ask(endpoint(listening(silent).port, ssl=True), 0.6)
    assert found.value.code == "unreachable"


def test_a_tls_listener_behind_which_nobody_answers_is_silent(listening, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    shaken = []

    def handshake_only(accepted, _number):
        shaken.append(context.wrap_socket(accepted, server_side=True))

    with pytest.raises(Unreachable):
        probe.ask(endpoint(listening(handshake_only).port, ssl=True), 1)
    assert shaken


# -- answers of any kind


@pytest.mark.parametrize(
    "what",
    [
        b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 503 Service Unavailable\r\n\r\n",
        b"\x00\xffgarbage",
        b"H",
    ],
)
def test_whatever_comes_back_says_that_somebody_answers(listening, what):
    listener = listening(says(what))
    probe.ask(endpoint(listener.port), 60)
    assert listener.asked == 1


def test_a_certificate_that_nobody_trusts_is_an_answer(listening, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def answer(accepted, _number):
        with context.wrap_socket(accepted, server_side=True) as stream:
            says(b"HTTP/1.1 401 Unauthorized\r\n\r\n")(stream, 1)

    listener = listening(answer)
    probe.ask(endpoint(listener.port, ssl=True), 60)
    assert listener.asked == 1


def test_a_listener_that_speaks_no_tls_is_an_answer(listening):
    listener = listening(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    probe.ask(endpoint(listener.port, ssl=True), 60)
    assert listener.asked == 1


def test_a_connection_that_is_dropped_is_tried_again_within_the_limit(listening):
    def second_time(accepted, number):
        if number == 1:
            accepted.close()
        else:
            says(b"HTTP/1.1 200 OK\r\n\r\n")(accepted, number)

    listener = listening(second_time)
    probe.ask(endpoint(listener.port), 5)
    assert listener.asked == 2


def test_an_address_that_is_dead_does_not_hide_the_one_that_answers(listening, monkeypatch):
    listener = listening(says(b"HTTP/1.1 200 OK\r\n\r\n"))
    monkeypatch.setattr(probe, "_addresses", lambda _endpoint: ["127.0.0.2", "127.0.0.1"])
    probe.ask(endpoint(listener.port), 5)
    assert listener.asked == 1


def test_a_question_that_is_lost_costs_half_a_second(listening):
    def second_one(accepted, number):
        if number > 1:
            says(b"HTTP/1.1 200 OK\r\n\r\n")(accepted, number)

    listener = listening(second_one)
    probe.ask(endpoint(listener.port), 60)
    assert listener.asked == 2


def test_an_answer_may_take_the_whole_time_although_others_are_asked_for_meanwhile(listening):
    waiting = []

    def first_one_late(accepted, number):
        if number == 1:
            waiting.append(accepted)
        elif number == 3:
            waiting[0].sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    listener = listening(first_one_late)
    probe.ask(endpoint(listener.port), 60)
    assert listener.asked == 3


def test_what_is_asked_needs_no_logon_and_tells_none(listening):
    heard = []

    def answer(accepted, _number):
        heard.append(accepted.recv(4096))
        accepted.sendall(b"HTTP/1.1 401 x\r\n\r\n")

    port = listening(answer).port
    probe.ask(endpoint(port, username="admin", password="secret"), 5)
    head, _empty, body = heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /wsman HTTP/1.1\r\n")
    assert b"WSMANIDENTIFY: unauthenticated" in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"authorization" not in head.lower()
    assert b"secret" not in heard[0]


# -- what is left to the real connection


def test_a_name_that_does_not_resolve_is_left_to_the_real_connection(monkeypatch):
    def unknown(*_asked, **_more):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    probe.ask(endpoint(5985, server="nobody.contoso.example"), 1)


def test_a_look_up_without_an_end_is_no_silence_of_the_host(monkeypatch):
    def endless(_seconds, _work):
        raise Overdue("no end within 15 s")

    monkeypatch.setattr(probe, "within", endless)
    with pytest.raises(HostRefuses) as found:
        probe.ask(endpoint(5985, server="sql-n1.contoso.example"), 1)
    assert found.value.details["status"] == "name"


@pytest.mark.parametrize("how", ["variable", "option"])
def test_a_host_behind_a_proxy_is_not_asked_directly(listening, monkeypatch, how):
    listener = listening(silent)
    more = {}
    if how == "variable":
        monkeypatch.setenv("HTTP_PROXY", "http://proxy.contoso.example:3128")
    else:
        more["proxy"] = "http://proxy.contoso.example:3128"
    probe.ask(endpoint(listener.port, **more), 5)
    assert listener.asked == 0


def test_a_proxy_of_the_environment_that_is_passed_by_does_not_hide_silence(listening, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.contoso.example:3128")
    with pytest.raises(Unreachable):
        probe.ask(endpoint(listening(silent).port, no_proxy=True), 0.6)
