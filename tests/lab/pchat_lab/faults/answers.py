"""Answers of a WinRM listener that are refusals, or no WS-Management at all: a host that is there
and cannot be asked.
"""

from __future__ import annotations

#: mode -> what the client meets. How each is given: wire/refusals.py.
ANSWERS = {
    "unauthorized": "401 for every logon, as after a wrong or an expired password (WinRM does not "
    "tell which)",
    "forbidden": "403 without a word",
    "proxy": "407 by a proxy on the way, which asks for credentials of its own",
    "error": "500 with a plain text instead of a SOAP fault",
    "unavailable": "503 with HTTP.sys's page, as while the WinRM service is stopped",
    "untrusted": "a certificate that no authority the client trusts has issued",
    "expired": "a certificate that has expired",
    "handshake": "the TLS handshake is broken off",
    "quota": "the account has as many shells open as MaxShellsPerUser allows: no further one is "
    "opened",
    "html": "200 with an HTML page, as of a portal or another program on that port",
    "garbage": "200 with bytes that are no XML, under the content type of SOAP",
    "empty": "200 without a body",
    "huge": "200 with a body of 300 MB",
    "bad_token": "401 with a Negotiate token that is no token",
    "trickle": "the right answer, one byte each second (seconds: another pace)",
    "late": "the right answer, a second late (seconds: later)",
    "silent": "a runspace opens, and its pipelines never answer",
}
#: These can be given only by a listener with TLS.
NEEDS_TLS = frozenset({"untrusted", "expired", "handshake"})
