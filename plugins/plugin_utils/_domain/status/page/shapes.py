"""What a drawing is made of: boxes, lines of text and links, as numbers. FOR INTERNAL COLLECTION
USE ONLY.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Sequence

from .measures import width
from .reading import Shown

#: Type size and weight of each kind of text, as drawing.css.j2 sets it.
SIZES = {
    "plain": (13.0, False),
    "title": (16.0, True),
    "name": (13.0, True),
    "quiet": (12.0, False),
    "word": (12.0, True),
}


#: The part of a text that stands to the left of where it is anchored.
_LEFT_OF = {"start": 0.0, "middle": 0.5, "end": 1.0}
#: What a line of rows takes.
_LINE = 18.0

Point = tuple[float, float]
#: (x, y, state): the centre of a mark that says a state by its shape.
Icon = tuple[float, float, str]


class Frame(t.NamedTuple):
    """Where a box is: its upper left corner, its width and height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """Where it ends to the right."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """Where it ends below."""
        return self.y + self.h


@dataclasses.dataclass(frozen=True)
class Text:
    """A line of text, anchored (start, middle or end) at a point of the line on which it stands.

    ``kind``: one of ``SIZES``. ``state``: colours a word.
    """

    x: float
    y: float
    text: str
    kind: str = "plain"
    state: str = ""
    anchor: str = "start"

    @property
    def length(self) -> float:
        """How wide it is drawn, in every font."""
        size, bold = SIZES[self.kind]
        return round(width(self.text, size, bold), 1)

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.x - self.length * _LEFT_OF[self.anchor]


@dataclasses.dataclass(frozen=True)
class Box:
    """``kind``: panel or machine. ``full``: what a pointer that rests on the box is told."""

    x: float
    y: float
    w: float
    h: float
    kind: str
    state: str
    texts: tuple[Text, ...]
    icons: tuple[Icon, ...] = ()
    full: str = ""

    @property
    def frame(self) -> Frame:
        """Where it is."""
        return Frame(self.x, self.y, self.w, self.h)


@dataclasses.dataclass(frozen=True)
class Link:
    """A line through points. ``arrow``: nothing, end or both."""

    points: tuple[Point, ...]
    state: str
    arrow: str = ""
    texts: tuple[Text, ...] = ()
    full: str = ""

    @property
    def path(self) -> str:
        """Its points as SVG has them."""
        return " ".join(f"{x:g},{y:g}" for x, y in self.points)


def fit(text: str, room: float, size: float = 13, wide: bool = False) -> str:
    """The text, or as much of it as has room. ``wide``: it is drawn bold."""
    if width(text, size, wide) <= room:
        return text
    kept = text
    while kept and width(kept + "…", size, wide) > room:
        kept = kept[:-1]
    return kept + "…"


def needs(text: str, size: float = 13, wide: bool = True) -> float:
    """The room that a text needs. ``wide``: it is drawn bold."""
    return width(text, size, wide)


def machine(
    frame: Frame,
    name: str,
    rows: Sequence[tuple[str, Shown | None]],
    full: str,
    state: str = "",
) -> Box:
    """A host by its name and, below it, rows: text alone, or the words of a state behind its
    mark.

    ``state``: of the box; without one it is that of its first row that has one.
    """
    texts = [Text(frame.x + 10, frame.y + 19, fit(name, frame.w - 16, wide=True), "name")]
    icons: list[Icon] = []
    at = frame.y + 37.0
    for label, shown in rows:
        if label:
            texts.append(Text(frame.x + 10, at, fit(label, frame.w - 16, 12), "quiet"))
        if label and shown is not None:
            at += _LINE - 1
        if shown is not None:
            icons.append((frame.x + 16, at - 4, shown.state))
            word = fit(shown.word, frame.w - 33, 12, wide=True)
            texts.append(Text(frame.x + 27, at, word, "word", shown.state))
        at += _LINE
    return Box(
        *frame,
        kind="machine",
        state=state or _first_state(rows),
        texts=tuple(texts),
        icons=tuple(icons),
        full=full,
    )


def _first_state(rows: Sequence[tuple[str, Shown | None]]) -> str:
    for _label, shown in rows:
        if shown is not None:
            return shown.state
    return "idle"
