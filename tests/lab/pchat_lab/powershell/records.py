"""Error records, and those of the other streams, as objects that remoting serialises.

Their properties: what PowerShell 7.6 sent; ids, categories and the order of the parts are those of
ErrorRecord.ToPSObjectForRemoting and InformationalRecord.ToPSObjectForRemoting of the engine that
it shares with Windows PowerShell.
"""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Mapping

from .binder import ACTIONS
from .command_info import definition
from .conversion import dotnet_type
from .errors import CmdletError
from .objects import Collection, Int64, PSObject, Table, UInt32, enum
from .registry import CmdletInfo, Signature
from .serialise import text_of
from .type_names import AUTOMATION, INTEGER, OBJECT, STRING

_DICTIONARY = f"System.Collections.Generic.Dictionary`2[{STRING},{OBJECT}]"

#: Numbers of System.Management.Automation.ErrorCategory.
CATEGORIES = {
    name: number
    for number, name in enumerate(
        (
            "NotSpecified",
            "OpenError",
            "CloseError",
            "DeviceError",
            "DeadlockDetected",
            "InvalidArgument",
            "InvalidData",
            "InvalidOperation",
            "InvalidResult",
            "InvalidType",
            "MetadataError",
            "NotImplemented",
            "NotInstalled",
            "ObjectNotFound",
            "OperationStopped",
            "OperationTimeout",
            "SyntaxError",
            "ParserError",
            "PermissionDenied",
            "ResourceBusy",
            "ResourceExists",
            "ResourceUnavailable",
            "ReadError",
            "WriteError",
            "FromStdErr",
            "SecurityError",
            "ProtocolError",
            "ConnectionError",
            "AuthenticationError",
            "LimitsExceeded",
            "QuotaExceeded",
            "NotEnabled",
        )
    )
}

_RUNTIME = f"{AUTOMATION}.RuntimeException"
_SESSION_STATE = f"{AUTOMATION}.SessionStateException"
_INVALID_ARGUMENT = f"{AUTOMATION}.ParameterBindingValidationException"
#: Exception -> the class that it derives from; all others derive from System.SystemException.
_BASES = {
    "System.SystemException": "System.Exception",
    "System.Exception": "System.Object",
    f"{AUTOMATION}.CommandNotFoundException": _RUNTIME,
    f"{AUTOMATION}.ParameterBindingException": _RUNTIME,
    _INVALID_ARGUMENT: f"{AUTOMATION}.ParameterBindingException",
    f"{AUTOMATION}.ItemNotFoundException": _SESSION_STATE,
    f"{AUTOMATION}.DriveNotFoundException": _SESSION_STATE,
    _SESSION_STATE: _RUNTIME,
    f"{AUTOMATION}.ProviderNotFoundException": _SESSION_STATE,
    f"{AUTOMATION}.Host.HostException": _RUNTIME,
    f"{AUTOMATION}.ParseException": _RUNTIME,
    f"{AUTOMATION}.PipelineStoppedException": _RUNTIME,
    f"{AUTOMATION}.PSInvalidCastException": "System.InvalidCastException",
    f"{AUTOMATION}.PSArgumentException": "System.ArgumentException",
    f"{AUTOMATION}.PSInvalidOperationException": "System.InvalidOperationException",
    "System.IO.FileNotFoundException": "System.IO.IOException",
    "System.IO.DirectoryNotFoundException": "System.IO.IOException",
}
#: HResult of what is no general exception.
_RESULTS = {
    "System.InvalidOperationException": -2146233079,
    "System.IO.IOException": -2146232800,
    "System.ArgumentException": -2147024809,
    "System.InvalidCastException": -2147467262,
    "System.IO.FileNotFoundException": -2147024894,
    "System.FormatException": -2146233033,
    "System.UnauthorizedAccessException": -2147024891,
    "System.NotImplementedException": -2147467263,
    "System.NotSupportedException": -2146233067,
}


