"""Objects that differ from their documentation, so that a client that trusts it can be seen to
notice.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ..powershell.objects import PSObject


def renamed(value: t.Any, name: str, becomes: str | None) -> t.Any:
    """The object with one property under another name, or without it; anything else as it is."""
    if not isinstance(value, PSObject):
        return value
    return dataclasses.replace(
        value,
        properties=_renamed(value.properties, name, becomes),
        notes=_renamed(value.notes, name, becomes),
    )


def _renamed(members: dict[str, t.Any], name: str, becomes: str | None) -> dict[str, t.Any]:
    found = {}
    for key, value in members.items():
        told = becomes if key.lower() == name.lower() else key
        if told is not None:
            found[told] = value
    return found
