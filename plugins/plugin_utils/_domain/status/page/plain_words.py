"""Why a host cannot be asked, in the words of people; its own words stand beside them. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

#: What a sentence of ``_transport/failures.py`` or a library has in it -> what it means. The first
#: one that fits. Nothing is decided by it.
_MEANINGS = (
    ("does not resolve", "Its name is not known here: inventory, or DNS of the controller."),
    ("proxy", "A proxy stands between, and the host was never asked."),
    ("certificate is not trusted", "It answers, but its certificate is not trusted here."),
    ("HTTP status 401", "It answers, and refuses the logon: account, password, or Kerberos."),
    ("HTTP status 403", "It answers, and does not let this account in."),
    ("HTTP status", "It answers with an error of its WinRM service."),
    ("not like WinRM", "Something else than WinRM answers on this port."),
    ("refused", "The machine is there, but nothing listens on its WinRM port."),
    ("in time", "No answer in time: switched off, hanging, or cut off from here."),
    ("Connection", "The connection broke: switched off, restarting, or cut off from here."),
)


def meaning(why: str | None) -> str:
    """A sentence for people; empty where nobody has put it into words."""
    for part, sentence in _MEANINGS:
        if why and part.lower() in why.lower():
            return sentence
    return ""
