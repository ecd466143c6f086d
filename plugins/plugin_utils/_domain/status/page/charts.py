"""Lag over the runs that are kept, as small charts: numbers that a template writes as SVG. FOR
INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import itertools
import typing as t
from collections.abc import Sequence

from ...documents.status import Run
from ...words import moment, plural
from .made import Limits
from .stages import TURNS

WIDTH = 320.0
HEIGHT = 150.0
LEFT = 40.0
RIGHT = 308.0
TOP = 14.0
BOTTOM = 118.0
# more runs than that cannot be told apart at this width
MOST = 120
TITLES = {
    "backup_minutes": "Since the last log backup",
    "copy_minutes": "Since the last copy",
    "restore_minutes": "Since the last restore",
    "loss_minutes": "What a failover would have lost",
}
#: The size of type in a chart, at most.
_TYPE = 13.0
#: Where an axis may end, in minutes.
_ENDS = (10, 20, 30, 60, 120, 240, 480, 960, 1440, 2880, 5760, 10080, 20160, 43200)

Point = tuple[float, float]


class Tick(t.TypedDict):
    """A line across the chart, and what stands beside it."""

    y: float
    text: str


class Limit(t.TypedDict):
    """A dashed line: what lies above it is late, or much. ``y_of_text``: where its words stand."""

    y: float
    y_of_text: float
    state: str
    text: str


#: Minutes, state and words of a limit.
Threshold = tuple[int, str, str]


class Band(t.TypedDict):
    """A stretch of runs that were not Healthy: its left end and its width."""

    x: float
    w: float


class Chart(t.TypedDict):
    """Coordinates grow to the right and down. ``lines``: the points of each stretch as SVG has
    them; ``dots``: runs between unknown ones. ``last``: where the last run is, ``latest`` its value
    in words. ``first_at``, ``last_at``: what stands below the ends. ``words``: the chart for
    whoever cannot see it.
    """

    key: str
    title: str
    width: float
    height: float
    left: float
    right: float
    bottom: float
    lines: list[str]
    dots: list[Point]
    last: Point | None
    latest: str
    ticks: list[Tick]
    limits: list[Limit]
    bands: list[Band]
    first_at: str
    last_at: str
    words: str


def charts(runs: Sequence[Run], limits: Limits, every: int | None) -> list[Chart]:
    """One chart for each of ``TITLES``; none without runs. ``runs``: the oldest first. ``every``:
    minutes between two runs of log shipping's jobs, None without a schedule.
    """
    shown = runs[-MOST:]
    if not shown:
        return []
    late: list[Threshold] = []
    if every:
        late.append((TURNS * every, "warn", "late"))
    much: list[Threshold] = [
        (limits.warning, "warn", "much"),
        (limits.critical, "bad", "too much"),
    ]
    return [
        _chart("backup_minutes", shown, [run["backup_minutes"] for run in shown], late),
        _chart("copy_minutes", shown, [run["copy_minutes"] for run in shown], late),
        _chart("restore_minutes", shown, [run["restore_minutes"] for run in shown], late),
        _chart("loss_minutes", shown, [run["loss_minutes"] for run in shown], much),
    ]


def _chart(
    key: str,
    runs: Sequence[Run],
    values: Sequence[int | None],
    thresholds: Sequence[Threshold],
) -> Chart:
    known = [value for value in values if value is not None]
    limits = [minutes for minutes, _state, _words_of_it in thresholds]
    top = nice(max([*known, *limits], default=0))
    places = _places([run["at"] for run in runs])
    points = [_point(at, value, top) for at, value in zip(places, values, strict=True)]
    latest = values[-1]
    return {
        "key": key,
        "title": TITLES[key],
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": RIGHT,
        "bottom": BOTTOM,
        "lines": _lines(points),
        "dots": _dots(points),
        "last": points[-1],
        "latest": _told(latest, "min"),
        "ticks": [_tick(0, top), _tick(0.5, top), _tick(1, top)],
        "limits": [_limit(threshold, top) for threshold in thresholds],
        "bands": _bands(places, [run["situation"] != "Healthy" for run in runs]),
        "first_at": _day(runs[0]["at"]),
        "last_at": _day(runs[-1]["at"]) if len(runs) > 1 else "",
        "words": _words(TITLES[key], runs, known, latest) + _above(known, thresholds),
    }


def nice(highest: int) -> int:
    """An even end of the axis that is not below the highest value."""
    for end in _ENDS:
        if end >= highest:
            return end
    return highest + highest % 2


def _height(part: float) -> float:
    """Where on the vertical axis this part of its end is."""
    return round(BOTTOM - (BOTTOM - TOP) * part, 1)


def _point(place: float, value: int | None, top: int) -> Point | None:
    if value is None:
        return None
    return place, round(BOTTOM - (BOTTOM - TOP) * value / top, 1)


def _tick(part: float, top: int) -> Tick:
    return {"y": _height(part), "text": f"{round(top * part)}"}


def _limit(threshold: Threshold, top: int) -> Limit:
    minutes, state, word = threshold
    y = _height(minutes / top)
    beside = -3.0
    if y < TOP + _TYPE:
        # above the line it would leave the picture
        beside = _TYPE - 1
    text = f"{minutes}: {word}"
    return {"y": y, "y_of_text": round(y + beside, 1), "state": state, "text": text}


def _above(known: Sequence[int], thresholds: Sequence[Threshold]) -> str:
    """How many runs were above each limit, for whoever cannot see it."""
    told = ""
    for minutes, _state, word in thresholds:
        above = sum(value > minutes for value in known)
        told += f" {above} above {minutes} minutes, which is {word}."
    return told


def _told(minutes: int | None, unit: str) -> str:
    return "unknown" if minutes is None else f"{minutes} {unit}"


def _lines(points: Sequence[Point | None]) -> list[str]:
    return [_line(stretch) for stretch in _stretches(points) if len(stretch) > 1]


def _line(points: Sequence[Point]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _dots(points: Sequence[Point | None]) -> list[Point]:
    return [stretch[0] for stretch in _stretches(points) if len(stretch) == 1]


def _places(times: Sequence[str]) -> list[float]:
    """Where on the axis each run is."""
    if len(times) == 1:
        return [(LEFT + RIGHT) / 2]
    moments = _moments(times)
    first = moments[0]
    span = (moments[-1] - first) or 1.0
    room = RIGHT - LEFT - 12
    return [round(LEFT + 6 + room * (at - first) / span, 1) for at in moments]


def _moments(times: Sequence[str]) -> list[float]:
    """In seconds, by the time of each run, or evenly when a time cannot be read or the clock went
    back.
    """
    evenly = [float(number) for number in range(len(times))]
    try:
        seconds = [moment(text).timestamp() for text in times]
    except (ValueError, OverflowError):
        return evenly
    if seconds != sorted(seconds) or seconds[0] == seconds[-1]:
        return evenly
    return seconds


def _stretches(points: Sequence[Point | None]) -> list[list[Point]]:
    """Stretches without a gap: what is unknown is not bridged."""
    found: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [stretch for stretch in found if stretch]


def _bands(places: Sequence[float], marked: Sequence[bool]) -> list[Band]:
    """Stretches of marked runs; each run holds until half-way to its neighbours."""
    edges = [LEFT, *_halves(places), RIGHT]
    found: list[Band] = []
    before = False
    for number, mark in enumerate(marked):
        end = edges[number + 1]
        if mark and before:
            found[-1]["w"] = round(end - found[-1]["x"], 1)
        elif mark:
            start = edges[number]
            found.append({"x": round(start, 1), "w": round(end - start, 1)})
        before = mark
    return found


def _halves(places: Sequence[float]) -> list[float]:
    return [(one + next_one) / 2 for one, next_one in itertools.pairwise(places)]


def _day(text: str) -> str:
    """``06-01 11:07`` of a time as ISO 8601."""
    return text[5:16].replace("T", " ")


def _words(title: str, runs: Sequence[Run], known: Sequence[int], latest: int | None) -> str:
    span = f"{plural(len(runs), 'run')} from {runs[0]['at']} to {runs[-1]['at']}"
    if not known:
        return f"{title}: unknown in all {span}."
    told = f"{title}: {_told(latest, 'minutes')} in the last run"
    told += f", between {min(known)} and {max(known)} minutes in {span}"
    troubled = sum(run["situation"] != "Healthy" for run in runs)
    if troubled:
        told += f"; {troubled} of them not Healthy"
    return f"{told}."
