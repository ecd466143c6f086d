"""Get-CimInstance (CimCmdlets, PowerShell 3) and Get-WmiObject (Microsoft.PowerShell.Management)
over the classes of cim_classes.
"""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Iterable

from ..powershell.errors import CmdletError, LabGap
from ..powershell.objects import PSObject
from ..powershell.registry import Invocation, Parameter, cmdlet, signature
from .cim_classes import CLASSES, CimClass, Row
from .common import MANAGEMENT, is_administrator, is_wild, since, strings
from .wql import BadFilter, condition


@cmdlet(
    "Get-CimInstance",
    signature(
        "ClassName: [ClassName]! Namespace Filter Property OperationTimeoutSec",
        types={
            "Property": strings("Property", aliases=("SelectProperties",)),
            "OperationTimeoutSec": Parameter("OperationTimeoutSec", "int", ("OT",)),
        },
    ),
    module="CimCmdlets",
    on=since(powershell="3.0"),
)
def get_cim_instance(call: Invocation) -> Iterable[t.Any]:
    found = _class(call, call.params["ClassName"], "root/cimv2")
    if not _answers(call):
        raise CmdletError(
            "The WS-Management service cannot process the request. The WMI service or the WMI "
            "provider returned an unknown error: "
            "HRESULT 0x8041033",
            "HRESULT 0x8041033",
            "NotSpecified",
            "Microsoft.Management.Infrastructure.CimException",
        )
    try:
        rows = _rows(call, found, call.params.get("Property"))
    except BadFilter as error:
        raise CmdletError(
            "Invalid query ",
            "HRESULT 0x80041017",
            "InvalidArgument",
            "Microsoft.Management.Infrastructure.CimException",
            str(error),
        ) from error
    prefix = "Microsoft.Management.Infrastructure.CimInstance"
    lineage = (found.name, *found.bases)
    types = [
        *(f"{prefix}#root/cimv2/{name}" for name in lineage),
        *(f"{prefix}#{name}" for name in lineage),
        prefix,
        "System.Object",
    ]
    for row in rows:
        key = f' ({found.key} = "{row[found.key]}")' if row.get(found.key) is not None else ""
        yield PSObject(
            list(types), {**row, "PSComputerName": call.machine.name}, f"{found.name}{key}"
        )


@cmdlet(
    "Get-WmiObject",
    signature(
        "query: [Class]! [Property] Filter Namespace",
        types={
            "Class": Parameter("Class", "string", ("ClassName",), 0),
            "Property": strings("Property", 1),
            "Namespace": Parameter("Namespace", "string", ("NS",)),
        },
    ),
    module=MANAGEMENT,
)
def get_wmi_object(call: Invocation) -> Iterable[t.Any]:
    found = _class(call, call.params["Class"], "root\\cimv2")
    if not _answers(call):
        raise CmdletError(
            "The RPC server is unavailable. (Exception from HRESULT: 0x800706BA)",
            "GetWMICOMException",
            "InvalidOperation",
            "System.Runtime.InteropServices.COMException",
        )
    try:
        rows = _rows(call, found, call.params.get("Property"))
    except BadFilter as error:
        raise CmdletError(
            f'Invalid query "select * from {found.name} where {error}"',
            "GetWMIManagementException",
            "InvalidOperation",
            "System.Management.ManagementException",
        ) from error
    lineage = (found.name, *found.bases)
    base = "System.Management.ManagementObject"
    types = [
        *(f"{base}#root\\cimv2\\{name}" for name in lineage),
        *(f"{base}#{name}" for name in lineage),
        base,
        "System.Management.ManagementBaseObject",
        "System.ComponentModel.Component",
        "System.MarshalByRefObject",
        "System.Object",
    ]
    for row in rows:
        path = (
            f'\\\\{call.machine.name}\\root\\cimv2:{found.name}.{found.key}="{row.get(found.key)}"'
        )
        system = {
            "__GENUS": 2,
            "__CLASS": found.name,
            "__SUPERCLASS": found.bases[0],
            "__DYNASTY": found.bases[-1],
            "__RELPATH": path.partition(":")[2],
            "__PROPERTY_COUNT": len(row),
            "__DERIVATION": list(found.bases),
            "__SERVER": call.machine.name,
            "__NAMESPACE": "root\\cimv2",
            "__PATH": path,
        }
        yield PSObject(
            list(types),
            {
                "PSComputerName": call.machine.name,
                **system,
                **{k: _dmtf(v) for k, v in row.items()},
            },
            path,
        )


def _class(call: Invocation, name: str, namespace: str) -> CimClass:
    asked = call.params.get("Namespace") or namespace
    if asked.replace("\\", "/").lower() != "root/cimv2":
        raise LabGap(f"the CIM namespace {asked}")
    if is_wild(name) or name.lower() not in CLASSES:
        raise LabGap(f"the CIM class {name}")
    return CLASSES[name.lower()]


def _answers(call: Invocation) -> bool:
    service = call.machine.services.get("winmgmt")
    return is_administrator(call) and (service is None or service.status == "Running")


def _rows(call: Invocation, found: CimClass, chosen: list[str] | None) -> list[Row]:
    """The instances that the filter leaves.

    With -Property the others are there, but without values.
    """
    test = condition(call.params["Filter"]) if call.params.get("Filter") else None
    rows = [row for row in found.instances(call) if test is None or test(row)]
    wanted = None if chosen is None or "*" in chosen else {name.lower() for name in chosen}
    if wanted is None:
        return rows
    unknown = set(wanted)
    for row in rows:
        unknown -= {key.lower() for key in row}
    if rows and unknown:
        raise BadFilter(", ".join(sorted(unknown)))
    shown = {*wanted, found.key.lower()}
    chosen_rows = []
    for row in rows:
        chosen_rows.append(
            {key: value if key.lower() in shown else None for key, value in row.items()}
        )
    return chosen_rows


def _dmtf(value: t.Any) -> t.Any:
    """WMI shows times as text: yyyymmddHHMMSS.mmmmmm+UUU."""
    if not isinstance(value, dt.datetime):
        return value
    offset = int((value.utcoffset() or dt.timedelta()).total_seconds() // 60)
    return f"{value:%Y%m%d%H%M%S.%f}{'-' if offset < 0 else '+'}{abs(offset):03}"
