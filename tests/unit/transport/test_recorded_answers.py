"""Every message that a real PowerShell engine sent, through pypsrp's reader and ours."""

from __future__ import annotations

import json
import pathlib

import pytest
from pypsrp.messages import ErrorRecordMessage, PipelineState
from pypsrp.serializer import ObjectMeta

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Cmdlet
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import (
    clixml,
    failures,
    psrp,
)

ANSWERS = pathlib.Path(__file__).parents[4] / "shared" / "reference" / "engine" / "answers.json"
pytestmark = pytest.mark.skipif(not ANSWERS.exists(), reason="the recorded answers are not here")


def cases():
    return json.loads(ANSWERS.read_text(encoding="utf-8")) if ANSWERS.exists() else []


def outputs(name):
    case = next(case for case in cases() if case["name"] == name)
    messages = [message for message in case["messages"] if isinstance(message, dict)]
    return [clixml.record(m.get("xml") or "") for m in messages if m["kind"] == "PIPELINE_OUTPUT"]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_every_output_can_be_read(case):
    messages = [message for message in case["messages"] if isinstance(message, dict)]
    for message in messages:
        if message["kind"] == "PIPELINE_OUTPUT":
            assert clixml.record(message.get("xml") or "").keys()


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_every_record_and_state_can_be_read(case):
    """Through the serializer that our pipelines use: error records with their id, the final
    state.
    """
    reader = psrp._RawOutput()
    shapes = {"ERROR_RECORD": ErrorRecordMessage, "PIPELINE_STATE": PipelineState}
    for message in case["messages"]:
        if isinstance(message, dict) and message["kind"] in shapes:
            read = reader.deserialize(
                message["xml"], ObjectMeta("Obj", object=shapes[message["kind"]])
            )
            if message["kind"] == "ERROR_RECORD":
                assert failures.of_records(Cmdlet("Get-X"), [failures.problem_of(read)]).details[
                    "error_id"
                ]
            elif read.state == 5:
                assert failures.problem_of(read.error_record).error_id


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("value_null", [None]),
        ("value_empty", [""]),
        ("value_list", ["a", 1, None]),
        ("value_decimal", [33000000027200001]),
        ("value_double", [1.5]),
        ("value_version", ["15.0.4745.0"]),
    ],
)
def test_bare_values_are_what_they_are(name, expected):
    assert [record["value"] for record in outputs(name)] == expected


def test_a_dictionary_is_one():
    assert outputs("value_dict") == [{"a": 1, "b": ["x"]}]


def test_a_row_of_all_types():
    assert outputs("rows_all_types") == [
        {
            "b": 1,
            "i": 2,
            "s": 3,
            "t": 4,
            "f": True,
            "n": "é",
            "g": "5f0c6e5e-8b7a-4a83-9a59-2f6b7f0a1c2d",
            "d": "2015-06-01T08:00:16",
            "l": 33000000027200001,
            "v": "0x00FF",
            "z": None,
        }
    ]


def test_lines_of_a_file_are_texts():
    assert all(
        isinstance(record["value"], str) for record in outputs("file_lines") + outputs("file_raw")
    )
