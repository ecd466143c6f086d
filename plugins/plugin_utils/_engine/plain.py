"""Whatever Ansible hands over, as the plain value that it stands for.

FOR INTERNAL COLLECTION USE ONLY.

Ansible marks what it does not trust or wants to trace: ``AnsibleUnsafeText`` (up to ansible-core
2.18), tagged texts and numbers, lazy lists and dicts (from 2.19). They look like str, int, dict and
list, and a YAML writer, pypsrp and ``type(x) is str`` do not take them for that.
"""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Mapping, Set

PLAIN = (str, bool, int, float, type(None))


def plain(value: t.Any) -> t.Any:
    """The same value of exactly these types: str, bool, int, float, None, list, dict.

    A subclass may override how it converts itself (``str(unsafe)`` is as unsafe as before), so the
    base types convert. Times become ISO 8601, sets sorted lists, bytes UTF-8 text; any other object
    the text that it prints as.
    """
    if type(value) in PLAIN:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, bytes):
        return plain(bytes.decode(value, "utf-8", "replace"))
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Set):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, (dt.date, dt.time)):
        return plain(value.isoformat())
    return plain(str(value))
