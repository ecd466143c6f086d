"""The estate as a picture: two data centres and log shipping between them, wide for a desk and
narrow for a phone. Only numbers and words; the template writes them as SVG. FOR INTERNAL COLLECTION
USE ONLY.
"""

from __future__ import annotations

import dataclasses
import itertools
import typing as t
from collections.abc import Iterator, Sequence

from ...documents.status import Status
from . import site as sites
from .reading import (
    PAIRS,
    SITE_TITLES,
    copy,
    link,
    server,
    short,
    site_in_service,
    sql_hosts,
    witness,
)
from .shapes import Box, Frame, Link, Point, Text, fit, machine
from .site import Plot, Site
from .stages import Stage, linked, source, stages

# narrow: about what a phone has, so that the type is as large as it says
WIDTH = {"wide": 1040.0, "narrow": 320.0}
EDGE = 4.0
STAGE = 66.0
#: Between two data centres, and between two stages, side by side.
BETWEEN_SITES = 24.0
BETWEEN_STAGES = 38.0
#: Between two stages, one above the other.
BELOW = 20.0
VERDICT = {
    "good": "in order",
    "warn": "needs a look",
    "bad": "broken",
    "idle": "not at work",
    "unknown": "unknown",
}


class Drawing(t.TypedDict):
    """``layout``: wide or narrow. ``boxes``: in the order in which they are to be drawn.
    ``words``: the picture for whoever cannot see it.
    """

    layout: str
    width: float
    height: float
    boxes: list[Box]
    links: list[Link]
    captions: list[Text]
    title: str
    words: str


@dataclasses.dataclass(frozen=True)
class Drawn:
    """The parts of a picture, and how high it is."""

    boxes: list[Box]
    links: list[Link]
    captions: list[Text]
    height: float


def drawing(document: Status, layout: str) -> Drawing:
    """The picture in one of the layouts of ``WIDTH``."""
    drawn = _wide(document) if layout == "wide" else _narrow(document)
    return {
        "layout": layout,
        "width": WIDTH[layout],
        "height": drawn.height,
        "boxes": drawn.boxes,
        "links": drawn.links,
        "captions": drawn.captions,
        "title": f"{document['pool']}: {document['situation']['name']}",
        "words": words(document),
    }


def _wide(document: Status) -> Drawn:
    """The data centres side by side, the stages in a row below them."""
    left, right = _side_by_side(document)
    top = left.bottom + 58
    boxes = _stages_in_a_row(document, top)
    whole = linked(document)
    middle = WIDTH["wide"] / 2 - 12
    told = f"Log shipping of mgc: {whole.word}"
    caption = Text(middle, top - 14, told, "word", whole.state, "end")
    links = [*_between(boxes), *_from_and_to(document, left, right, boxes)]
    return Drawn(
        [*left.boxes, *right.boxes, *boxes],
        [*left.links, *right.links, *links],
        [*left.captions, *right.captions, caption],
        top + STAGE + EDGE,
    )


def _side_by_side(document: Status) -> tuple[Site, Site]:
    """Both data centres, their rows equally high."""
    width = (WIDTH["wide"] - 2 * EDGE - BETWEEN_SITES) / 2
    first = Plot(document, "primary", EDGE, width)
    second = Plot(document, "backup", EDGE + width + BETWEEN_SITES, width)
    one = sites.row_heights(first)
    other = sites.row_heights(second)
    heights = sites.Heights(
        max(one.others, other.others),
        max(one.servers, other.servers),
        max(one.sql, other.sql),
    )
    return sites.draw(first, EDGE, heights), sites.draw(second, EDGE, heights)


def _stages_in_a_row(document: Status, top: float) -> list[Box]:
    width = (WIDTH["wide"] - 2 * EDGE - 3 * BETWEEN_STAGES) / 4
    found = []
    for number, stage in enumerate(stages(document)):
        left = EDGE + number * (width + BETWEEN_STAGES)
        found.append(_stage(stage, Frame(left, top, width, STAGE)))
    return found


def _between(boxes: Sequence[Box]) -> Iterator[Link]:
    """Arrows from stage to stage in a row."""
    for before, after in itertools.pairwise(boxes):
        level = before.y + STAGE / 2
        yield Link(((before.frame.right, level), (after.x, level)), after.state, "end")


def _from_and_to(document: Status, left: Site, right: Site, boxes: Sequence[Box]) -> Iterator[Link]:
    """From the SQL Server that backs up to the first stage, from the last one to the backup."""
    first = boxes[0]
    last = boxes[-1]
    start = left.sql.get(source(document) or "primary") or next(iter(left.sql.values()), None)
    if start:
        half = start.w / 2
        begin = (start.x + half, start.frame.bottom)
        yield _elbow(begin, (first.x + half, first.y), first.y - 34, first.state)
    end = right.sql.get("backup")
    if end:
        begin = (last.x + last.w / 2, last.y)
        yield _elbow(begin, (end.x + end.w / 2, end.frame.bottom), last.y - 20, last.state)


