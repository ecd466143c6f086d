"""Silence, a refusal of the host and a failed call are three things."""

from __future__ import annotations

import socket
import threading

import pytest
import requests
from pypsrp.exceptions import AuthenticationError, WinRMTransportError, WSManFaultError
from requests_credssp.exceptions import AuthenticationException, NTStatusException
from urllib3.exceptions import MaxRetryError, NameResolutionError

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    HostRefuses,
    Unreachable,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Cmdlet, Sql
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import (
    failures,
    tickets,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.bounded import (
    Overdue,
    within,
)


def of(error):
    return failures.of_connection("open a runspace", "http://h:5985/wsman", error)


@pytest.mark.parametrize(
    "error",
    [
        requests.exceptions.ConnectTimeout("x"),
        requests.exceptions.ReadTimeout("x"),
        requests.exceptions.ConnectionError("refused"),
        ConnectionError("x"),
        ConnectionResetError("x"),
        TimeoutError("x"),
    ],
)
def test_silence_is_unreachable_and_nothing_more(error):
    assert of(error).__class__ is Unreachable
    assert of(error).code == "unreachable"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AuthenticationError("Failed to authenticate"), 401),
        (WinRMTransportError("http", 403, ""), 403),
        (WinRMTransportError("http", 407, ""), 407),
        (WinRMTransportError("http", 500, ""), 500),
        (WinRMTransportError("http", 503, ""), 503),
        (requests.exceptions.RetryError("too many 503 error responses"), 503),
        (requests.exceptions.SSLError("certificate verify failed"), "tls"),
        (requests.exceptions.ProxyError("Tunnel connection failed: 407"), "proxy"),
        (
            requests.exceptions.ConnectionError(
                MaxRetryError(None, "/", NameResolutionError("h", None, socket.gaierror("x")))
            ),
            "name",
        ),
        (WSManFaultError(2150859173, "h", "quota", None, None, None), "wsman"),
        (AuthenticationException("CredSSP is not offered"), "credssp"),
        (NTStatusException(0x8009030C, "denied"), "credssp"),
        (ValueError("not XML"), "garbled"),
        (KeyError("x"), "garbled"),
        (RecursionError("x"), "garbled"),
    ],
)
def test_an_answer_is_not_silence(error, status):
    refused = of(error)
    assert isinstance(refused, HostRefuses)
    assert refused.code == "host_refuses"
    assert refused.details["status"] == status
    assert "http://h:5985/wsman" in str(refused)


class GssError(Exception):
    """As python-gssapi tells it: minor statuses are unsigned."""

    def __init__(self, minor: int, major: int = 13 << 16):
        super().__init__("Unspecified GSS failure")
        self.maj_code = major
        self.min_code = minor % 2**32


GssError.__name__ = "GSSError"


class Krb5Error(Exception):
    """As the library krb5 tells it."""

    def __init__(self, code: int):
        super().__init__(str(code))
        self.err_code = code


class SpnegoError(Exception):
    """As pyspnego wraps it, twice when it negotiates."""

    def __init__(self, base_error: Exception | None = None):
        super().__init__("Processing security token")
        self.base_error = base_error


FIRST = -1765328384


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SpnegoError(GssError(FIRST + 32)), "has expired. On the controller run `kinit"),
        (SpnegoError(SpnegoError(GssError(FIRST + 32))), "has expired. On the controller run"),
        (SpnegoError(GssError(100001, major=11 << 16)), "has expired. On the controller run"),
        (SpnegoError(GssError(0, major=7 << 16)), "There is no ticket. On the controller run"),
        (SpnegoError(GssError(FIRST + 141)), "There is no ticket. On the controller run `kinit"),
        (SpnegoError(GssError(FIRST + 7)), "ansible_psrp_negotiate_hostname_override"),
        (SpnegoError(GssError(FIRST + 37)), "more than five minutes"),
        (SpnegoError(GssError(FIRST + 41)), "setspn -X"),
        (SpnegoError(GssError(FIRST + 156)), "No domain controller"),
        (Krb5Error(FIRST + 31), "ansible_password"),
        (Krb5Error(FIRST + 6), "no such user"),
        (Krb5Error(FIRST + 18), "locked"),
        (Krb5Error(FIRST + 23), "kpasswd"),
        (Krb5Error(FIRST + 156), "No domain controller"),
        (Krb5Error(FIRST + 120), "klist"),
        (SpnegoError(), "klist"),
    ],
)
def test_a_ticket_that_does_not_come_is_a_refusal_that_says_what_to_do(error, words):
    refused = of(error)
    assert isinstance(refused, HostRefuses)
    assert refused.details["status"] == "kerberos"
    assert words in str(refused)


