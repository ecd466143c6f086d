"""A shell as WS-Management describes it."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET

from .shell import Shell
from .wsman import (
    POWERSHELL,
    element,
)


def described(shell: Shell, in_use: bool = False) -> ET.Element:
    """The fields of a shell in the order of recorded servers; ``in_use``: with what only Get and
    Enumerate tell.
    """
    made = element(None, "rsp:Shell")
    now = time.monotonic()
    fields = {
        "ShellId": shell.id,
        "ResourceUri": POWERSHELL + shell.configuration,
        "Owner": shell.runspace.caller.account.name,
        "ClientIP": "127.0.0.1",
        "ProcessId": str(shell.process_id),
        "IdleTimeOut": f"PT{shell.idle_timeout:.3f}S",
        "InputStreams": "stdin pr",
        "OutputStreams": "stdout",
        "MaxIdleTimeOut": "PT2147483.647S",
        "Locale": "en-US",
        "DataLocale": "en-US",
        "CompressionMode": "NoCompression",
        "ProfileLoaded": "Yes",
        "Encoding": "UTF8",
        "BufferMode": "Block",
        "State": shell.state,
        "ShellRunTime": _days_to_seconds(now - shell.created),
        "ShellInactivity": _days_to_seconds(now - shell.used),
    }
    if in_use:
        fields |= {"MemoryUsed": "60MB", "ChildProcesses": "0"}
    for name, text in fields.items():
        element(made, f"rsp:{name}", text)
    return made


def _days_to_seconds(passed: float) -> str:
    """As servers write a duration: P0DT0H1M2S."""
    minutes, rest = divmod(int(passed), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"P{days}DT{hours}H{minutes}M{rest}S"
