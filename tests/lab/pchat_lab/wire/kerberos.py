"""Kerberos as a real key distribution centre decides it: who a ticket is of, and whether the logon
travels on to a third machine.

The centre is not the lab's: whoever starts a lab with ``--keytab`` has one, and its KRB5_CONFIG.
Needs the Python libraries gssapi and krb5.
"""

from __future__ import annotations

import pathlib
import typing as t

import gssapi
import spnego
from gssapi.exceptions import GSSError
from spnego._context import GSSMech
from spnego.channel_bindings import GssChannelBindings

from .auth import Accepted

MECHANISM = gssapi.OID.from_int_seq("1.2.840.113554.1.2.2")
#: What a client asks a ticket for: WSMAN is the default of Ansible's psrp, HTTP that of pywinrm and
#: of CredSSP, host that of pypsrp.
SERVICES = ("WSMAN", "HTTP", "host")


class Onward:
    """What the key distribution centre lets a logon do on a third machine.

    That is what its forwarded ticket may, or, without one, what the host that it logged on to is
    allowed to ask in its name (constrained delegation, S4U2Proxy).
    """

    def __init__(self, kerberos: t.Any) -> None:
        self._kerberos = kerberos
        self._answers: dict[str, bool] = {}

    def goes_to(self, service: str, host: str) -> bool:
        """Whether there is a ticket for that service; asked once in a logon."""
        name = f"{service}@{host}"
        if name not in self._answers:
            self._answers[name] = self._ticket(name)
        return self._answers[name]

    def _ticket(self, name: str) -> bool:
        # pyspnego shows whether a ticket was forwarded, and not the ticket itself.
        credentials = self._kerberos._context.delegated_creds
        if credentials is None:
            return False
        context = gssapi.SecurityContext(
            name=gssapi.Name(name, gssapi.NameType.hostbased_service),
            creds=credentials,
            mech=MECHANISM,
            usage="initiate",
        )
        try:
            context.step()
        except GSSError:
            return False
        return True


class Keys:
    """The keys of all hosts of an estate, in one keytab: ``SERVICES``, each with a host's name.

    ``realm``: whose users are those of ``domain`` (the NetBIOS name).
    """

    def __init__(self, keytab: pathlib.Path, realm: str, domain: str) -> None:
        self._keytab = keytab
        self._realm = realm
        self._domain = domain
        self._credentials: dict[str, gssapi.Credentials | None] = {}

    def accept(
        self, host: str, token: bytes, bindings: GssChannelBindings | None
    ) -> Accepted | None:
        """The first token of a logon, bare or within SPNEGO; None when it is no ticket for this
        host.
        """
        for service in SERVICES:
            credential = self._credential(f"{service}@{host}")
            if credential is None:
                continue
            inner = spnego.server(
                protocol="kerberos", channel_bindings=bindings, _gssapi_credential=credential
            )
            outer = spnego.server(
                protocol="negotiate",
                channel_bindings=bindings,
                _negotiate_contexts={GSSMech.kerberos: inner},
            )
            inner._is_wrapped = True
            try:
                return Accepted(outer, outer.step(token), Onward(inner))
            except Exception:  # a ticket for another service, or no ticket: pyspnego's and others'
                continue
        return None

    def account(self, principal: str) -> str | None:
        """``user@REALM`` as ``DOMAIN\\user``; None for another realm."""
        user, _unused, realm = principal.rpartition("@")
        if realm.lower() != self._realm.lower():
            return None
        return f"{self._domain}\\{user}"

    def _credential(self, name: str) -> gssapi.Credentials | None:
        """To accept logons of this service, and to ask for tickets of those who logged on."""
        if name not in self._credentials:
            try:
                self._credentials[name] = gssapi.Credentials(
                    name=gssapi.Name(name, gssapi.NameType.hostbased_service),
                    usage="both",
                    mechs=[MECHANISM],
                    store={
                        "keytab": str(self._keytab),
                        "client_keytab": str(self._keytab),
                        "ccache": f"MEMORY:{name}",
                    },
                )
            except GSSError:  # no such key
                self._credentials[name] = None
        return self._credentials[name]
