"""What pypsrp writes of a pipeline, kept for the next one of the same shape. FOR INTERNAL
COLLECTION USE ONLY.

It makes an XML element of each of a hundred fields of a command, twice, which is a third of the
processor time that a request costs. Two pipelines with the same commands and parameters differ in
their texts only; so pypsrp writes a shape once, with a token in the place of each text, and from
then on the texts are put in where the tokens stood. The XML stays pypsrp's own. No text is kept:
some are secret.
"""

from __future__ import annotations

import functools
import re
import secrets
import typing as t
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from xml.sax.saxutils import escape

#: Shapes that are kept; a run has a few dozen.
MOST = 512
#: What pypsrp writes for texts that are given in their order: the message as XML.
Write = Callable[[Sequence[str]], bytes]
#: A value whose texts are numbered, and what else is written differently.
Shape = tuple[t.Hashable, ...]


class TooUnusual(Exception):
    """A value of which nothing is known here: pypsrp writes the pipeline as it does all others."""


class Skeleton:
    """The XML of a shape, cut where its texts stand."""

    def __init__(self, texts: int, write: Write) -> None:
        nonce = secrets.token_hex(8)
        tokens = [f"pchat-{nonce}-{number}-" for number in range(texts)]
        parts = re.split(rf"pchat-{nonce}-(\d+)-", write(tokens).decode("utf-8"))
        self._literals = parts[::2]
        self._numbers = [int(number) for number in parts[1::2]]

    def filled(self, texts: Sequence[str]) -> bytes:
        """``texts``: in their order, with control characters written as CLIXML has them."""
        shown = [escape(text) for text in texts]
        pieces = [self._literals[0]]
        for number, literal in zip(self._numbers, self._literals[1:], strict=True):
            pieces += (shown[number], literal)
        return "".join(pieces).encode("utf-8", "xmlcharrefreplace")


class Skeletons:
    """By shape."""

    def __init__(self) -> None:
        self._known: dict[Shape, Skeleton] = {}

    def written(self, shape: Shape, texts: Sequence[str], write: Write) -> bytes:
        """The message with these texts; ``write`` is asked for each shape once."""
        skeleton = self._known.get(shape)
        if skeleton is None:
            skeleton = Skeleton(len(texts), write)
            if len(self._known) < MOST:
                self._known[shape] = skeleton
        return skeleton.filled(texts)


def shape_of(value: t.Any, texts: list[str]) -> t.Hashable:
    """What of a parameter decides how it is written; its texts are added to ``texts``.

    Raises TooUnusual for anything but texts, numbers, truth values, nothing, and lists of those.
    """
    if type(value) is str and value:  # an empty one is written as an element without text
        texts.append(value)
        return "text"
    if value is None or type(value) in (bool, int, float, str):
        return (type(value).__name__, value)
    if type(value) is list:
        return ("list", *(shape_of(item, texts) for item in value))
    if hasattr(value, "tag") and type(value.value) in (int, float):
        return ("tagged", value.tag, type(value.value).__name__, value.value)
    raise TooUnusual(type(value).__name__)


def with_texts(value: t.Any, texts: Iterator[str]) -> t.Any:
    """The same value with other texts, in their order."""
    if type(value) is str and value:
        return next(texts)
    if type(value) is list:
        return [with_texts(item, texts) for item in value]
    return value


def facts_of(thing: t.Any, known: Sequence[str]) -> Shape:
    """The fields of an object of pypsrp that are plain, or hold a plain ``value``.

    ``known``: fields that are told otherwise.

    Raises TooUnusual for a field of any other kind.
    """
    fields = vars(thing).items()
    return tuple((name, _plain(value)) for name, value in fields if name not in known)


def _plain(value: t.Any) -> t.Hashable:
    held = getattr(value, "value", value)
    if held is None or isinstance(held, (bool, int, str)):
        return (type(value).__name__, held)
    raise TooUnusual(type(value).__name__)


@functools.cache
def shared() -> Skeletons:
    """Those of this process."""
    return Skeletons()


def as_bytes(element: ET.Element) -> bytes:
    """As pypsrp turns an element into the text of a message."""
    return t.cast("bytes", ET.tostring(element, encoding="utf-8", method="xml"))
