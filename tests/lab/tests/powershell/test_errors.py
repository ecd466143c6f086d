"""Ids, categories, exceptions and targets of errors, and the records of the other streams, as
PowerShell has them.
"""

from __future__ import annotations

import re
import typing as t

import pytest

from pchat_lab.powershell.records import lineage
from support.lab_powershell import Command, Engine

GET_ITEM = "Microsoft.PowerShell.Commands.GetItemCommand"
BINDING = "System.Management.Automation.ParameterBindingException"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine("fe-n1")


def told(engine: Engine, command: Command) -> tuple[str, int, str, str]:
    """Id, number of the category, first type of the exception, and target of one error."""
    record = (
        engine.messages(command)[-1].xml
        if '<I32 N="PipelineState">5' in engine.messages(command)[-1].xml
        else engine.messages(command)[0].xml
    )
    target = re.search(r'<(?:Nil|S) N="TargetObject"(?: />|>([^<]*)<)', record)
    assert target is not None
    return (
        _found(r'N="FullyQualifiedErrorId">([^<]*)', record),
        int(_found(r'N="ErrorCategory_Category">(\d+)', record)),
        _found(r'N="Exception" RefId="\d+"><TN RefId="\d+"><T>([^<]*)', record),
        target[1] or "",
    )


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, (pattern, text)
    return match[1]


STATE = {"Identity": "PersistentChatServer:chat.contoso.example"}


@pytest.mark.parametrize(
    ("command", "error_id", "category", "exception", "target"),
    [
        (
            ("Get-Nothing", {}),
            "CommandNotFoundException",
            13,
            "System.Management.Automation.CommandNotFoundException",
            "Get-Nothing",
        ),
        (("Get-Item", {"Nonsense": 1}), f"NamedParameterNotFound,{GET_ITEM}", 5, BINDING, ""),
        (
            ("Get-Item", {"Path": "C:\\", "LiteralPath": "C:\\"}),
            f"AmbiguousParameterSet,{GET_ITEM}",
            5,
            BINDING,
            "",
        ),
        (("Get-Item", {}), f"MissingMandatoryParameter,{GET_ITEM}", 5, BINDING, ""),
        (
            ("Get-Item", [(None, "C:\\"), (None, "D:\\")]),
            f"PositionalParameterNotFound,{GET_ITEM}",
            5,
            BINDING,
            "",
        ),
        (
            ("Get-Item", [("Path", "C:\\"), ("pa", "D:\\")]),
            f"ParameterAlreadyBound,{GET_ITEM}",
            5,
            BINDING,
            "",
        ),
        (
            ("Get-Item", {"Path": "C:\\", "Force": "yes"}),
            f"CannotConvertArgument,{GET_ITEM}",
            5,
            BINDING,
            "",
        ),
        (
            ("Test-Path", {"Path": "C:\\", "PathType": ["Leaf", "Any"]}),
            "CannotConvertArgument,Microsoft.PowerShell.Commands.TestPathCommand",
            5,
            BINDING,
            "",
        ),
        (
            ("Test-Path", {"Path": "C:\\", "PathType": "Sideways"}),
            "CannotConvertArgumentNoMessage,Microsoft.PowerShell.Commands.TestPathCommand",
            5,
            BINDING,
            "",
        ),
        (
            ("Get-Content", {"Path": "C:\\a", "Tail": "many"}),
            "CannotConvertArgumentNoMessage,Microsoft.PowerShell.Commands.GetContentCommand",
            5,
            BINDING,
            "",
        ),
        (
            ("Set-CsPersistentChatActiveServer", {**STATE, "ActiveServers": {"Sideways": ["a"]}}),
            "CannotConvertArgumentNoMessage,"
            "Microsoft.Rtc.Management.SetCsPersistentChatActiveServerCmdlet",
            5,
            BINDING,
            "",
        ),
        (
            ("Get-Item", {"LiteralPath": None}),
            f"ParameterArgumentValidationErrorNullNotAllowed,{GET_ITEM}",
            6,
            "System.Management.Automation.ParameterBindingValidationException",
            "",
        ),
        (
            ("Get-Item", {"LiteralPath": ""}),
            f"ParameterArgumentValidationErrorEmptyStringNotAllowed,{GET_ITEM}",
            6,
            "System.Management.Automation.ParameterBindingValidationException",
            "",
        ),
        (
            ("Get-Item", {"LiteralPath": []}),
            f"ParameterArgumentValidationErrorEmptyArrayNotAllowed,{GET_ITEM}",
            6,
            "System.Management.Automation.ParameterBindingValidationException",
            "",
        ),
        (
            ("Get-Item", {"LiteralPath": ["C:\\", None]}),
            f"ParameterArgumentValidationErrorNullNotAllowed,{GET_ITEM}",
            6,
            "System.Management.Automation.ParameterBindingValidationException",
            "",
        ),
        (
            ("Get-Item", {"LiteralPath": "C:\\nothing"}),
            f"PathNotFound,{GET_ITEM}",
            13,
            "System.Management.Automation.ItemNotFoundException",
            "C:\\nothing",
        ),
        (
            ("Get-Item", {"LiteralPath": "Q:\\nothing"}),
            f"DriveNotFound,{GET_ITEM}",
            13,
            "System.Management.Automation.DriveNotFoundException",
            "Q",
        ),
        (
            ("Set-CsPersistentChatState", {**STATE, "PoolState": "Normal", "Confirm": True}),
            "HostFunctionNotImplemented,Microsoft.Rtc.Management.SetCsPersistentChatStateCmdlet",
            11,
            "System.Management.Automation.Host.HostException",
            "",
        ),
        (
            ("Get-Command", {"Name": "Get-Nothing"}),
            "CommandNotFoundException,Microsoft.PowerShell.Commands.GetCommandCommand",
            13,
            "System.Management.Automation.CommandNotFoundException",
            "Get-Nothing",
        ),
        (
            ("Import-Module", {"Name": "Nothing"}),
            "Modules_ModuleNotFound,Microsoft.PowerShell.Commands.ImportModuleCommand",
            21,
            "System.IO.FileNotFoundException",
            "Nothing",
        ),
    ],
)
def test_an_error_is_told_as_powershell_tells_it(
    engine: Engine, command: Command, error_id: str, category: int, exception: str, target: str
) -> None:
    assert told(engine, command) == (error_id, category, exception, target)


