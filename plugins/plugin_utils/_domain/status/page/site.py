"""The drawing of one data centre: its management hosts, chat servers and SQL Servers. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable, Sequence

from ...documents.status import Status
from .reading import (
    PAIRS,
    SITE_TITLES,
    SLOTS,
    UNKNOWN,
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
    sql_hosts,
    witness,
    worst,
)
from .shapes import Box, Frame, Icon, Link, Point, Text, fit, machine, needs

PAD = 16.0
GAP = 10.0
SMALL = 46.0
HEAD = 66.0
CAPTION = 24.0
# room for the state of the mirroring between two SQL Servers side by side
BETWEEN = 112.0
# and between two that stand one above the other
ABOVE = 62.0
# between the pair and its witness
BELOW = 26.0
#: Boxes of a row, and how wide one is at most.
ACROSS = 4
WIDEST = 225


class Heights(t.NamedTuple):
    """Of the three rows of a data centre; 0 for one that is not drawn."""

    others: float
    servers: float
    sql: float


@dataclasses.dataclass(frozen=True)
class Plot:
    """Where a data centre is drawn, and from what. ``side_by_side``: its SQL Servers; else they
    stand one above the other.
    """

    document: Status
    site: str
    x: float
    width: float
    side_by_side: bool = True

    @property
    def left(self) -> float:
        """Where its boxes begin."""
        return self.x + PAD

    @property
    def inner(self) -> float:
        """The width that its boxes have."""
        return self.width - 2 * PAD


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


def others_of(document: Status, site: str) -> list[str]:
    """Hosts that are neither chat server nor SQL Server."""
    found = []
    for name, seen in document["hosts"].items():
        if seen["site"] == site and seen["what"] and not _is_drawn_elsewhere(seen["what"]):
            found.append(name)
    return found


def _is_drawn_elsewhere(kinds: Sequence[str]) -> bool:
    return "chat server" in kinds or any(kind.startswith("sql ") for kind in kinds)


def servers_of(document: Status, site: str) -> list[str]:
    """FQDNs of the chat servers of a site."""
    return [name for name, seen in document["servers"].items() if seen["site"] == site]


def columns(names: Sequence[str], inner: float, most: int) -> int:
    """How many boxes stand beside each other so that every name has room, in a width of
    ``inner``; at most ``most``, at least 1.
    """
    if not names:
        return 1
    need = max(needs(short(name)) for name in names) + 16
    fitting = max(1, min(most, int((inner + GAP) // (need + GAP))))
    rows = _divided_up(len(names), fitting)
    return max(1, min(fitting, _divided_up(len(names), rows)))


def _divided_up(number: int, by: int) -> int:
    return -(-number // by)


def draw(plot: Plot, top: float, heights: Heights | None = None) -> Site:
    """A data centre from ``top`` down. ``heights``: of its rows, when they are to be those of a
    neighbour.
    """
    drawn = Site()
    heights = heights or row_heights(plot)
    rows: tuple[tuple[float, str, Callable[[Site, Plot, float], None]], ...] = (
        (heights.others, "Front End and file servers", _others),
        (heights.servers, "Chat servers", _chat),
        (heights.sql, "SQL Servers", _sql),
    )
    at = top + HEAD
    for height, caption, draw_row in rows:
        if height:
            drawn.captions.append(Text(plot.left, at + 12, caption, "quiet"))
            draw_row(drawn, plot, at + CAPTION)
            at += CAPTION + height + 12
    drawn.bottom = at + 4
    drawn.boxes.insert(0, _panel(plot, Frame(plot.x, top, plot.width, drawn.bottom - top)))
    return drawn


def row_heights(plot: Plot) -> Heights:
    """What the three rows of this data centre need."""
    document = plot.document
    return Heights(
        _grid_height(others_of(document, plot.site), plot.inner),
        _grid_height(servers_of(document, plot.site), plot.inner),
        _pair_height(plot),
    )


def _grid_height(names: Sequence[str], inner: float) -> float:
    if not names:
        return 0.0
    return _divided_up(len(names), columns(names, inner, ACROSS)) * (SMALL + GAP) - GAP


def _pair_height(plot: Plot) -> float:
    machines = len(sql_hosts(plot.document, plot.site))
    if not machines:
        return 0.0
    height = _sql_height(plot.document)
    if not plot.side_by_side:
        height = machines * height + (machines - 1) * ABOVE
    if sql_host(plot.document, WITNESSES[plot.site]):
        height += SMALL + BELOW
    return height


def _panel(plot: Plot, frame: Frame) -> Box:
    """The frame of a data centre, with its name, how many hosts answer, and whether it serves."""
    title = SITE_TITLES[plot.site]
    told = _answering(plot.document, plot.site)
    texts = [
        Text(frame.x + PAD, frame.y + 28, title, "title"),
        Text(frame.x + PAD + 15, frame.y + 50, told.word, "word", told.state),
    ]
    icons: list[Icon] = [(frame.x + PAD + 5, frame.y + 46, told.state)]
    badge = _badge(plot.document, plot.site)
    if badge:
        right = frame.right - PAD
        texts.append(Text(right - 17, frame.y + 28, badge.word, "word", badge.state, "end"))
        icons.append((right - 6, frame.y + 24, badge.state))
    return Box(
        *frame,
        kind="panel",
        state=badge.state if badge else "idle",
        texts=tuple(texts),
        icons=tuple(icons),
        full=f"{title}: {told.word}",
    )


def _answering(document: Status, site: str) -> Shown:
    answers = [seen["answers"] for seen in document["hosts"].values() if seen["site"] == site]
    silent = answers.count(False)
    if not answers:
        return Shown("good", "no hosts")
    if not silent:
        return Shown("good", f"all {len(answers)} hosts answer")
    if silent == len(answers):
        return Shown("bad", "no host answers")
    return Shown("warn", f"{silent} of {len(answers)} hosts do not answer")


def _badge(document: Status, site: str) -> Shown | None:
    """What is said beside the name of a data centre, if anything."""
    if is_split(document):
        states = [copy(document, "mgc", slot).state for slot in PAIRS[site]]
        return Shown("bad", "an online copy") if "bad" in states else None
    if site_in_service(document) == site:
        return Shown("good", "in service")
    return None


def _grid(
    drawn: Site,
    plot: Plot,
    top: float,
    names: Sequence[str],
    shown: Callable[[str], tuple[Shown, str]],
) -> None:
    """Small boxes in rows. ``shown``: a name's state, and what a pointer on its box is told."""
    across = columns(names, plot.inner, ACROSS)
    width = min((plot.inner - (across - 1) * GAP) / across, WIDEST)
    for number, name in enumerate(names):
        told, full = shown(name)
        row, column = divmod(number, across)
        left = plot.left + column * (width + GAP)
        frame = Frame(left, top + row * (SMALL + GAP), width, SMALL)
        drawn.boxes.append(machine(frame, short(name), [("", told)], full))