def lineage(exception: str) -> list[str]:
    """Type names of an exception, itself first."""
    names = [exception]
    while names[-1] != "System.Object":
        names.append(_BASES.get(names[-1], "System.SystemException"))
    return names


def full_error_id(error: CmdletError, info: CmdletInfo | None) -> str:
    """FullyQualifiedErrorId: the id of the error and the command that raised it."""
    return error.error_id if info is None else f"{error.error_id},{info.implementing_type}"


def _exception(error: CmdletError, thrown: bool) -> PSObject:
    types = lineage(error.exception)
    in_engine = _RUNTIME in types or error.exception.startswith(f"{AUTOMATION}.PS")
    where = (
        "Void ThrowTerminatingError(System.Management.Automation.ErrorRecord)"
        if thrown or _SESSION_STATE in types
        else None
    )
    properties: dict[str, t.Any] = {
        **({"ErrorRecord": error.message} if in_engine else {}),
        "Message": error.message,
        **error.details,
    }
    if _SESSION_STATE in types:
        properties.update(ItemName=error.target, SessionStateCategory="Drive")
    if _RUNTIME in types:
        properties["WasThrownFromThrowStatement"] = False
    if error.exception == "System.IO.FileNotFoundException":
        properties.update(FileName=None, FusionLog=None)
    properties.update(
        TargetSite=where,
        Data=Table({}, "System.Collections.ListDictionaryInternal", "System.Object"),
        InnerException=None if error.cause is None else _exception(error.cause, thrown),
        HelpLink=None,
        Source=None if where is None else AUTOMATION,
        HResult=next((_RESULTS[one] for one in types if one in _RESULTS), -2146233087),
        StackTrace=None
        if where is None
        else f"   at {AUTOMATION}.MshCommandRuntime.ThrowTerminatingError(ErrorRecord errorRecord)",
    )
    return PSObject(types, properties, f"{error.exception}: {error.message}")


def error_record(
    error: CmdletError, info: CmdletInfo | None, *, terminating: bool, told_by_engine: bool = False
) -> PSObject:
    """An ErrorRecord.

    ``terminating``: it was thrown. ``told_by_engine``: the engine itself writes the record of an
    error that ended the first of several statements; if the exception was the engine's own, it is
    then only a ParentContainsErrorRecordException.
    """
    exception = error.exception
    if told_by_engine and _RUNTIME in lineage(exception):
        exception = f"{AUTOMATION}.ParentContainsErrorRecordException"
        made = _exception(CmdletError(error.message, exception=exception), thrown=False)
    else:
        made = _exception(error, terminating)
    reason = exception.rpartition(".")[2]
    target = "" if error.target is None else text_of(error.target)
    target_type = (
        "" if error.target is None else (dotnet_type(error.target) or "").rpartition(".")[2]
    )
    activity = "" if info is None else info.name
    invocation = None if info is None else _invocation(info, "Binding" not in error.exception)
    told = {
        "Exception": made,
        "TargetObject": error.target,
        "FullyQualifiedErrorId": full_error_id(error, info),
        "InvocationInfo": invocation,
        "ErrorCategory_Category": CATEGORIES.get(error.category, 0),
        "ErrorCategory_Activity": activity,
        "ErrorCategory_Reason": reason,
        "ErrorCategory_TargetName": target,
        "ErrorCategory_TargetType": target_type,
        "ErrorCategory_Message": f"{error.category}: ({target}:{target_type}) [{activity}], "
        f"{reason}",
        "SerializeExtendedInfo": invocation is not None and (told_by_engine or not terminating),
    }
    if told["SerializeExtendedInfo"] and info is not None and invocation is not None:
        told.update(_extended(info, invocation.properties))
    if not terminating:
        told["PSMessageDetails"] = None
    return PSObject([f"{AUTOMATION}.ErrorRecord", "System.Object"], {}, error.message, notes=told)


