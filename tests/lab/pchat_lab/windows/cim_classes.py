"""Instances of the Win32 classes that the lab knows (Win32 Provider reference): their properties,
base classes and keys.

Times are aware and local to the machine, as CIM returns them; integers of 64 bits are Int64.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t
from collections.abc import Callable, Iterable

from ..powershell.objects import Int64
from ..powershell.registry import Invocation
from ..world import disks
from ..world.machine import WindowsService
from ..world.products import CHAT_SERVICE, COMPLIANCE_SERVICE
from ..world.summer import as_registered
from .common import local, utc_now

Row = dict[str, t.Any]
_WINDOWS = {
    "6.1": "Microsoft Windows Server 2008 R2 Standard ",
    "6.2": "Microsoft Windows Server 2012 Standard",
    "6.3": "Microsoft Windows Server 2012 R2 Standard",
    "10.0": "Microsoft Windows Server 2016 Standard",
}
_PROGRAMS = {
    "mssql": ("sqlservr.exe", "Program Files\\Microsoft SQL Server"),
    "sqla": ("SQLAGENT.EXE", "Program Files\\Microsoft SQL Server"),
    "sqlserveragent": ("SQLAGENT.EXE", "Program Files\\Microsoft SQL Server"),
    CHAT_SERVICE.lower(): ("ChannelService.exe", "Program Files"),
    COMPLIANCE_SERVICE.lower(): ("ComplianceService.exe", "Program Files"),
}


@dataclasses.dataclass(frozen=True)
class CimClass:
    """``bases``: from its direct base class up. ``key``: the property that names an instance."""

    name: str
    bases: tuple[str, ...]
    key: str
    instances: Callable[[Invocation], Iterable[Row]]


CLASSES: dict[str, CimClass] = {}


def _cim(
    name: str, key: str, *bases: str
) -> Callable[[Callable[[Invocation], Iterable[Row]]], Callable[[Invocation], Iterable[Row]]]:
    def register(
        run: Callable[[Invocation], Iterable[Row]],
    ) -> Callable[[Invocation], Iterable[Row]]:
        CLASSES[name.lower()] = CimClass(name, bases, key, run)
        return run

    return register


@_cim(
    "Win32_OperatingSystem",
    "Name",
    "CIM_OperatingSystem",
    "CIM_LogicalElement",
    "CIM_ManagedSystemElement",
)
def _operating_system(call: Invocation) -> Iterable[Row]:
    machine = call.machine
    major = ".".join(machine.windows.split(".")[:2])
    caption = _WINDOWS.get(major, "Microsoft Windows Server")
    yield {
        "Status": "OK",
        "Name": f"{caption}|C:\\Windows|\\Device\\Harddisk0\\Partition2",
        "Caption": caption,
        "Version": machine.windows,
        "BuildNumber": machine.windows.split(".")[-1],
        "OSArchitecture": "64-bit",
        "ProductType": 3,
        "OperatingSystemSKU": 7,
        "CSName": machine.name,
        "LastBootUpTime": local(call, machine.booted_at or utc_now(call)),
        "LocalDateTime": local(call, utc_now(call)),
        "CurrentTimeZone": machine.offset_at(utc_now(call)),
        "Locale": "0409",
        "OSLanguage": 1033,
        "CountryCode": "1",
        "CodeSet": "1252",
        "ServicePackMajorVersion": 1 if major == "6.1" else 0,
        "ServicePackMinorVersion": 0,
        "SystemDirectory": "C:\\Windows\\system32",
        "WindowsDirectory": "C:\\Windows",
        "SystemDrive": "C:",
        "FreePhysicalMemory": Int64(12582912),
        "TotalVisibleMemorySize": Int64(16776676),
        "NumberOfProcesses": len(list(_processes(call))),
        "RegisteredUser": "Windows User",
        "Organization": "",
    }


@_cim(
    "Win32_ComputerSystem",
    "Name",
    "CIM_UnitaryComputerSystem",
    "CIM_ComputerSystem",
    "CIM_System",
    "CIM_LogicalElement",
    "CIM_ManagedSystemElement",
)
def _computer_system(call: Invocation) -> Iterable[Row]:
    machine = call.machine
    yield {
        "Name": machine.name,
        "Caption": machine.name,
        "DNSHostName": machine.fqdn.split(".")[0],
        "Domain": call.world.dns_suffix,
        "DomainRole": 3,
        "PartOfDomain": True,
        "Workgroup": None,
        "Manufacturer": "Microsoft Corporation",
        "Model": "Virtual Machine",
        "SystemType": "x64-based PC",
        "TotalPhysicalMemory": Int64(17179316224),
        "NumberOfProcessors": 1,
        "NumberOfLogicalProcessors": 4,
        "HypervisorPresent": True,
        "CurrentTimeZone": machine.offset_at(utc_now(call)),
        "DaylightInEffect": machine.offset_at(utc_now(call)) != machine.utc_offset_minutes,
        "UserName": None,
        "Status": "OK",
        "PrimaryOwnerName": "Windows User",
    }


@_cim(
    "Win32_Service",
    "Name",
    "Win32_BaseService",
    "CIM_Service",
    "CIM_LogicalElement",
    "CIM_ManagedSystemElement",
)
def _services(call: Invocation) -> Iterable[Row]:
    machine = call.machine
    for service in sorted(machine.services.values(), key=lambda service: service.name.lower()):
        running = service.status == "Running"
        program, folder = _program(service)
        yield {
            "Name": service.name,
            "Status": "OK",
            "ExitCode": 0 if running or service.started_at else 1077,
            "DesktopInteract": False,
            "ErrorControl": "Normal",
            "PathName": f'"C:\\{folder}\\{program}"',
            "ServiceType": "Own Process",
            "StartMode": service.start_mode,
            "Caption": service.display_name,
            "Description": service.description,
            "InstallDate": None,
            "CreationClassName": "Win32_Service",
            "Started": running,
            "SystemCreationClassName": "Win32_ComputerSystem",
            "SystemName": machine.name,
            "AcceptPause": False,
            "AcceptStop": running,
            "DisplayName": service.display_name,
            "ServiceSpecificExitCode": 0,
            "StartName": service.account,
            "State": service.status,
            "TagId": 0,
            "CheckPoint": 0,
            "ProcessId": process_id(call, service),
            "WaitHint": 0,
        }


@_cim("Win32_Process", "Handle", "CIM_Process", "CIM_LogicalElement", "CIM_ManagedSystemElement")
def _processes(call: Invocation) -> Iterable[Row]:
    machine = call.machine
    for name, number in (("System", 4), ("services.exe", 500), ("lsass.exe", 508)):
        yield _process(call, name, number, f"C:\\Windows\\system32\\{name}", machine.booted_at)
    for service in machine.services.values():
        if service.status == "Running":
            program, folder = _program(service)
            yield _process(
                call,
                program,
                process_id(call, service),
                f"C:\\{folder}\\{program}",
                _begun(service) or machine.booted_at,
            )
    yield _process(
        call,
        "wsmprovhost.exe",
        9000,
        "C:\\Windows\\system32\\wsmprovhost.exe -Embedding",
        utc_now(call),
    )


@_cim("Win32_TimeZone", "StandardName", "CIM_Setting")
def _time_zone(call: Invocation) -> Iterable[Row]:
    machine = call.machine
    sign = "-" if machine.utc_offset_minutes < 0 else "+"
    minutes = abs(machine.utc_offset_minutes)
    yield {
        "Caption": f"(UTC{sign}{minutes // 60:02}:{minutes % 60:02}) {machine.time_zone}",
        "Description": machine.time_zone,
        "SettingID": None,
        "Bias": machine.utc_offset_minutes,
        "StandardBias": 0,
        "DaylightBias": -60,
        "StandardName": machine.time_zone,
        "DaylightName": machine.time_zone.replace("Standard", "Daylight"),
        **as_registered(machine.daylight_saving, machine.utc_offset_minutes),
    }


@_cim(
    "Win32_LogicalDisk",
    "DeviceID",
    "CIM_LogicalDisk",
    "CIM_StorageExtent",
    "CIM_LogicalDevice",
    "CIM_LogicalElement",
    "CIM_ManagedSystemElement",
)
def _logical_disks(call: Invocation) -> Iterable[Row]:
    machine = call.machine
    for drive in machine.drives:
        yield {
            "DeviceID": drive.upper(),
            "Name": drive.upper(),
            "Caption": drive.upper(),
            "Description": "Local Fixed Disk",
            "DriveType": 3,
            "MediaType": 12,
            "FileSystem": "NTFS",
            "VolumeName": "",
            "ProviderName": None,
            "Size": Int64(disks.size(machine, drive)),
            "FreeSpace": Int64(disks.free(machine, drive)),
            "Compressed": False,
            "SystemName": machine.name,
        }


def process_id(call: Invocation, service: WindowsService) -> int:
    """0 unless it runs; another one after every start, as on a real machine."""
    if service.status != "Running":
        return 0
    place = sorted(call.machine.services).index(service.name.lower())
    return 1000 + 200 * place + 4 * (service.starts % 50)


def _begun(service: WindowsService) -> dt.datetime | None:
    """By the clock of its machine."""
    if service.started_at is None:
        return None
    return service.started_at + dt.timedelta(seconds=service.skew_at_start)


def _program(service: WindowsService) -> tuple[str, str]:
    low = service.name.lower()
    return next(
        (found for start, found in _PROGRAMS.items() if low.startswith(start)),
        (f"{service.name}.exe", "Windows\\System32"),
    )


def _process(call: Invocation, name: str, number: int, command: str, started: t.Any) -> Row:
    when = None if started is None else local(call, started)
    return {
        "ProcessId": number,
        "Name": name,
        "Handle": str(number),
        "Caption": name,
        "Description": name,
        "CommandLine": command,
        "ExecutablePath": command.split(" -")[0],
        "CreationDate": when,
        "ParentProcessId": 500,
        "SessionId": 0,
        "CSName": call.machine.name,
        "WorkingSetSize": Int64(52428800),
    }