def test_a_library_that_a_logon_needs_is_named():
    refused = of(ImportError("GSSAPIProxy requires the Python gssapi library"))
    assert isinstance(refused, HostRefuses)
    assert refused.details["status"] == "library"
    assert "pypsrp[kerberos]" in str(refused)


def test_a_proxy_that_asks_for_a_logon_is_named_with_its_variables():
    assert "NO_PROXY" in str(of(WinRMTransportError("http", 407, "")))


def test_the_body_of_a_refusal_is_not_shown():
    assert "secret" not in str(of(WinRMTransportError("http", 500, "<html>secret</html>")))


def test_what_never_comes_back_is_given_up():
    never = threading.Event()
    with pytest.raises(Overdue):
        within(0.05, never.wait)
    never.set()


def test_what_is_not_waited_for_any_more_is_left_at_once():
    """Whoever waited is gone, say."""

    class Gone(BaseException):
        pass

    def watch():
        raise Gone

    never = threading.Event()
    with pytest.raises(Gone):
        within(60, never.wait, watch)
    never.set()


def test_only_a_time_out_is_late():
    late = requests.exceptions.ReadTimeout("x")
    refused = requests.exceptions.ConnectionError("refused")
    for error, expected in ((late, True), (Overdue("x"), True), (refused, False)):
        with pytest.raises(Unreachable) as caught, failures.reached("look", "h"):
            raise error
        assert failures.is_late(caught.value) is expected


def test_what_comes_back_brings_its_value_or_its_error():
    assert within(5, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0)


class Record:
    """What is read of an error record."""

    def __init__(self, fq_error):
        self.fq_error = fq_error

    def __str__(self):
        return "A parameter cannot be found that matches parameter name 'TrustServerCertificate'."


def test_a_parameter_that_only_the_endpoint_has_names_the_variable_that_asked_for_it():
    record = failures.problem_of(
        Record("NamedParameterNotFound,Microsoft.SqlServer.Management.PowerShell")
    )
    told = str(failures.of_records(Sql("SELECT 1"), [record]))
    assert "TrustServerCertificate" in told
    assert "pchat_sql_encryption" in told
    assert "Nothing was executed" in told
    assert "pchat_sql_encryption" not in str(failures.of_records(Cmdlet("Get-X"), [record]))
    other = failures.problem_of(
        Record("SqlExceptionError,Microsoft.SqlServer.Management.PowerShell")
    )
    assert "pchat_sql_encryption" not in str(failures.of_records(Sql("SELECT 1"), [other]))


class Security:
    """A security context of python-gssapi."""

    @property
    def lifetime(self) -> int:
        return 7


class Ended:
    @property
    def lifetime(self) -> int:
        raise GssError(100001, major=12 << 16)


class Wrapper:
    """As pyspnego's, once for Kerberos and twice for Negotiate."""

    def __init__(self, inner: object):
        self._context = inner


@pytest.mark.parametrize(
    ("context", "seconds"),
    [
        (Wrapper(Security()), 7),
        (Wrapper(Wrapper(Security())), 7),
        (Wrapper(Ended()), 0),
        (Wrapper(None), None),
        (object(), None),
    ],
)
def test_what_is_left_of_a_ticket_is_read_from_the_logon(context, seconds):
    assert tickets.seconds_left(context) == seconds


def test_a_logon_whose_ticket_has_ended_is_told_as_that():
    assert "The ticket has expired" in str(of(GssError(100001, major=12 << 16)))
