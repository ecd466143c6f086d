"""Whether anybody is there at all, asked before a host is read. FOR INTERNAL COLLECTION USE ONLY.

A TCP connection alone says little: the kernel of a host that hangs still accepts it (so does
http.sys, which listens for WinRM). So the question is WS-Management's Identify, which needs no
logon (DSP0226, "Identify"; the header is that of MS-WSMV), and whatever comes back, one byte of a
refusal as well, says that somebody answers. What it is worth the real connection finds out.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator

from .._engine.errors import HostRefuses, Unreachable
from . import psrp
from .bounded import Overdue, within
from .winrm_endpoint import Endpoint

#: Seconds for the name: a resolver asks each of its servers twice, for five seconds.
_NAME_WITHIN = 15.0
#: Seconds after which another connection asks.
_PAUSE = 0.5
NO_ANSWER = "it does not answer in time"
_IDENTIFY = (
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    b' xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd">'
    b"<s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>"
)


def ask(endpoint: Endpoint, seconds: float) -> None:
    """Return when somebody answers there.

    ``seconds``: within which an answer must begin. Every half second a connection of its own asks,
    beside those that still wait: a packet that is lost costs that half second, where TCP would send
    it again after one second and after three. A host behind a proxy is not asked: the proxy would
    be who answers. Raises Unreachable for silence, HostRefuses when the look-up of its name does
    not end.
    """
    if _goes_through_proxy(endpoint):
        return
    addresses = _addresses(endpoint)
    if not addresses:
        return
    until = time.monotonic() + seconds
    heard: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    why = NO_ANSWER
    for address in itertools.cycle(addresses):
        left = until - time.monotonic()
        if left <= 0:
            break
        _ask_beside(endpoint, address, left, heard)
        for silence in _heard_within(min(_PAUSE, left), heard):
            if silence is None:
                return
            why = silence
    raise Unreachable(
        f"Nobody answers on {endpoint.label} within {seconds:g} s: {why}", attempted_open=True
    )


def _ask_beside(
    endpoint: Endpoint, address: str, seconds: float, heard: queue.SimpleQueue[str | None]
) -> None:
    """On a thread that ends with the process: nobody waits for it longer than for the answer."""
    threading.Thread(
        target=lambda: heard.put(_silence(endpoint, address, seconds)),
        daemon=True,
        name="pchat-probe",
    ).start()


def _heard_within(seconds: float, heard: queue.SimpleQueue[str | None]) -> Iterator[str | None]:
    """What the connections that ask say within this time, as it comes."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        with contextlib.suppress(queue.Empty):
            yield heard.get(timeout=left)


def _goes_through_proxy(endpoint: Endpoint) -> bool:
    """As pypsrp and requests decide it."""
    options = endpoint.wsman
    proxy = options.get("proxy")
    if proxy is not None:
        return bool(proxy)
    if options.get("no_proxy"):
        return False
    return psrp.goes_through_proxy(endpoint.label)


def _addresses(endpoint: Endpoint) -> list[str]:
    """Of the host; none for a name that does not resolve, which the real connection tells."""
    server = endpoint.server
    try:
        found = within(
            _NAME_WITHIN,
            lambda: socket.getaddrinfo(server, endpoint.port, type=socket.SOCK_STREAM),
        )
    except Overdue as error:
        raise HostRefuses(
            f"The look-up of the name {server} has no end ({error}), so {endpoint.label} was never"
            " asked. Check the controller's DNS.",
            status="name",
        ) from error
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _silence(endpoint: Endpoint, address: str, seconds: float) -> str | None:
    """Why nobody answered this one time; None when somebody did."""
    until = time.monotonic() + seconds
    try:
        with (
            socket.create_connection((address, endpoint.port), seconds) as plain,
            _wrapped(plain, endpoint) as stream,
        ):
            stream.settimeout(max(until - time.monotonic(), 0.001))
            stream.sendall(_question(endpoint))
            first = stream.recv(1)
    except ssl.SSLError:
        return None  # an alert, an old version: somebody speaks
    except TimeoutError:
        return NO_ANSWER
    except OSError as error:
        return f"{type(error).__name__}: {error}"
    return None if first else "it closes the connection without an answer"


def _wrapped(plain: socket.socket, endpoint: Endpoint) -> socket.socket:
    """Inside TLS where the endpoint has it. Nothing is verified, since nothing is told or believed
    here; the real connection does.
    """
    if not endpoint.is_tls:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname=endpoint.server)


def _question(endpoint: Endpoint) -> bytes:
    head = (
        f"POST /{endpoint.path} HTTP/1.1",
        f"Host: {endpoint.server}:{endpoint.port}",
        "Content-Type: application/soap+xml;charset=UTF-8",
        "WSMANIDENTIFY: unauthenticated",
        f"Content-Length: {len(_IDENTIFY)}",
        "Connection: close",
        "",
        "",
    )
    return "\r\n".join(head).encode() + _IDENTIFY
