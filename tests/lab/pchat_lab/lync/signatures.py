"""Parameter sets of the Cs cmdlets as their reference pages document them (Skype for Business
cmdlet reference).
"""

from __future__ import annotations

import json
import pathlib
import typing as t
from collections.abc import Sequence

from ..powershell.registry import Parameter, ParameterSet, Signature

_DATA: dict[str, dict[str, t.Any]] = json.loads(
    pathlib.Path(__file__).with_name("cmdlets_data.json").read_text(encoding="utf-8")
)
#: Cmdlets that ask before they act (the mirroring guide shows the prompt of
#: Install-CsMirrorDatabase; assumed for its siblings).
_CONFIRM = {
    "Install-CsMirrorDatabase",
    "Uninstall-CsMirrorDatabase",
    "Invoke-CsDatabaseFailover",
    "Invoke-CsManagementServerFailover",
}


def documented(name: str) -> Signature:
    """KeyError for a cmdlet that has no entry in cmdlets_data.json."""
    entry = _DATA[name]
    parameters = {title: _parameter(title, *spec) for title, spec in entry["parameters"].items()}
    sets = tuple(
        ParameterSet(label, frozenset(members), frozenset(entry["required"].get(label, ())))
        for label, members in entry["sets"].items()
    )
    return Signature(parameters, sets, bool(entry["should_process"]), name in _CONFIRM)


def _parameter(
    name: str, kind: str, values: Sequence[str] = (), place: int | None = None
) -> Parameter:
    """An entry of the data: a type, perhaps the values that it may have, perhaps its position."""
    return Parameter(name, kind, position=place, values=tuple(values))
