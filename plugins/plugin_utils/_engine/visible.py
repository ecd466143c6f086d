"""Text that hosts or other people wrote, as a person may be shown it.

FOR INTERNAL COLLECTION USE ONLY.

The operator of an intent, the name of a job, the message of a server: who writes them chooses what
a terminal or a page does with them, unless what cannot be seen is made visible. Values in results
and files stay as they are; what is printed goes through here.
"""

from __future__ import annotations

import typing as t
import unicodedata

#: Categories of characters that act and do not show: controls (escape, line breaks), formats
#: (direction marks, zero width), line and paragraph separators, and halves of surrogate pairs,
#: which no UTF-8 terminal takes.
_ACTING = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))


def visible(text: str) -> str:
    """One line in which every character is seen: ``\\x1b`` for an escape, ``\\n`` for a line break,
    ``\\u202e`` for a direction mark.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def visible_lines(text: str) -> str:
    """The same for a text whose line breaks are ours."""
    return "\n".join(visible(line) for line in text.split("\n"))


def all_visible(value: t.Any) -> t.Any:
    """A plain value in which every text is visible, keys included: for what only people read."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {all_visible(key): all_visible(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [all_visible(item) for item in value]
    return value


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _ACTING:
        return character
    return character.encode("unicode_escape").decode("ascii")
