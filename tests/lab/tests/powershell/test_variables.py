"""What -OutVariable keeps stays in the runspace, and ends with it."""

from __future__ import annotations

import re

from support.lab_powershell import Engine


def value_of(engine: Engine, name: str) -> list[str]:
    """The texts that the variable holds; [] when there is none."""
    asked = ("Get-Variable", {"Name": name, "ValueOnly": True, "ErrorAction": "SilentlyContinue"})
    return re.findall(r"<S>([^<]*)</S>", engine.messages(asked)[0].xml)


def test_what_was_kept_is_there_for_the_next_pipeline() -> None:
    engine = Engine("fe-n1", one_runspace=True)
    engine.messages(("Write-Output", {"InputObject": "a", "OutVariable": "pchat"}))
    assert value_of(engine, "PCHAT") == ["a"]
    engine.messages(("Write-Output", {"InputObject": "b", "OutVariable": "+pchat"}))
    assert value_of(engine, "pchat") == ["a", "b"]
    engine.messages(("Write-Output", {"InputObject": "c", "OutVariable": "pchat"}))
    assert value_of(engine, "pchat") == ["c"]


def test_another_runspace_knows_nothing_of_it() -> None:
    Engine("fe-n1").messages(("Write-Output", {"InputObject": "a", "OutVariable": "pchat"}))
    assert value_of(Engine("fe-n1"), "pchat") == []


def test_a_statement_behind_a_failed_one_leaves_its_trace() -> None:
    engine = Engine("fe-n1", one_runspace=True)
    kept = ("Write-Output", {"InputObject": "a", "OutVariable": "pchat"})
    engine.messages(("Write-Output", {"InputObject": "x"}), ("Get-Nothing", {}), kept)
    assert value_of(engine, "pchat") == ["a"]
    engine.messages(
        ("Write-Output", {"InputObject": "x"}),
        ("Get-Command", {"Name": "Get-Nothing", "ErrorAction": "Stop"}),
        ("Write-Output", {"InputObject": "b", "OutVariable": "pchat2"}),
    )
    assert value_of(engine, "pchat2") == []
