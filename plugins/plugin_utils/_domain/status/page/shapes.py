"""What a drawing is made of: boxes, lines of text and links, as numbers. FOR INTERNAL COLLECTION
USE ONLY.
"""

from __future__ import annotations

import dataclasses
import typing as t

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


@dataclasses.dataclass(frozen=True)
class Text:
    x: float
    y: float
    text: str
    kind: str = "plain"  # title | name | plain | quiet | word
    state: str = ""  # colours a word
    anchor: str = "start"

    @property
    def length(self) -> float:
        """How wide it is drawn, in every font."""
        size, bold = SIZES[self.kind]
        return round(width(self.text, size, bold), 1)

    @property
    def left(self) -> float:
        return self.x - self.length * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]


@dataclasses.dataclass(frozen=True)
class Box:
    """``icons``: (x, y, state), the centres of the marks that say a state by their shape. ``full``:
    what a pointer that rests on the box is told.
    """

    x: float
    y: float
    w: float
    h: float
    kind: str  # panel | machine
    state: str
    texts: tuple[Text, ...]
    icons: tuple[tuple[float, float, str], ...] = ()
    full: str = ""


@dataclasses.dataclass(frozen=True)
class Link:
    points: tuple[tuple[float, float], ...]
    state: str
    arrow: str = ""  # "" | end | both
    texts: tuple[Text, ...] = ()
    full: str = ""

    @property
    def path(self) -> str:
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
    return width(text, size, wide)


def machine(
    left: float,
    top: float,
    width: float,
    height: float,
    name: str,
    rows: t.Sequence[tuple[str, Shown | None]],
    full: str,
    state: str = "",
) -> Box:
    """A host by its name and, below it, rows: text alone, or the words of a state behind its
    mark.
    """
    texts = [Text(left + 10, top + 19, fit(name, width - 16, wide=True), "name")]
    icons = []
    at = top + 37.0
    for label, shown in rows:
        if shown is None:
            texts += [Text(left + 10, at, fit(label, width - 16, 12), "quiet")] if label else []
        else:
            if label:
                texts.append(Text(left + 10, at, fit(label, width - 16, 12), "quiet"))
                at += 17
            icons.append((left + 16, at - 4, shown.state))
            texts.append(
                Text(left + 27, at, fit(shown.word, width - 33, 12, wide=True), "word", shown.state)
            )
        at += 18
    if not state:
        state = next((shown.state for _label, shown in rows if shown is not None), "idle")
    return Box(left, top, width, height, "machine", state, tuple(texts), tuple(icons), full)
