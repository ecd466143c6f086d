"""What a failed statement does to the others of its pipeline: what the client is told, and what
runs.
"""

from __future__ import annotations

import re
import typing as t

import pytest

from support.lab_powershell import Command, Engine, Message

UNKNOWN: tuple[str, dict[str, str]] = ("Get-Nothing", {})
UNBOUND = ("Get-Item", {"Nonsense": "x"})
THROWN = ("Read-Host", {"Prompt": "p"})
WRITTEN = ("Get-Item", {"LiteralPath": "C:\\nothing"})
WRITTEN_STOP = ("Get-Item", {"LiteralPath": "C:\\nothing", "ErrorAction": "Stop"})
WRITTEN_SILENT = ("Get-Item", {"LiteralPath": "C:\\nothing", "ErrorAction": "SilentlyContinue"})
TERMINATING = [
    UNKNOWN,
    UNBOUND,
    THROWN,
    ("Get-Nothing", {"ErrorAction": "Stop"}),
    ("Get-Item", {"Nonsense": "x", "ErrorAction": "SilentlyContinue"}),
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def says(number: int) -> Command:
    return "Write-Output", {"InputObject": f"out{number}"}


def makes(number: int) -> Command:
    return "New-Item", {"Path": f"C:\\marks\\{number}", "ItemType": "File", "Force": True}


def acted(engine: Engine) -> list[int]:
    """The numbers of the steps that left a file behind; the files are gone then."""
    found = sorted(path for path in engine.machine.files if path.startswith("c:\\marks\\"))
    for path in found:
        del engine.machine.files[path]
    return [int(path.rpartition("\\")[2]) for path in found]


def told(messages: list[Message]) -> list[str]:
    """Texts and states in order; "error" for an error record, "item" for anything else."""
    shown = []
    for message in messages:
        text = re.fullmatch(r"<S>(.*)</S>", message.xml)
        state = re.search(r'N="PipelineState">(\d)', message.xml)
        if message.kind == "ERROR_RECORD":
            shown.append("error")
        else:
            shown.append(text[1] if text else state[1] if state else "item")
    return shown


def story(bad: Command, place: int) -> list[Command]:
    """Four steps, each an output and a file, one of which is the bad statement."""
    steps: list[Command] = []
    for number in range(1, 5):
        steps += [bad] if number == place else [says(number), makes(number)]
    return steps


@pytest.fixture(autouse=True)
def folder(engine: Engine) -> None:
    engine.machine.folders.add("c:\\marks")
    acted(engine)


@pytest.mark.parametrize("bad", TERMINATING)
def test_a_terminating_error_of_the_first_statement_is_written_and_the_second_ends_the_pipeline(
    engine: Engine, bad: Command
) -> None:
    assert told(engine.messages(*story(bad, 1))) == ["error", "out2", "4"]
    assert acted(engine) == [2, 3, 4]


@pytest.mark.parametrize("bad", TERMINATING)
@pytest.mark.parametrize("place", [2, 4])
def test_one_of_a_later_statement_fails_the_pipeline_and_the_others_run_unseen(
    engine: Engine, bad: Command, place: int
) -> None:
    before = [part for number in range(1, place) for part in (f"out{number}", "item")]
    assert told(engine.messages(*story(bad, place))) == [*before, "5"]
    assert acted(engine) == [number for number in range(1, 5) if number != place]


@pytest.mark.parametrize("place", [1, 2, 4])
def test_a_non_terminating_error_ends_nothing(engine: Engine, place: int) -> None:
    shown = [
        part
        for number in range(1, 5)
        for part in (["error"] if number == place else [f"out{number}", "item"])
    ]
    assert told(engine.messages(*story(WRITTEN, place))) == [*shown, "4"]
    assert told(engine.messages(*story(WRITTEN_SILENT, place))) == [
        *(part for part in shown if part != "error"),
        "4",
    ]


@pytest.mark.parametrize("place", [1, 2, 4])
def test_a_non_terminating_error_under_stop_ends_everything(engine: Engine, place: int) -> None:
    before = [part for number in range(1, place) for part in (f"out{number}", "item")]
    assert told(engine.messages(*story(WRITTEN_STOP, place))) == [*before, "5"]
    assert acted(engine) == list(range(1, place))


@pytest.mark.parametrize("bad", [*TERMINATING, WRITTEN_STOP])
def test_a_single_statement_fails_the_pipeline(engine: Engine, bad: Command) -> None:
    assert told(engine.messages(bad)) == ["5"]


def test_if_the_second_statement_fails_too_the_pipeline_has_failed(engine: Engine) -> None:
    assert told(engine.messages(UNKNOWN, UNBOUND, says(3), makes(3))) == ["error", "5"]
    assert acted(engine) == [3]


def test_what_runs_unseen_is_in_the_journal(engine: Engine) -> None:
    before = len(engine.world.journal.entries)
    engine.messages(says(1), UNBOUND, makes(3))
    assert [(e.name, e.outcome, e.write) for e in engine.world.journal.entries[before:]] == [
        ("Write-Output", "ok", False),
        ("Get-Item", "error", False),
        ("New-Item", "ok", True),
    ]


def test_the_record_that_the_engine_writes_of_its_own_exception_names_another_one(
    engine: Engine,
) -> None:
    record = engine.messages(UNKNOWN, says(2))[0].xml
    assert "<T>System.Management.Automation.ParentContainsErrorRecordException</T>" in record
    assert '<S N="FullyQualifiedErrorId">CommandNotFoundException</S>' in record
    assert '<S N="ErrorCategory_Reason">ParentContainsErrorRecordException</S>' in record


def test_outputs_stand_before_the_error_that_came_after_them(engine: Engine) -> None:
    engine.messages(makes(1))
    shown = told(
        engine.messages(("Get-Item", {"LiteralPath": ["C:\\marks\\1", "C:\\nothing", "C:\\marks"]}))
    )
    assert shown == ["item", "error", "item", "4"]


def test_every_body_begins_with_a_byte_order_mark_and_null_has_none(engine: Engine) -> None:
    messages = engine.messages(("Write-Output", {"InputObject": ["a", None]}), WRITTEN)
    assert [(m.kind, m.marked, bool(m.xml)) for m in messages] == [
        ("PIPELINE_OUTPUT", True, True),
        ("PIPELINE_OUTPUT", False, False),
        ("ERROR_RECORD", True, True),
        ("PIPELINE_STATE", True, True),
    ]


def test_bytes_and_lists_are_unrolled_one_level(engine: Engine) -> None:
    values: t.Any = [b"\x00\xff", ["a", ["b"]]]
    shown = [
        [m.xml for m in engine.messages(("Write-Output", {"InputObject": value}))][:-1]
        for value in values
    ]
    assert shown[0] == ["<By>0</By>", "<By>255</By>"]
    assert (shown[1][0], "<LST><S>b</S></LST>" in shown[1][1]) == ("<S>a</S>", True)


def test_a_client_that_closes_the_pipeline_at_once_keeps_the_rest_from_running(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.world.faults, "latency", lambda machine: 0.05)
    assert told(engine.messages(says(1), UNBOUND, makes(3), makes(4), stop_at_state=True)) == [
        "out1",
        "5",
    ]
    assert acted(engine) == []
