"""Calls that fail on purpose, each in its own way, and what tells whether the statement behind them
ran.

None of them changes anything. They are no calls that the collection needs, so the lists of what
must be there (``fidelity/used.py``) do not have them. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from ..._engine.model import Call, Cmdlet


def wrong_cmdlet() -> Call:
    """A cmdlet that does not exist: a terminating error before anything runs."""
    return Cmdlet("Get-PchatNothing")


def wrong_parameter() -> Call:
    """A parameter that does not bind: a terminating error before anything runs."""
    return Cmdlet("Write-Output", {"InputObject": "pchat", "PchatNothing": "pchat"})


def stopped() -> Call:
    """An error that alone would not end anything, and does by -ErrorAction Stop."""
    return Cmdlet("Get-Command", {"Name": "Get-PchatNothing"})


def leaves_a_trace(name: str) -> Call:
    """Writes a text and keeps it in a variable of the runspace, which ends with it."""
    return Cmdlet("Write-Output", {"InputObject": name, "OutVariable": name})


def trace(name: str) -> Call:
    """What ``leaves_a_trace`` left, if it ran."""
    return Cmdlet(
        "Get-Variable", {"Name": name, "ValueOnly": True, "ErrorAction": "SilentlyContinue"}
    )