@pytest.mark.parametrize("value", ["failedover", "FAILEDOVER", 1, "1", "Fail"])
def test_a_member_of_an_enum_binds_in_any_case_by_its_number_and_by_its_beginning(
    engine: Engine, value: t.Any
) -> None:
    engine.messages(("Set-CsPersistentChatState", {**STATE, "PoolState": value, "WhatIf": True}))
    assert engine.world.journal.entries[-1].outcome == "ok"


@pytest.mark.parametrize(
    "value",
    [["a", "b"], "a", 5, None, [], {"Add": ["a"]}, {"remove": "a"}, {"Replace": ["a", "b"]}],
)
def test_a_list_modifier_takes_a_list_one_value_nothing_and_what_to_change(
    engine: Engine, value: t.Any
) -> None:
    engine.messages(
        ("Set-CsPersistentChatActiveServer", {**STATE, "ActiveServers": value, "WhatIf": True})
    )
    assert engine.world.journal.entries[-1].outcome == "ok"


def test_null_or_nothing_for_a_mandatory_parameter_is_no_fault_of_the_lab(engine: Engine) -> None:
    for value in (None, ""):
        engine.messages(("Get-CsDatabaseMirrorState", {"PoolFqdn": value}))
        assert not engine.world.journal.entries[-1].impossible


def test_the_category_is_told_in_one_line(engine: Engine) -> None:
    record = engine.messages(("Get-Item", {"Nonsense": 1}))[0].xml
    assert (
        '<S N="ErrorCategory_Message">InvalidArgument: (:) [Get-Item], '
        "ParameterBindingException</S>" in record
    )
    record = engine.messages(("Get-Item", {"LiteralPath": "C:\\nothing"}))[0].xml
    assert (
        '<S N="ErrorCategory_Message">ObjectNotFound: (C:\\nothing:String) [Get-Item], '
        "ItemNotFoundException</S>" in record
    )


@pytest.mark.parametrize(
    ("command", "kind", "text"),
    [
        (
            ("Get-Item", {"LiteralPath": "C:\\nothing"}),
            "ERROR_RECORD",
            "Cannot find path 'C:\\nothing' because it does not exist.",
        ),
        (("Write-Warning", {"Message": "told"}), "WARNING_RECORD", "told"),
        (("Write-Verbose", {"Message": "told", "Verbose": True}), "VERBOSE_RECORD", "told"),
    ],
)
def test_a_record_has_a_text_and_the_call_that_it_came_out_of(
    engine: Engine, command: Command, kind: str, text: str
) -> None:
    record = engine.messages(command)[0]
    assert record.kind == kind
    assert f"<ToString>{text}</ToString><MS>" in record.xml
    assert f'<S N="InvocationInfo_InvocationName">{command[0]}</S>' in record.xml
    assert len(set(re.findall(r'N="((?:Invocation|Command)Info_\w+)"', record.xml))) == 20


def test_the_record_of_a_final_state_says_nothing_more_than_the_error(engine: Engine) -> None:
    record = engine.messages(("Get-Item", {"LiteralPath": "C:\\nothing", "ErrorAction": "Stop"}))[0]
    assert '<B N="SerializeExtendedInfo">false</B></MS></Obj></MS></Obj>' in record.xml


def test_an_exception_says_what_it_is_up_to_object() -> None:
    assert lineage("System.Management.Automation.ItemNotFoundException") == [
        "System.Management.Automation.ItemNotFoundException",
        "System.Management.Automation.SessionStateException",
        "System.Management.Automation.RuntimeException",
        "System.SystemException",
        "System.Exception",
        "System.Object",
    ]


def test_get_command_tells_names_module_and_parameters_as_a_dictionary_of_texts(
    engine: Engine,
) -> None:
    told_ = engine.messages(("Get-Command", {"Name": "test-path"}))[0].xml
    assert '<S N="Name">Test-Path</S>' in told_
    assert '<S N="ModuleName">Microsoft.PowerShell.Management</S>' in told_
    assert (
        '<En><S N="Key">LiteralPath</S><S '
        'N="Value">System.Management.Automation.ParameterMetadata</S></En>' in told_
    )
    assert '<En><S N="Key">ErrorAction</S>' in told_
    assert (
        "<S>[-Path] &lt;string[]&gt; [-PathType &lt;string&gt;] [-IsValid] "
        "[&lt;CommonParameters&gt;]</S>" in told_
    )


def test_get_command_takes_patterns(engine: Engine) -> None:
    names = [
        _found(r'<S N="Name">([^<]*)', m.xml)
        for m in engine.messages(("Get-Command", {"Name": "Get-CsP*"}))
        if m.kind == "PIPELINE_OUTPUT"
    ]
    assert names == sorted(names)
    assert "Get-CsPool" in names
    assert engine.messages(("Get-Command", {"Name": "Get-Nothing*"}))[0].kind == "PIPELINE_STATE"