def _others(drawn: Site, plot: Plot, top: float) -> None:
    document = plot.document

    def shown(name: str) -> tuple[Shown, str]:
        """What it answers, and why it does not."""
        seen = document["hosts"][name]
        told = host(document, name)
        full = f"{name}, {' and '.join(seen['what'])}: {told.word}"
        if seen["why"]:
            full += f". {seen['why']}"
        return told, full

    _grid(drawn, plot, top, others_of(document, plot.site), shown)


def _chat(drawn: Site, plot: Plot, top: float) -> None:
    document = plot.document

    def shown(name: str) -> tuple[Shown, str]:
        """Whether clients may use it, and whether it runs."""
        told = server(document["servers"][name])
        return told, f"{name}, chat server: {told.word}"

    _grid(drawn, plot, top, servers_of(document, plot.site), shown)


def _sql_height(document: Status) -> float:
    return 50.0 + 35 * max(len(document["databases"]), 1)


def _sql_width(plot: Plot) -> float:
    return (plot.inner - BETWEEN) / 2 if plot.side_by_side else plot.inner - 62


def _sql(drawn: Site, plot: Plot, top: float) -> None:
    """The pair with its mirroring, side by side or one above the other, and the witness below, tied
    to the mirroring that it watches.
    """
    height = _sql_height(plot.document)
    width = _sql_width(plot)
    frame = Frame(plot.left, top, width, height)
    for slot, name in sql_hosts(plot.document, plot.site).items():
        drawn.sql[slot] = _sql_box(plot.document, slot, name, frame)
        drawn.boxes.append(drawn.sql[slot])
        if plot.side_by_side:
            frame = frame._replace(x=plot.left + width + BETWEEN)
        else:
            frame = frame._replace(y=top + height + ABOVE)
    middle = _mirroring(drawn, plot) if len(drawn.sql) == 2 else None
    _witness(drawn, plot, middle)


