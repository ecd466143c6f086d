"""Why no Kerberos ticket came, by the numbers of the protocol and not by texts.

Sources: RFC 4120 section 7.5.9 (errors of a key distribution centre), krb5_err.et of MIT Kerberos
(its library's own), RFC 2744 section 3.9.1 (GSS major status). FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

#: krb5_err.et of MIT Kerberos counts from here; Heimdal does as well.
_BASE = -1765328384
_KINIT = "On the controller run `kinit {user}` (and `klist` to see what there is), then run again."
_PASSWORD = "Check ansible_user and ansible_password, or the password that kinit was given."
_PRINCIPAL = (
    "The realm knows no host by that name. A ticket is for a name: ansible_host has to be the FQDN "
    "that the host was joined with, or set ansible_psrp_negotiate_hostname_override (for winrm "
    "ansible_winrm_kerberos_hostname_override) to it. `setspn -L HOST` lists its names."
)
_CLOCK = (
    "Clocks differ by more than five minutes: compare the controller's, the host's and the domain "
    "controller's (`w32tm /stripchart /computer:DC`)."
)
_KEY = (
    "The host cannot read the ticket: its name stands on another account, or twice (`setspn -X`), "
    "or its account's password was reset."
)
_CENTRE = (
    "No domain controller of the realm answers the controller: check /etc/krb5.conf (realm and "
    "kdc), DNS, and port 88. A controller needs one that outlives the site that is lost."
)
#: Number -> what to do about it.
_ADVICE = {
    6: "The realm knows no such user. " + _PASSWORD,
    7: _PRINCIPAL,
    12: "The realm's policy forbids it: is the account allowed to log on now, and from here?",
    18: "The account is disabled, locked or has expired.",
    23: "The password has expired: change it (`kpasswd {user}`), then run again.",
    24: _PASSWORD,
    31: _PASSWORD,
    32: "The ticket has expired. " + _KINIT,
    33: "The ticket is not valid yet. " + _CLOCK,
    37: _CLOCK,
    41: _KEY,
    44: _KEY,
    141: "There is no ticket. " + _KINIT,
    154: _CENTRE,
    156: _CENTRE,
    195: "There is no ticket. " + _KINIT,
}
#: GSS major status: no credential, one that has expired, and a logon whose ticket has.
_MAJOR = {7: 141, 11: 32, 12: 32}


def seconds_left(context: t.Any) -> float | None:
    """Of the ticket that a logon was made with; None for a logon without one.

    Messages are sealed with a key of the ticket (MIT Kerberos refuses to after its end: RFC 2743,
    GSS_S_CONTEXT_EXPIRED). pyspnego does not show it, so its own context is looked into.
    """
    seen = context
    for _level in range(5):
        if seen is None or hasattr(type(seen), "lifetime"):
            break
        seen = getattr(seen, "_context", None)
    if seen is None:
        return None
    try:
        return float(seen.lifetime)
    except Exception as error:
        if _is_of_kerberos(error):
            return 0.0
        raise


def advice(error: BaseException) -> str | None:
    """What to do about an error of Kerberos or its libraries, in a sentence; None for any other."""
    found = [one for one in _causes(error) if _is_of_kerberos(one)]
    for one in reversed(found):
        number = _number(one)
        if number in _ADVICE:
            return _ADVICE[number].replace("{user}", "USER@REALM")
    if found:
        return "Check /etc/krb5.conf, the ticket (`klist`) and the host's name. " + _KINIT.replace(
            "{user}", "USER@REALM"
        )
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what stands at the bottom of it: pyspnego keeps it as ``base_error``."""
    seen: BaseException | None = error
    for _level in range(10):
        if seen is None:
            return
        yield seen
        base = getattr(seen, "base_error", None)
        seen = base if isinstance(base, BaseException) else seen.__cause__


def _is_of_kerberos(error: BaseException) -> bool:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return bool(kinds & {"GSSError", "Krb5Error", "SpnegoError"})


def _number(error: BaseException) -> int | None:
    """Of krb5_err.et; None where it tells none."""
    minor: t.Any = getattr(error, "err_code", None)
    if minor is None:
        minor = getattr(error, "min_code", None)
    if minor is not None:
        number = (int(minor) - _BASE) % 2**32
        if number in _ADVICE:
            return number
    major = getattr(error, "maj_code", None)
    if major is None:
        return None
    return _MAJOR.get(int(major) >> 16 & 0xFF)
