"""Windows accounts: their SIDs, and the names that well-known ones have in several languages
(Well-known security identifiers).

A SID is the same everywhere; a name is not: ``NT AUTHORITY\\SYSTEM`` is ``NT-AUTORITÄT\\SYSTEM`` on
a German Windows.
"""

from __future__ import annotations

import hashlib

_AUTHORITY = bytes.fromhex("010100000000000512000000")[:8]
SYSTEM, LOCAL_SERVICE, NETWORK_SERVICE = (
    _AUTHORITY + bytes((number, 0, 0, 0)) for number in (18, 19, 20)
)
#: By language, as LookupAccountSid shows them: authority, then the names of SYSTEM, LOCAL SERVICE
#: and NETWORK SERVICE.
LANGUAGES = {
    "en": ("NT AUTHORITY", "SYSTEM", "LOCAL SERVICE", "NETWORK SERVICE"),
    "de": ("NT-AUTORITÄT", "SYSTEM", "Lokaler Dienst", "Netzwerkdienst"),
    "fr": ("AUTORITE NT", "Système", "SERVICE LOCAL", "SERVICE RÉSEAU"),
    "ru": ("NT AUTHORITY", "СИСТЕМА", "LOCAL SERVICE", "NETWORK SERVICE"),
}
#: How SQL Server's setup calls the two services in that language; {} is the instance.
SERVICES = {
    "en": ("SQL Server ({})", "SQL Server Agent ({})"),
    "de": ("SQL Server ({})", "SQL Server-Agent ({})"),
    "fr": ("SQL Server ({})", "Agent SQL Server ({})"),
    "ru": ("SQL Server ({})", "Агент SQL Server ({})"),
}


def _sids() -> dict[str, bytes]:
    found = {}
    for authority, *names in LANGUAGES.values():
        for name, sid in zip(names, (SYSTEM, LOCAL_SERVICE, NETWORK_SERVICE), strict=True):
            found[f"{authority}\\{name}".lower()] = sid
    return found


_SIDS = _sids()


def well_known_sid(name: str) -> bytes | None:
    """Of an account that every machine has, in whatever language it is named."""
    return _SIDS.get(name.lower())


def windows_sid(name: str) -> bytes:
    """A SID that is the same for one account on every instance, as Windows SIDs are."""
    known = well_known_sid(name)
    if known is not None:
        return known
    digest = hashlib.sha256(name.lower().encode()).digest()
    if name.lower().startswith("nt service\\"):
        return bytes.fromhex("0106000000000005") + b"\x50\0\0\0" + digest[:20]
    return bytes.fromhex("0105000000000005") + b"\x15\0\0\0" + digest[:16]


def in_domain_form(account: str, domain: str) -> str:
    """``svc@contoso.example`` as ``CONTOSO\\svc``; anything else as it is. assumed: a user's two
    names have the same last part.
    """
    return f"{domain}\\{account.partition('@')[0]}" if "@" in account else account