def _invocation(info: CmdletInfo, ran: bool) -> PSObject:
    nothing: dict[str, t.Any] = {}
    return PSObject(
        [f"{AUTOMATION}.InvocationInfo", "System.Object"],
        {
            "MyCommand": info.name,
            "BoundParameters": Table(nothing, _DICTIONARY, "System.Object"),
            "UnboundArguments": Collection(
                [], f"System.Collections.Generic.List`1[{OBJECT}]", "System.Object"
            ),
            "ScriptLineNumber": 0,
            "OffsetInLine": 0,
            "HistoryId": Int64(1),
            "ScriptName": "",
            "Line": "",
            "Statement": "",
            "PositionMessage": "",
            "PSScriptRoot": "",
            "PSCommandPath": None,
            "InvocationName": info.name if ran else "",
            "PipelineLength": 0,
            "PipelinePosition": 0,
            "ExpectingInput": False,
            "CommandOrigin": "Internal",
            "DisplayScriptPosition": None,
        },
        f"{AUTOMATION}.InvocationInfo",
    )


def _numbers(*numbers: int) -> Collection:
    return Collection(numbers, "System.Int32[]", "System.Array", "System.Object")


def _iteration(*numbers: int) -> Collection:
    return Collection(
        numbers, f"System.Collections.ObjectModel.ReadOnlyCollection`1[{INTEGER}]", "System.Object"
    )


def _command(info: CmdletInfo) -> dict[str, t.Any]:
    return {
        "SerializeExtent": False,
        "CommandInfo_CommandType": enum(f"{AUTOMATION}.CommandTypes", "Cmdlet", 8),
        "CommandInfo_Definition": definition(info),
        "CommandInfo_Name": info.name,
        "CommandInfo_Visibility": enum(f"{AUTOMATION}.SessionStateEntryVisibility", "Public", 0),
    }


def _origin(name: str, number: int) -> PSObject:
    return enum(f"{AUTOMATION}.CommandOrigin", name, number)


def _extended(info: CmdletInfo, invocation: Mapping[str, t.Any]) -> dict[str, t.Any]:
    iteration = (
        (0, 1) if invocation["InvocationName"] else ()
    )  # a cmdlet that was not bound has not begun
    return {
        "InvocationInfo_BoundParameters": invocation["BoundParameters"],
        "InvocationInfo_CommandOrigin": _origin("Internal", 1),
        "InvocationInfo_ExpectingInput": False,
        "InvocationInfo_InvocationName": invocation["InvocationName"],
        "InvocationInfo_Line": "",
        "InvocationInfo_OffsetInLine": 0,
        "InvocationInfo_HistoryId": Int64(1),
        "InvocationInfo_PipelineIterationInfo": _numbers(),
        "InvocationInfo_PipelineLength": 0,
        "InvocationInfo_PipelinePosition": 0,
        "InvocationInfo_PSScriptRoot": "",
        "InvocationInfo_PSCommandPath": None,
        "InvocationInfo_PositionMessage": "",
        "InvocationInfo_ScriptLineNumber": 0,
        "InvocationInfo_ScriptName": "",
        "InvocationInfo_UnboundArguments": invocation["UnboundArguments"],
        **_command(info),
        "PipelineIterationInfo": _iteration(*iteration),
    }


