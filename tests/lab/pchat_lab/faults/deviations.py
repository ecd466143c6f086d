"""Objects that differ from their documentation, so that a client that trusts it can be seen to notice."""
from __future__ import annotations

import dataclasses
import typing as t

from ..powershell.objects import PSObject


def renamed(value: t.Any, name: str, becomes: str | None) -> t.Any:
    """The object with one property under another name, or without it; anything else as it is."""
    if not isinstance(value, PSObject) or name.lower() not in (key.lower() for key in value.properties):
        return value
    properties = {becomes if key.lower() == name.lower() else key: old for key, old in value.properties.items()}
    return dataclasses.replace(value, properties={key: old for key, old in properties.items() if key is not None})
