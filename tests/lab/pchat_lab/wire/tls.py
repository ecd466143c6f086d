"""A throw-away certificate authority: one certificate per machine, for its name and its address."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import pathlib
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ..world.machine import Machine


class Certificates:
    """Files live in ``folder``; ``ca_file`` is what a client must trust."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._stranger = ec.generate_private_key(
            ec.SECP256R1()
        )  # an authority of the same name that nobody trusts
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lab throw-away CA")])
        self._hashes: dict[tuple[str, str], bytes] = {}
        self.ca_file = folder / "ca.pem"
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        authority = self._builder(self._name, self._key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        certificate = (
            authority.add_extension(usage, critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )
        self.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, days: float = 7
    ) -> x509.CertificateBuilder:
        """Valid from eight days ago, for as many days from now (negative: it has expired)."""
        now = dt.datetime.now(dt.UTC)
        return x509.CertificateBuilder(
            self._name,
            subject,
            key,
            x509.random_serial_number(),
            now - dt.timedelta(days=8),
            now + dt.timedelta(days=days),
        )

    def context(self, machine: Machine, flaw: str = "") -> ssl.SSLContext:
        """A server's side with a fresh certificate of this machine.

        ``flaw``: ``untrusted`` (issued by somebody else) or ``expired`` (a day ago).
        """
        authority = self._stranger if flaw == "untrusted" else self._key
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName(machine.fqdn), x509.IPAddress(ipaddress.ip_address(machine.address))]
        builder = self._builder(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, machine.fqdn[:64])]),
            key.public_key(),
            -1 if flaw == "expired" else 7,
        )
        builder = builder.add_extension(
            x509.SubjectAlternativeName(names), critical=False
        ).add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()),
            critical=False,
        )
        certificate = builder.sign(authority, hashes.SHA256())
        file = self._folder / f"{machine.fqdn}.pem"
        file.touch(mode=0o600)
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        file.unlink()
        self._hashes[machine.fqdn, flaw] = hashlib.sha256(
            certificate.public_bytes(serialization.Encoding.DER)
        ).digest()
        return context

    def binding(self, machine: Machine, flaw: str = "") -> bytes:
        """The channel binding token's application data (RFC 5929); for a flaw without a certificate
        of its own that of the good one.
        """
        return b"tls-server-end-point:" + self._hashes.get(
            (machine.fqdn, flaw), self._hashes[machine.fqdn, ""]
        )