def informational_record(
    kind: str, message: str, info: CmdletInfo, bound: Mapping[str, t.Any], place: tuple[int, int]
) -> PSObject:
    """A record of the verbose, warning or debug stream (``kind``: Verbose, Warning, Debug), with
    the call that wrote it.

    ``place``: the number of the cmdlet in its pipeline, from 1, and how many there are.
    """
    position, length = place
    parameters = {name: _as_bound(name, value, info.signature) for name, value in bound.items()}
    iteration = (0, *(1 for _each in range(position)))
    told = {
        "InformationalRecord_Message": message,
        "InformationalRecord_SerializeInvocationInfo": True,
        "InvocationInfo_BoundParameters": Table(
            parameters, f"{AUTOMATION}.PSBoundParametersDictionary", _DICTIONARY, "System.Object"
        ),
        "InvocationInfo_CommandOrigin": _origin("Runspace", 0),
        "InvocationInfo_ExpectingInput": position > 1,
        "InvocationInfo_InvocationName": info.name,
        "InvocationInfo_Line": "",
        "InvocationInfo_OffsetInLine": 0,
        "InvocationInfo_HistoryId": Int64(1),
        "InvocationInfo_PipelineIterationInfo": _numbers(*iteration),
        "InvocationInfo_PipelineLength": length,
        "InvocationInfo_PipelinePosition": position,
        "InvocationInfo_PSScriptRoot": "",
        "InvocationInfo_PSCommandPath": None,
        "InvocationInfo_PositionMessage": "",
        "InvocationInfo_ScriptLineNumber": 0,
        "InvocationInfo_ScriptName": "",
        "InvocationInfo_UnboundArguments": Collection(
            [], f"System.Collections.Generic.List`1[{OBJECT}]", "System.Object"
        ),
        **_command(info),
        "InformationalRecord_PipelineIterationInfo": _iteration(*iteration),
    }
    return PSObject(
        [f"{AUTOMATION}.{kind}Record", f"{AUTOMATION}.InformationalRecord", "System.Object"],
        {},
        message,
        notes=told,
    )


def _as_bound(name: str, value: t.Any, signature: Signature) -> t.Any:
    """A parameter's value as the cmdlet's own dictionary of them has it."""
    if name.endswith("Action") and value in ACTIONS:
        return enum(f"{AUTOMATION}.ActionPreference", value, ACTIONS.index(value))
    own = signature.parameters.get(name)
    if isinstance(value, bool) and (own is None or own.type == "switch"):
        return PSObject(
            [f"{AUTOMATION}.SwitchParameter", "System.ValueType", "System.Object"],
            {"IsPresent": value},
            str(value),
        )
    return str(value) if isinstance(value, str) else value


def progress_record(activity: str, status: str, percent: int, completed: bool = False) -> PSObject:
    """What Write-Progress sends."""
    kind = ("Completed", 1) if completed else ("Processing", 0)
    return _bag(
        {
            "Activity": activity,
            "ActivityId": 0,
            "StatusDescription": status,
            "CurrentOperation": None,
            "ParentActivityId": -1,
            "PercentComplete": percent,
            "Type": enum(f"{AUTOMATION}.ProgressRecordType", *kind),
            "SecondsRemaining": -1,
        }
    )


def information_record(
    message: str, source: str, user: str, computer: str, when: dt.datetime
) -> PSObject:
    """What Write-Host becomes (from PowerShell 5)."""
    data = PSObject(
        [f"{AUTOMATION}.HostInformationMessage", "System.Object"],
        {"Message": message, "NoNewLine": False, "ForegroundColor": None, "BackgroundColor": None},
        message,
    )
    tags = Collection(["PSHOST"], f"System.Collections.Generic.List`1[{STRING}]", "System.Object")
    return _bag(
        {
            "MessageData": data,
            "Source": source,
            "TimeGenerated": when,
            "Tags": tags,
            "User": user,
            "Computer": computer,
            "ProcessId": UInt32(4711),
            "NativeThreadId": UInt32(1),
            "ManagedThreadId": UInt32(4),
        }
    )


def state_record(state: int, failure: PSObject | None = None) -> PSObject:
    """The end of a pipeline: 3 stopped, 4 completed, 5 failed, with what it failed of."""
    return _bag(
        {"PipelineState": state, **({} if failure is None else {"ExceptionAsErrorRecord": failure})}
    )


def _bag(notes: dict[str, t.Any]) -> PSObject:
    """A message of PSRP: note properties and no type."""
    return PSObject([], notes=notes)


# --- what Get-Command tells
