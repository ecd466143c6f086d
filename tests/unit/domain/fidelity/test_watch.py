"""The watching session tells what was asked, what was there, and what failed."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity.watch import (
    Watch,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    CmdletFailed,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Cmdlet

GOOD, BAD = Cmdlet("Get-Good"), Cmdlet("Get-Bad")


class Host:
    def read(self, *calls):
        if BAD in calls:
            raise CmdletFailed("Get-Bad failed: no such thing")
        return [[{"Name": "a", "Size": 1}, {"Name": "b"}] for _call in calls]


def test_properties_that_were_looked_at_are_told_with_whether_any_object_had_them():
    watch = Watch(Host())
    rows = watch.read(GOOD)[0]
    assert [(row["Name"], row.get("Size"), row["Colour"]) for row in rows] == [
        ("a", 1, None),
        ("b", None, None),
    ]
    assert watch.seen() == [
        {
            "call": "Get-Good",
            "cmdlet": "Get-Good",
            "records": 2,
            "properties": {"Name": True, "Size": True, "Colour": False},
            "error": None,
        }
    ]


def test_one_failing_call_does_not_hide_what_the_others_answer():
    watch = Watch(Host())
    good, bad = watch.read(GOOD, BAD)
    assert (len(good), bad) == (2, [])
    assert {entry["cmdlet"]: entry["error"] for entry in watch.seen()} == {
        "Get-Good": None,
        "Get-Bad": "Get-Bad failed: no such thing",
    }


def test_it_never_writes():
    with pytest.raises(AssertionError, match="would write"):
        Watch(Host()).run(GOOD)
