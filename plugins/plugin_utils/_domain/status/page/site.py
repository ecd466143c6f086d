"""The drawing of one data centre: its management hosts, chat servers and SQL Servers. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ...._engine.model import State
from .reading import (
    PAIRS,
    SITE_TITLES,
    SLOTS,
    WITNESSES,
    Shown,
    copy,
    host,
    is_split,
    link,
    server,
    short,
    site_in_service,
    sql_host,
    witness,
    worst,
)
from .shapes import Box, Link, Text, fit, machine, needs

PAD = 16.0
GAP = 10.0
SMALL = 46.0
HEAD = 66.0
CAPTION = 24.0
# room for the state of the mirroring between two SQL Servers side by side
BETWEEN = 112.0
# and between two that stand one above the other
ABOVE = 62.0


@dataclasses.dataclass
class Site:
    """What was drawn, and where the two SQL Servers of the pair are, for whoever ends a line
    there.
    """

    boxes: list[Box] = dataclasses.field(default_factory=list)
    links: list[Link] = dataclasses.field(default_factory=list)
    captions: list[Text] = dataclasses.field(default_factory=list)
    sql: dict[str, Box] = dataclasses.field(default_factory=dict)
    bottom: float = 0.0


def others_of(document: State, site: str) -> list[str]:
    """Hosts that are neither chat server nor SQL Server."""
    return [
        name
        for name, seen in document["hosts"].items()
        if seen["site"] == site
        and seen["what"]
        and not any(w == "chat server" or w.startswith("sql ") for w in seen["what"])
    ]


def servers_of(document: State, site: str) -> list[str]:
    return [name for name, seen in document["servers"].items() if seen["site"] == site]


def columns(names: t.Sequence[str], inner: float, most: int) -> int:
    """How many boxes stand beside each other so that every name has room."""
    need = max((needs(short(n)) + 16 for n in names), default=1.0)
    fitting = max(1, min(most, int((inner + GAP) // (need + GAP))))
    rows = -(-len(names) // fitting) if names else 1
    return max(1, min(fitting, -(-len(names) // rows))) if names else 1


def draw(
    document: State,
    site: str,
    x: float,
    top: float,
    width: float,
    rows: tuple[float, float, float] | None = None,
    side_by_side: bool = True,
) -> Site:
    """``rows``: heights of the three rows, when they are to be those of a neighbour."""
    drawn = Site()
    inner = width - 2 * PAD
    left = x + PAD
    heights = rows or row_heights(document, site, width, side_by_side)
    at = top + HEAD
    for height, caption, draw_row in zip(
        heights,
        ("Front End and file servers", "Chat servers", "SQL Servers"),
        (_others, _chat, _sql),
        strict=True,
    ):
        if height:
            drawn.captions.append(Text(left, at + 12, caption, "quiet"))
            draw_row(drawn, document, site, left, at + CAPTION, inner, side_by_side)
            at += CAPTION + height + 12
    drawn.bottom = at + 4
    drawn.boxes.insert(0, _panel(document, site, x, top, width, drawn.bottom - top))
    return drawn


def row_heights(
    document: State, site: str, width: float, side_by_side: bool = True
) -> tuple[float, float, float]:
    inner = width - 2 * PAD
    grid = [
        0.0 if not names else -(-len(names) // columns(names, inner, 4)) * (SMALL + GAP) - GAP
        for names in (others_of(document, site), servers_of(document, site))
    ]
    sql = 0.0
    if any(sql_host(document, slot) for slot in PAIRS[site]):
        machines = sum(sql_host(document, slot) is not None for slot in PAIRS[site])
        sql = (
            _sql_height(document)
            if side_by_side
            else machines * _sql_height(document) + (machines - 1) * ABOVE
        )
        sql += SMALL + 26 if sql_host(document, WITNESSES[site]) else 0
    return grid[0], grid[1], sql


def _panel(document: State, site: str, left: float, top: float, width: float, height: float) -> Box:
    seen = [s["answers"] for s in document["hosts"].values() if s["site"] == site]
    silent = seen.count(False)
    told = (
        f"all {len(seen)} hosts answer"
        if not silent
        else (
            "no host answers"
            if silent == len(seen)
            else f"{silent} of {len(seen)} hosts do not answer"
        )
    )
    if not seen:
        told = "no hosts"
    in_service = site_in_service(document) == site
    state = "bad" if silent and silent == len(seen) else "warn" if silent else "good"
    badge = Shown("good", "in service") if in_service else None
    if is_split(document) and any(
        copy(document, "mgc", slot).state == "bad" for slot in PAIRS[site]
    ):
        badge = Shown("bad", "an online copy")
    texts = [
        Text(left + PAD, top + 28, SITE_TITLES[site], "title"),
        Text(left + PAD + 15, top + 50, told, "word", state),
    ]
    icons = [(left + PAD + 5, top + 46, state)]
    if badge:
        texts.append(
            Text(left + width - PAD - 17, top + 28, badge.word, "word", badge.state, "end")
        )
        icons.append((left + width - PAD - 6, top + 24, badge.state))
    return Box(
        left,
        top,
        width,
        height,
        "panel",
        badge.state if badge else "idle",
        tuple(texts),
        tuple(icons),
        f"{SITE_TITLES[site]}: {told}",
    )


def _grid(
    drawn: Site,
    names: t.Sequence[str],
    left: float,
    top: float,
    inner: float,
    shown: t.Callable[[str], tuple[Shown, str]],
) -> None:
    across = columns(names, inner, 4)
    w = min((inner - (across - 1) * GAP) / across, 225)
    for number, name in enumerate(names):
        told, full = shown(name)
        row, column = divmod(number, across)
        drawn.boxes.append(
            machine(
                left + column * (w + GAP),
                top + row * (SMALL + GAP),
                w,
                SMALL,
                short(name),
                [("", told)],
                full,
            )
        )


def _others(
    drawn: Site,
    document: State,
    site: str,
    left: float,
    top: float,
    inner: float,
    side_by_side: bool,
) -> None:
    def shown(name: str) -> tuple[Shown, str]:
        seen = document["hosts"][name]
        told = host(document, name)
        return told, f"{name}, {' and '.join(seen['what'])}: {told.word}" + (
            f". {seen['why']}" if seen["why"] else ""
        )

    _grid(drawn, others_of(document, site), left, top, inner, shown)


def _chat(
    drawn: Site,
    document: State,
    site: str,
    left: float,
    top: float,
    inner: float,
    side_by_side: bool,
) -> None:
    def shown(name: str) -> tuple[Shown, str]:
        told = server(document["servers"][name])
        return told, f"{name}, chat server: {told.word}"

    _grid(drawn, servers_of(document, site), left, top, inner, shown)


def _sql_height(document: State) -> float:
    return 50.0 + 35 * max(len(document["databases"]), 1)


def _sql(
    drawn: Site, document: State, site: str, x: float, y: float, inner: float, side_by_side: bool
) -> None:
    """The pair with its mirroring, side by side or one above the other, and the witness below, tied
    to the mirroring that it watches.
    """
    h = _sql_height(document)
    slots = [slot for slot in PAIRS[site] if sql_host(document, slot)]
    w = (inner - BETWEEN) / 2 if side_by_side else inner - 62
    for number, slot in enumerate(slots):
        left, top = (
            (x + number * (w + BETWEEN), y) if side_by_side else (x, y + number * (h + ABOVE))
        )
        drawn.sql[slot] = _sql_box(document, slot, left, top, w, h)
        drawn.boxes.append(drawn.sql[slot])
    middle = _mirroring(drawn, document, site, side_by_side) if len(drawn.sql) == 2 else None
    watching = sql_host(document, WITNESSES[site])
    if not watching or not drawn.sql:
        return
    told = witness(document, site)
    lowest = max(b.y + b.h for b in drawn.sql.values())
    left = x + (inner - w) / 2 if side_by_side else x
    box = machine(
        left,
        lowest + 26,
        w,
        SMALL,
        short(watching),
        [("", Shown(told.state, f"witness, {told.word}"))],
        f"{watching}, witness: {told.word}",
    )
    drawn.boxes.append(box)
    if middle and side_by_side:
        drawn.links.append(
            Link((middle, (middle[0], box.y)), told.state, full=f"witness: {told.word}")
        )
    elif middle:
        right = x + inner - 14
        drawn.links.append(
            Link(
                (
                    middle,
                    (right, middle[1]),
                    (right, box.y + box.h / 2),
                    (box.x + box.w, box.y + box.h / 2),
                ),
                told.state,
                full=f"witness: {told.word}",
            )
        )


def _sql_box(
    document: State, slot: str, left: float, top: float, width: float, height: float
) -> Box:
    name = sql_host(document, slot) or ""
    if not document["databases"]:
        shown = [
            (
                "",
                (
                    Shown("unknown", "unknown")
                    if document["hosts"][name]["answers"]
                    else host(document, name)
                ),
            )
        ]
    else:
        shown = [(database, copy(document, database, slot)) for database in document["databases"]]
    told = "; ".join(f"{database} {s.word}".strip() for database, s in shown)
    state = worst(s for _name, s in shown) or Shown("unknown", "")
    # what stands by beside what works is no reason to look idle
    if state.state in ("idle", "unknown"):
        state = next((s for _name, s in shown if s.state == "good"), state)
    box = machine(
        left,
        top,
        width,
        height,
        short(name),
        [(SLOTS[slot], None), *shown],
        f"{name} ({SLOTS[slot]}): {told}",
        state.state,
    )
    return box


def _mirroring(
    drawn: Site, document: State, site: str, side_by_side: bool
) -> tuple[float, float] | None:
    """The line between the pair; returns its middle, where the witness is tied to it."""
    first, second = (drawn.sql[slot] for slot in PAIRS[site])
    found = link(document, site)
    if found is None:
        return None
    shown, names = found
    told = f"mirroring of {', '.join(names) or 'all databases'}: {shown.word}"
    which = ", ".join(names)
    if side_by_side:
        ends = ((first.x + first.w, first.y + 64), (second.x, first.y + 64))
        middle = ((ends[0][0] + ends[1][0]) / 2, ends[0][1])
        texts = [
            Text(
                middle[0],
                middle[1] - 9,
                fit(shown.word, BETWEEN - 6, 12, wide=True),
                "word",
                shown.state,
                "middle",
            ),
            Text(middle[0], middle[1] - 26, "mirroring", "quiet", anchor="middle"),
        ]
        texts += (
            [Text(middle[0], middle[1] - 43, fit(which, BETWEEN - 8, 12), "quiet", anchor="middle")]
            if which
            else []
        )
    else:
        column = first.x + first.w - 24
        ends = ((column, first.y + first.h), (column, second.y))
        middle = (column, (ends[0][1] + ends[1][1]) / 2)
        room = first.w - 50
        texts = [
            Text(first.x + 10, middle[1] - 4, fit(f"mirroring {which}".strip(), room, 12), "quiet"),
            Text(
                first.x + 10,
                middle[1] + 13,
                fit(shown.word, room, 12, wide=True),
                "word",
                shown.state,
            ),
        ]
    drawn.links.append(
        Link(
            ends, shown.state, "both" if shown.state in ("good", "warn") else "", tuple(texts), told
        )
    )
    return middle
