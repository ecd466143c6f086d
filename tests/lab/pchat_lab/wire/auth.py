"""Who is calling: authentication per TCP connection, and the sealing of messages that comes with
it.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import os
import pathlib
import re
import struct
import tempfile
import typing as t

import spnego
import spnego.channel_bindings
import spnego.exceptions
import spnego.tls
from pypsrp.encryption import WinRMEncryption

#: How messages are sealed after a logon, by its scheme.
_SEALED_AS = {
    "negotiate": WinRMEncryption.SPNEGO,
    "ntlm": WinRMEncryption.SPNEGO,
    "kerberos": WinRMEncryption.KERBEROS,
    "credssp": WinRMEncryption.CREDSSP,
}


class Ticket(t.Protocol):
    """What a key distribution centre lets a logon do elsewhere."""

    def goes_to(self, service: str, host: str) -> bool:
        """Whether the logon reaches that service as who it is."""


@dataclasses.dataclass(frozen=True)
class Accepted:
    """A logon by ticket: its context, and what to answer its first token with."""

    context: t.Any
    answer: bytes | None
    ticket: Ticket


class Tickets(t.Protocol):
    """Who reads tickets, where there is a key distribution centre (``kerberos.Keys``)."""

    def accept(
        self, host: str, token: bytes, bindings: spnego.channel_bindings.GssChannelBindings | None
    ) -> Accepted | None:
        """None when the token is no ticket for this host."""

    def account(self, principal: str) -> str | None:
        """``user@REALM`` as DOMAIN\\user; None for a stranger."""


@dataclasses.dataclass(frozen=True)
class Door:
    """What a listener accepts.

    ``passwords``: of accounts that may log on, by name in lower case.
    ``certificate_hash``: of its TLS, for channel bindings.
    """

    host: str
    passwords: dict[str, str]
    basic: bool
    credssp: bool
    certificate_hash: bytes | None
    tickets: Tickets | None


@dataclasses.dataclass
class Logon:
    """NTLM is connection-oriented, so this lives as long as the TCP connection.

    ``user`` is DOMAIN\\name once complete. ``gave_password``: the host has it, by CredSSP, and can
    log on with it wherever it likes. ``ticket``: what Kerberos lets the logon do elsewhere.
    """

    context: t.Any = None
    sealing: t.Any = None
    user: str | None = None
    gave_password: bool = False
    ticket: Ticket | None = None

    @property
    def complete(self) -> bool:
        return self.user is not None

    def step(self, authorization: str, door: Door) -> str | None:
        """One Authorization header.

        Returns the value of WWW-Authenticate to answer with; ``complete`` says whether it is over.
        """
        scheme, _unused, blob = authorization.partition(" ")
        kind = scheme.lower()
        if kind == "basic":
            self._basic(blob, door)
            return None
        if kind not in _SEALED_AS or (kind == "credssp" and not door.credssp):
            return None
        try:
            token = base64.b64decode(blob, validate=True)
        except ValueError:
            return None
        try:
            answer = self._step(kind, token, door)
        except (
            spnego.exceptions.SpnegoError,
            ValueError,
            struct.error,
        ):  # pyspnego raises its parsers' own errors for odd tokens
            self.context = None
            return None
        if self.context.complete:
            self._finish(kind, door)
        return f"{scheme} {base64.b64encode(answer).decode()}" if answer else None

    def _step(self, kind: str, token: bytes, door: Door) -> bytes | None:
        if self.context is not None and not self.context.complete:
            return t.cast("bytes | None", self.context.step(token))
        self._begin_anew()
        if kind == "credssp":
            self.context = spnego.server(protocol="credssp", credssp_tls_context=_credssp_tls())
            return t.cast("bytes | None", self.context.step(token))
        bindings = None
        if door.certificate_hash:
            bindings = spnego.channel_bindings.GssChannelBindings(
                application_data=door.certificate_hash
            )
        if door.tickets is not None:
            accepted = door.tickets.accept(door.host, token, bindings)
            if accepted is not None:
                self.context = accepted.context
                self.ticket = accepted.ticket
                return accepted.answer
        # Raw NTLM tokens arrive under the Negotiate scheme too: the token decides.
        protocol = "ntlm" if token.startswith(b"NTLMSSP\x00") else "negotiate"
        self.context = spnego.server(
            hostname="lab", service="WSMAN", protocol=protocol, channel_bindings=bindings
        )
        return t.cast("bytes | None", self.context.step(token))

    def _begin_anew(self) -> None:
        self.context = self.sealing = self.user = self.ticket = None
        self.gave_password = False

    def _finish(self, kind: str, door: Door) -> None:
        self.user = str(self.context.client_principal)
        if self.ticket is not None and door.tickets is not None:
            self.user = door.tickets.account(self.user)
        self.gave_password = kind == "credssp"
        self.sealing = WinRMEncryption(self.context, _SEALED_AS[kind])

    def _basic(self, blob: str, door: Door) -> None:
        try:
            user, _unused, password = (
                base64.b64decode(blob, validate=True).decode("utf-8").partition(":")
            )
        except ValueError:
            return
        if door.basic and door.passwords.get(user.lower()) == password:
            self.user = user

    def unseal(self, content_type: str, data: bytes) -> bytes:
        match = re.search(r'boundary="([^"]*)"', content_type)
        if self.sealing is None or match is None:
            raise ValueError("sealed message without a logon")
        return bytes(self.sealing.unwrap_message(data, match[1]))

    def seal(self, data: bytes) -> tuple[str, bytes]:
        content_type, payload = self.sealing.wrap_message(data)
        return (
            f'{content_type};protocol="{self.sealing.protocol}";boundary="Encrypted Boundary"',
            payload,
        )


@functools.cache
def _credssp_tls() -> spnego.tls.CredSSPTLSContext:
    """The TLS inside CredSSP, with a key of its own for all hosts of this process."""
    certificate, key, public_key = spnego.tls.generate_tls_certificate()
    made = spnego.tls.default_tls_context(usage="accept")
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(certificate + key)
        file.flush()
        made.context.load_cert_chain(file.name)
    made.public_key = public_key
    return made


def write_user_file(path: pathlib.Path, accounts: t.Iterable[tuple[str, str]]) -> None:
    """Passwords for the NTLM acceptor: a file of DOMAIN:USER:PASSWORD lines that only the owner
    reads, named by NTLM_USER_FILE.

    An account may log on as DOMAIN\\user, as user@domain is not offered here.
    """
    path.touch(mode=0o600)
    path.write_text(
        "".join(f"{name.replace(chr(92), ':')}:{password}\n" for name, password in accounts),
        encoding="utf-8",
    )
    os.environ["NTLM_USER_FILE"] = str(path)


def is_sealed(content_type: str) -> bool:
    return content_type.startswith(("multipart/encrypted", "multipart/x-multi-encrypted"))
