"""The estate as a picture: two data centres and log shipping between them, wide for a desk and
narrow for a phone. Only numbers and words; the template writes them as SVG. FOR INTERNAL COLLECTION
USE ONLY.
"""

from __future__ import annotations

import dataclasses
import itertools

from ...._engine.model import State
from . import site as sites
from .reading import (
    PAIRS,
    SITE_TITLES,
    copy,
    link,
    server,
    short,
    site_in_service,
    sql_host,
    witness,
)
from .shapes import Box, Link, Text, fit, machine
from .stages import linked, source, stages

# narrow: about what a phone has, so that the type is as large as it says
WIDTH = {"wide": 1040.0, "narrow": 320.0}
EDGE = 4.0
STAGE = 66.0
VERDICT = {
    "good": "in order",
    "warn": "needs a look",
    "bad": "broken",
    "idle": "not at work",
    "unknown": "unknown",
}


def drawing(document: State, layout: str) -> State:
    """{layout, width, height, title, words, boxes, links, captions}: boxes in the order in which
    they are to be drawn.
    """
    boxes, links, captions, height = _wide(document) if layout == "wide" else _narrow(document)
    return {
        "layout": layout,
        "width": WIDTH[layout],
        "height": height,
        "boxes": boxes,
        "links": links,
        "captions": captions,
        "title": f"{document['pool']}: {document['situation']['name']}",
        "words": words(document),
    }


Drawn = tuple[list[Box], list[Link], list[Text], float]


def _wide(document: State) -> Drawn:
    w = (WIDTH["wide"] - 2 * EDGE - 24) / 2
    rows = [
        max(pair) for pair in zip(*(sites.row_heights(document, s, w) for s in PAIRS), strict=True)
    ]
    left, right = (
        sites.draw(document, s, x, EDGE, w, (rows[0], rows[1], rows[2]))
        for s, x in zip(PAIRS, (EDGE, EDGE + w + 24), strict=True)
    )
    top = left.bottom + 58
    gap = 38.0
    stage_w = (WIDTH["wide"] - 2 * EDGE - 3 * gap) / 4
    boxes = _stages(document, [(EDGE + n * (stage_w + gap), top) for n in range(4)], stage_w)
    links = [
        Link(((a.x + a.w, top + STAGE / 2), (b.x, top + STAGE / 2)), b.state, "end")
        for a, b in itertools.pairwise(boxes)
    ]
    whole = linked(document)
    start = left.sql.get(source(document) or "primary") or next(iter(left.sql.values()), None)
    if start:
        links.append(
            _elbow(
                (start.x + start.w / 2, start.y + start.h),
                (boxes[0].x + start.w / 2, top),
                top - 34,
                boxes[0].state,
            )
        )
    if end := right.sql.get("backup"):
        links.append(
            _elbow(
                (boxes[3].x + boxes[3].w / 2, top),
                (end.x + end.w / 2, end.y + end.h),
                top - 20,
                boxes[3].state,
            )
        )
    captions = [
        Text(
            WIDTH["wide"] / 2 - 12,
            top - 14,
            f"Log shipping of mgc: {whole.word}",
            "word",
            whole.state,
            "end",
        )
    ]
    return (
        [*left.boxes, *right.boxes, *boxes],
        [*left.links, *right.links, *links],
        [*left.captions, *right.captions, *captions],
        top + STAGE + EDGE,
    )


def _elbow(start: tuple[float, float], end: tuple[float, float], level: float, state: str) -> Link:
    """Down or up, along a level of its own, and on."""
    if abs(start[0] - end[0]) < 60 and start[1] < end[1]:
        return Link((start, (start[0], end[1])), state, "end")
    return Link((start, (start[0], level), (end[0], level), end), state, "end")


def _narrow(document: State) -> Drawn:
    w = WIDTH["narrow"] - 2 * EDGE
    first = sites.draw(document, "primary", EDGE, EDGE, w, side_by_side=False)
    top = first.bottom + 56
    step = STAGE + 20
    boxes = _stages(document, [(EDGE, top + n * step) for n in range(4)], w)
    second = sites.draw(document, "backup", EDGE, top + 4 * step, w, side_by_side=False)
    whole = linked(document)
    middle = EDGE + w / 2
    ends = [first.bottom, *(b.y for b in boxes), second.boxes[0].y]
    links = [
        Link(((middle, a if n == 0 else a + STAGE), (middle, b)), boxes[min(n, 3)].state, "end")
        for n, (a, b) in enumerate(itertools.pairwise(ends))
    ]
    links[0] = Link(((EDGE + 24, first.bottom), (EDGE + 24, top)), boxes[0].state, "end")
    captions = [
        Text(EDGE + 40, top - 32, "Log shipping of mgc", "quiet"),
        Text(EDGE + 40, top - 14, fit(whole.word, w - 40, 12, wide=True), "word", whole.state),
    ]
    return (
        [*first.boxes, *boxes, *second.boxes],
        [*first.links, *links, *second.links],
        [*first.captions, *captions, *second.captions],
        second.bottom + EDGE,
    )


def _stages(document: State, places: list[tuple[float, float]], width: float) -> list[Box]:
    found: list[Box] = []
    for stage, (x, y) in zip(stages(document), places, strict=True):
        upper, lower = stage.lines
        full = f"{stage.title}: {stage.shown.word}. {stage.full}".strip()
        box = machine(
            x, y, width, STAGE, stage.title, [(upper, None), (lower, None)], full, stage.shown.state
        )
        verdict = Text(
            x + width - 12, y + 19, VERDICT[stage.shown.state], "word", stage.shown.state, "end"
        )
        found.append(dataclasses.replace(box, texts=(*box.texts, verdict)))
    return found


def words(document: State) -> str:
    """The picture for whoever cannot see it."""
    told: list[str] = []
    in_service = site_in_service(document)
    told.append(
        f"{SITE_TITLES[in_service]} is in service."
        if in_service
        else "No data centre is seen to be in service."
    )
    for site, slots in PAIRS.items():
        silent = [
            short(n) for n, h in document["hosts"].items() if h["site"] == site and not h["answers"]
        ]
        told.append(
            f"{SITE_TITLES[site]}: "
            + (f"no answer from {', '.join(silent)}." if silent else "all hosts answer.")
        )
        shown = [
            f"{short(n)} {server(document['servers'][n]).word}"
            for n in sites.servers_of(document, site)
        ]
        told.append(f"Chat servers: {', '.join(shown) or 'none'}.")
        told += [
            f"{short(sql_host(document, slot))}: "
            + ", ".join(f"{d} {copy(document, d, slot).word}" for d in document["databases"])
            + "."
            for slot in slots
            if sql_host(document, slot) and document["databases"]
        ]
        if found := link(document, site):
            told.append(f"Mirroring: {found[0].word}, witness {witness(document, site).word}.")
    told.append(
        "Log shipping: "
        + "; ".join(f"{s.title.lower()} {s.shown.word}" for s in stages(document))
        + "."
    )
    return " ".join(told)
