"""What is installed on the machines: Windows services and PowerShell modules by kind of machine.

Service names and display names as Get-CsWindowsService and the services console show them
(Start-CsWindowsService reference). The names of the two chat services are assumed: Microsoft's
pages speak of "Persistent Chat" and "Persistent Chat Compliance" without the short names.
"""

from __future__ import annotations

import typing as t

from .machine import Machine, WindowsService

PRODUCTS = {"Lync": "Lync Server", "SkypeForBusiness": "Skype for Business Server"}
# assumed
CHAT_SERVICE = "RTCCHAT"
COMPLIANCE_SERVICE = "RTCCOMP"

#: name, display name after the product's, service account, role, start mode, needs
_FRONT_END = (
    ("REPLICA", "Replica Replicator Agent", "NT AUTHORITY\\NETWORK SERVICE", "Replica", ()),
    ("RTCCLSAGT", "Centralized Logging Service Agent", "NT AUTHORITY\\NETWORK SERVICE", "", ()),
    ("RTCSRV", "Front-End", "NT AUTHORITY\\NETWORK SERVICE", "Registrar", ()),
    ("RTCASMCU", "Application Sharing", "NT AUTHORITY\\NETWORK SERVICE", "ConfServices", ()),
    ("RTCCAA", "Conferencing Attendant", "NT AUTHORITY\\NETWORK SERVICE", "ApplicationServer", ()),
    ("RTCRGS", "Response Group", "NT AUTHORITY\\NETWORK SERVICE", "ApplicationServer", ()),
)
_CENTRAL = (
    ("MASTER", "Master Replicator Agent", "NT AUTHORITY\\NETWORK SERVICE", "CentralMgmt", ()),
    ("FTA", "File Transfer Agent", "NT AUTHORITY\\NETWORK SERVICE", "CentralMgmt", ()),
)
_CHAT = (
    ("REPLICA", "Replica Replicator Agent", "NT AUTHORITY\\NETWORK SERVICE", "Replica", ()),
    ("RTCCLSAGT", "Centralized Logging Service Agent", "NT AUTHORITY\\NETWORK SERVICE", "", ()),
    (
        CHAT_SERVICE,
        "Persistent Chat",
        "NT AUTHORITY\\NETWORK SERVICE",
        "PersistentChatService",
        ("MSMQ",),
    ),
    (
        COMPLIANCE_SERVICE,
        "Persistent Chat Compliance",
        "NT AUTHORITY\\NETWORK SERVICE",
        "PersistentChatService",
        ("MSMQ",),
    ),
)


def install(machine: Machine, product: str, *, central: bool) -> None:
    """Give a machine what its kind has.

    ``product``: Lync or SkypeForBusiness; ``central``: a front end that may hold the central
    management store.

    Everything runs, but for the two chat services: they have nothing to do before their pool is
    published.
    """
    _service(machine, "LanmanServer", "Server", "LocalSystem")
    _service(
        machine,
        "WinRM",
        "Windows Remote Management (WS-Management)",
        "NT AUTHORITY\\NETWORK SERVICE",
    )
    _service(machine, "Winmgmt", "Windows Management Instrumentation", "LocalSystem")
    modules = {"Microsoft.PowerShell.Management", "Microsoft.PowerShell.Utility"}
    if version(machine.powershell) >= (3, 0):
        modules.add("CimCmdlets")
    if version(machine.windows) >= (6, 2):
        modules |= {"SmbShare", "NetTCPIP", "NetSecurity"}
    shown = PRODUCTS[product]
    if machine.kind == "front_end":
        _service(machine, "W3SVC", "World Wide Web Publishing Service", "LocalSystem")
        for name, text, account, role, needs in (*_FRONT_END, *(_CENTRAL if central else ())):
            _service(machine, name, f"{shown} {text}", account, role=role, needs=needs)
        modules.add(product)
    elif machine.kind == "chat_server":
        _service(machine, "MSMQ", "Message Queuing", "NT AUTHORITY\\NETWORK SERVICE")
        for name, text, account, role, needs in _CHAT:
            _service(
                machine,
                name,
                f"{shown} {text}",
                account,
                role=role,
                needs=needs,
                running=name not in (CHAT_SERVICE, COMPLIANCE_SERVICE),
            )
        modules.add(product)
    elif machine.kind == "sql":
        _service(machine, "SQLBrowser", "SQL Server Browser", "NT AUTHORITY\\LOCAL SERVICE")
    machine.products = frozenset(modules)


def version(text: str) -> tuple[int, ...]:
    """``6.3.9600`` -> (6, 3, 9600)."""
    return tuple(int(part) for part in text.split("."))


def _service(
    machine: Machine,
    name: str,
    shown: str,
    account: str,
    *,
    role: str = "",
    needs: t.Sequence[str] = (),
    running: bool = True,
) -> None:
    machine.services[name.lower()] = WindowsService(
        name,
        shown,
        "Running" if running else "Stopped",
        "Auto",
        account,
        started_at=machine.booted_at if running else None,
        depends_on=tuple(needs),
        role=role,
    )
