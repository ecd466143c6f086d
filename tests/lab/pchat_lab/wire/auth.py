"""Who is calling: authentication per TCP connection, and the sealing of messages that comes with
it.
"""

from __future__ import annotations

import base64
import dataclasses
import os
import pathlib
import re
import struct
import typing as t

import spnego
import spnego.channel_bindings
import spnego.exceptions
from pypsrp.encryption import WinRMEncryption


@dataclasses.dataclass
class Logon:
    """NTLM is connection-oriented, so this lives as long as the TCP connection.

    ``user`` is DOMAIN\\name once complete.
    """

    context: t.Any = None
    sealing: t.Any = None
    user: str | None = None

    @property
    def complete(self) -> bool:
        return self.user is not None

    def step(
        self,
        authorization: str,
        passwords: dict[str, str],
        basic_allowed: bool,
        certificate_hash: bytes | None,
    ) -> str | None:
        """One Authorization header.

        Returns the value of WWW-Authenticate to answer with; ``complete`` says whether it is over.
        """
        scheme, _unused, blob = authorization.partition(" ")
        if scheme.lower() == "basic":
            self._basic(blob, passwords, basic_allowed)
            return None
        if scheme.lower() not in ("negotiate", "ntlm"):
            return None
        try:
            token = base64.b64decode(blob, validate=True)
        except ValueError:
            return None
        if self.context is None or self.context.complete:
            self.user = self.sealing = None
            bindings = (
                spnego.channel_bindings.GssChannelBindings(application_data=certificate_hash)
                if certificate_hash
                else None
            )
            # Raw NTLM tokens arrive under the Negotiate scheme too: the token decides.
            protocol = "ntlm" if token.startswith(b"NTLMSSP\x00") else "negotiate"
            self.context = spnego.server(
                hostname="lab", service="WSMAN", protocol=protocol, channel_bindings=bindings
            )
        try:
            answer = self.context.step(token)
        except (
            spnego.exceptions.SpnegoError,
            ValueError,
            struct.error,
        ):  # pyspnego raises its parsers' own errors for odd tokens
            self.context = None
            return None
        if self.context.complete:
            self.user = str(self.context.client_principal)
            self.sealing = WinRMEncryption(self.context, WinRMEncryption.SPNEGO)
        return f"{scheme} {base64.b64encode(answer).decode()}" if answer else None

    def _basic(self, blob: str, passwords: dict[str, str], allowed: bool) -> None:
        try:
            user, _unused, password = (
                base64.b64decode(blob, validate=True).decode("utf-8").partition(":")
            )
        except ValueError:
            return
        if allowed and passwords.get(user.lower()) == password:
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
