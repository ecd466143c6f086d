"""Lag over the runs that are kept, as small charts: numbers that a template writes as SVG. FOR
INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence

from ...._engine.model import State

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


def charts(runs: Sequence[State]) -> list[State]:
    shown = list(runs)[-MOST:]
    return [_chart(key, title, shown) for key, title in TITLES.items()] if shown else []


def _chart(key: str, title: str, runs: Sequence[State]) -> State:
    values: list[int | None] = [r[key] for r in runs]
    known = [v for v in values if v is not None]
    top = nice(max(known, default=0))
    places = _places([r["at"] for r in runs])
    points = [
        None if v is None else (x, round(BOTTOM - (BOTTOM - TOP) * v / top, 1))
        for x, v in zip(places, values, strict=True)
    ]
    latest = values[-1]
    return {
        "key": key,
        "title": title,
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": RIGHT,
        "bottom": BOTTOM,
        "lines": [
            " ".join(f"{x:g},{y:g}" for x, y in run) for run in _runs(points) if len(run) > 1
        ],
        "dots": _lone(points),
        "last": points[-1],
        "latest": "unknown" if latest is None else f"{latest} min",
        "ticks": [
            {"y": round(BOTTOM - (BOTTOM - TOP) * part, 1), "text": f"{round(top * part)}"}
            for part in (0, 0.5, 1)
        ],
        "bands": _bands(places, [r["situation"] != "Healthy" for r in runs]),
        "first_at": _day(runs[0]["at"]),
        "last_at": _day(runs[-1]["at"]) if len(runs) > 1 else "",
        "words": _words(title, runs, known, latest),
    }


def nice(highest: int) -> int:
    """An even end of the axis that is not below the highest value."""
    return next(
        (
            n
            for n in (10, 20, 30, 60, 120, 240, 480, 960, 1440, 2880, 5760, 10080, 20160, 43200)
            if n >= highest
        ),
        highest + highest % 2,
    )


def _places(times: Sequence[str]) -> list[float]:
    """Where on the axis each run is: by its time, or evenly when a time cannot be read or the clock
    went back.
    """
    try:
        seconds = [
            dt.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() for text in times
        ]
    except (ValueError, OverflowError):
        seconds = []
    if len(seconds) < 2 or seconds != sorted(seconds) or seconds[0] == seconds[-1]:
        seconds = [float(n) for n in range(len(times))]
    span = (seconds[-1] - seconds[0]) or 1.0
    return [
        (
            round(LEFT + 6 + (RIGHT - LEFT - 12) * (s - seconds[0]) / span, 1)
            if len(seconds) > 1
            else (LEFT + RIGHT) / 2
        )
        for s in seconds
    ]


Point = tuple[float, float]


def _runs(points: Sequence[Point | None]) -> list[list[Point]]:
    """Stretches without a gap: what is unknown is not bridged."""
    found: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [run for run in found if run]


def _lone(points: Sequence[Point | None]) -> list[Point]:
    return [run[0] for run in _runs(points) if len(run) == 1]


def _bands(places: Sequence[float], marked: Sequence[bool]) -> list[dict[str, float]]:
    """Stretches of marked runs; each run holds until half-way to its neighbours."""
    if len(places) == 1:
        return [{"x": LEFT, "w": RIGHT - LEFT}] if marked[0] else []
    edges = [LEFT, *((a + b) / 2 for a, b in itertools.pairwise(places)), RIGHT]
    found: list[dict[str, float]] = []
    for number, mark in enumerate(marked):
        if mark and number and marked[number - 1]:
            found[-1]["w"] = round(edges[number + 1] - found[-1]["x"], 1)
        elif mark:
            found.append(
                {"x": round(edges[number], 1), "w": round(edges[number + 1] - edges[number], 1)}
            )
    return found


def _day(text: str) -> str:
    return text[5:16].replace("T", " ")


def _words(title: str, runs: Sequence[State], known: Sequence[int], latest: int | None) -> str:
    troubled = sum(r["situation"] != "Healthy" for r in runs)
    span = f"{len(runs)} run{'s' if len(runs) > 1 else ''} from {runs[0]['at']} to {runs[-1]['at']}"
    if not known:
        return f"{title}: unknown in all {span}."
    told = (
        f"{title}: {'unknown' if latest is None else f'{latest} minutes'} in the last run, between"
        f" {min(known)} and {max(known)} minutes in {span}"
    )
    return f"{told}; {troubled} of them not Healthy." if troubled else f"{told}."