def _witness(drawn: Site, plot: Plot, middle: Point | None) -> None:
    """``middle``: of the mirroring; None when there is nothing to tie the witness to."""
    watching = sql_host(plot.document, WITNESSES[plot.site])
    if not watching or not drawn.sql:
        return
    told = witness(plot.document, plot.site)
    width = _sql_width(plot)
    left = plot.left + (plot.inner - width) / 2 if plot.side_by_side else plot.left
    lowest = max(box.frame.bottom for box in drawn.sql.values())
    frame = Frame(left, lowest + BELOW, width, SMALL)
    shown = Shown(told.state, f"witness, {told.word}")
    full = f"{watching}, witness: {told.word}"
    drawn.boxes.append(machine(frame, short(watching), [("", shown)], full))
    if middle:
        points = _tie(plot, middle, frame)
        drawn.links.append(Link(points, told.state, full=f"witness: {told.word}"))


def _tie(plot: Plot, middle: Point, box: Frame) -> tuple[Point, ...]:
    """The line from the middle of the mirroring to the witness: down, or around the lower SQL
    Server.
    """
    x, y = middle
    if plot.side_by_side:
        return middle, (x, box.y)
    right = plot.left + plot.inner - 14
    level = box.y + box.h / 2
    return middle, (right, y), (right, level), (box.right, level)


def _sql_box(document: Status, slot: str, name: str, frame: Frame) -> Box:
    shown = [(database, copy(document, database, slot)) for database in document["databases"]]
    if not shown:
        answers = document["hosts"][name]["answers"]
        shown = [("", UNKNOWN if answers else host(document, name))]
    told = "; ".join(f"{database} {state.word}".strip() for database, state in shown)
    return machine(
        frame,
        short(name),
        [(SLOTS[slot], None), *shown],
        f"{name} ({SLOTS[slot]}): {told}",
        _state_of_copies([state for _database, state in shown]),
    )


def _state_of_copies(shown: Sequence[Shown]) -> str:
    state = (worst(shown) or UNKNOWN).state
    states = [each.state for each in shown]
    # what stands by beside what works is no reason to look idle
    if state in ("idle", "unknown") and "good" in states:
        return "good"
    return state


def _mirroring(drawn: Site, plot: Plot) -> Point | None:
    """The line between the pair; returns its middle, where the witness is tied to it."""
    found = link(plot.document, plot.site)
    if found is None:
        return None
    shown, names = found
    first, second = (drawn.sql[slot].frame for slot in PAIRS[plot.site])
    if plot.side_by_side:
        start = (first.right, first.y + 64)
        end = (second.x, first.y + 64)
    else:
        start = (first.right - 24, first.bottom)
        end = (first.right - 24, second.y)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    label = _words_between if plot.side_by_side else _words_beside
    drawn.links.append(
        Link(
            (start, end),
            shown.state,
            "both" if shown.state in ("good", "warn") else "",
            tuple(label(middle, first, shown, ", ".join(names))),
            f"mirroring of {', '.join(names) or 'all databases'}: {shown.word}",
        )
    )
    return middle


def _words_between(middle: Point, _first: Frame, shown: Shown, which: str) -> list[Text]:
    """Above the line between two SQL Servers. ``which``: databases, empty for all."""
    x, y = middle
    word = fit(shown.word, BETWEEN - 6, 12, wide=True)
    texts = [
        Text(x, y - 9, word, "word", shown.state, "middle"),
        Text(x, y - 26, "mirroring", "quiet", anchor="middle"),
    ]
    if which:
        texts.append(Text(x, y - 43, fit(which, BETWEEN - 8, 12), "quiet", anchor="middle"))
    return texts


def _words_beside(middle: Point, first: Frame, shown: Shown, which: str) -> list[Text]:
    """To the left of the line from one SQL Server down to the other."""
    _x, y = middle
    room = first.w - 50
    word = fit(shown.word, room, 12, wide=True)
    return [
        Text(first.x + 10, y - 4, fit(f"mirroring {which}".strip(), room, 12), "quiet"),
        Text(first.x + 10, y + 13, word, "word", shown.state),
    ]