def _elbow(start: Point, end: Point, level: float, state: str) -> Link:
    """Down or up, along a level of its own, and on."""
    if abs(start[0] - end[0]) < 60 and start[1] < end[1]:
        return Link((start, (start[0], end[1])), state, "end")
    return Link((start, (start[0], level), (end[0], level), end), state, "end")


def _narrow(document: Status) -> Drawn:
    """The data centres one above the other, the stages between them."""
    width = WIDTH["narrow"] - 2 * EDGE
    first = sites.draw(Plot(document, "primary", EDGE, width, side_by_side=False), EDGE)
    top = first.bottom + 56
    step = STAGE + BELOW
    boxes = []
    for number, stage in enumerate(stages(document)):
        boxes.append(_stage(stage, Frame(EDGE, top + number * step, width, STAGE)))
    second_plot = Plot(document, "backup", EDGE, width, side_by_side=False)
    second = sites.draw(second_plot, top + len(boxes) * step)
    whole = linked(document)
    told = fit(whole.word, width - 40, 12, wide=True)
    captions = [
        Text(EDGE + 40, top - 32, "Log shipping of mgc", "quiet"),
        Text(EDGE + 40, top - 14, told, "word", whole.state),
    ]
    return Drawn(
        [*first.boxes, *boxes, *second.boxes],
        [*first.links, *_downwards(first, boxes, second), *second.links],
        [*first.captions, *captions, *second.captions],
        second.bottom + EDGE,
    )


def _downwards(first: Site, boxes: Sequence[Box], second: Site) -> Iterator[Link]:
    """Arrows from the upper data centre through the stages to the lower one."""
    top = boxes[0]
    left = EDGE + 24
    yield Link(((left, first.bottom), (left, top.y)), top.state, "end")
    middle = EDGE + top.w / 2
    for before, after in itertools.pairwise(boxes):
        yield Link(((middle, before.frame.bottom), (middle, after.y)), after.state, "end")
    last = boxes[-1]
    end = second.boxes[0].y
    yield Link(((middle, last.frame.bottom), (middle, end)), last.state, "end")


def _stage(stage: Stage, frame: Frame) -> Box:
    upper, lower = stage.lines
    state = stage.shown.state
    full = f"{stage.title}: {stage.shown.word}. {stage.full}".strip()
    box = machine(frame, stage.title, [(upper, None), (lower, None)], full, state)
    verdict = Text(frame.right - 12, frame.y + 19, VERDICT[state], "word", state, "end")
    return dataclasses.replace(box, texts=(*box.texts, verdict))


def words(document: Status) -> str:
    """The picture for whoever cannot see it."""
    return " ".join(_sentences(document))


def _sentences(document: Status) -> Iterator[str]:
    in_service = site_in_service(document)
    if in_service:
        yield f"{SITE_TITLES[in_service]} is in service."
    else:
        yield "No data centre is seen to be in service."
    for site in PAIRS:
        yield _silent(document, site)
        yield _servers(document, site)
        yield from _copies(document, site)
        yield from _mirroring(document, site)
    told = [f"{stage.title.lower()} {stage.shown.word}" for stage in stages(document)]
    yield f"Log shipping: {'; '.join(told)}."


def _silent(document: Status, site: str) -> str:
    silent = []
    for name, seen in document["hosts"].items():
        if seen["site"] == site and not seen["answers"]:
            silent.append(short(name))
    if not silent:
        return f"{SITE_TITLES[site]}: all hosts answer."
    return f"{SITE_TITLES[site]}: no answer from {', '.join(silent)}."


def _servers(document: Status, site: str) -> str:
    shown = []
    for name in sites.servers_of(document, site):
        told = server(document["servers"][name])
        shown.append(f"{short(name)} {told.word}")
    return f"Chat servers: {', '.join(shown) or 'none'}."


def _copies(document: Status, site: str) -> Iterator[str]:
    for slot, name in sql_hosts(document, site).items():
        told = [
            f"{database} {copy(document, database, slot).word}"
            for database in document["databases"]
        ]
        if told:
            yield f"{short(name)}: {', '.join(told)}."


def _mirroring(document: Status, site: str) -> Iterator[str]:
    found = link(document, site)
    if found:
        told, _which = found
        yield f"Mirroring: {told.word}, witness {witness(document, site).word}."
