"""The lab's tables of cmdlets and procedures against the documented ones, where that data is at
hand; a fresh clone has none.
"""

from __future__ import annotations

import json
import pathlib

import pytest

from pchat_lab.lync import signatures
from pchat_lab.sqlserver.agent.documented import PARAMETERS

REFERENCE = pathlib.Path(__file__).resolve().parents[5] / "shared" / "reference"
COMMON = {
    "WhatIf",
    "Confirm",
    "Verbose",
    "Debug",
    "ErrorAction",
    "WarningAction",
    "ErrorVariable",
    "WarningVariable",
    "OutVariable",
    "OutBuffer",
}


def reference(name):
    file = REFERENCE / name
    if not file.exists():
        pytest.skip("the reference data is not here")
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("cmdlet", sorted(signatures._DATA))
def test_cmdlets(cmdlet):
    documented = reference("cmdlets.json")[cmdlet]
    ours = signatures.documented(cmdlet)
    assert {s.name: set(s.members) for s in ours.sets} == {
        n: set(m) - COMMON for n, m in documented["parameter_sets"].items()
    }
    assert {s.name: set(s.required) for s in ours.sets} == {
        n: set(documented["required_by_set"].get(n, ())) - COMMON
        for n in documented["parameter_sets"]
    }
    for name, parameter in ours.parameters.items():
        assert (parameter.type == "switch") == (
            documented["parameters"][name]["type"] == "SwitchParameter"
        ), name
        assert set(parameter.values) == set(documented["parameters"][name].get("values") or ()), (
            name
        )


@pytest.mark.parametrize("procedure", sorted(PARAMETERS))
def test_procedures(procedure):
    documented = reference("procs.json")[procedure]
    ours = [
        word.strip().split()[0]
        for word in PARAMETERS[procedure]["parameters"].split(",")
        if word.strip()
    ]
    assert ours == [p["name"] for p in documented["params"]]
    assert PARAMETERS[procedure]["database"] == documented["database"]
