"""Something that deserves a look. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

#: critical: clients are without service, or a message may be lost at the next fault. warning: a
#: protection is missing. note: worth knowing.
ORDER = ("critical", "warning", "note")


class Finding(t.NamedTuple):
    """``urgency``: one of ``ORDER``. ``code``: its kind, for machines. ``text``: for people."""

    urgency: str
    code: str
    text: str
