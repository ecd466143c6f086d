"""./run bench: what a build and a run without changes cost, with kept sessions on and off.

Against a bare program that sends the same commands; all in one run.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import typing as t

from dev.bench import shown
from support import labs


class Counts(t.TypedDict, total=False):
    """What a lab counts. ``shells``: runspaces that are open now."""

    requests: int
    runspaces: int
    connects: int
    pipelines: int
    writes: int
    shells: int


@dataclasses.dataclass(frozen=True)
class Row:
    """Of a table: what it took in seconds, and what the lab counted, in all and by host."""

    seconds: float
    total: Counts
    hosts: dict[str, Counts]


COLUMNS = ("requests", "runspaces", "connects", "pipelines", "writes")
HEAD = "".join(f"{column:>11}" for column in COLUMNS)
#: The row that others are compared with.
BARE = "bare program, same commands"


def measured(lab: labs.Lab, action: t.Callable[[], None]) -> Row:
    """Counts per host and in all while ``action`` runs, and its wall time in seconds."""
    lab.chatlab("stats", "--reset")
    started = time.monotonic()
    action()
    seconds = time.monotonic() - started
    return Row(seconds=seconds, **lab.chatlab("stats"))


def build(lab: labs.Lab, *arguments: str) -> None:
    """One run of site.yml. SystemExit with the end of its output when it fails."""
    run = lab.play("site", *arguments, timeout=3600)
    if run.rc:
        raise SystemExit(run.output[-3000:])


def bare(lab: labs.Lab, journal: list[dict[str, t.Any]]) -> None:
    """The commands of a journal, sent by a program of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "journal.json")
        file.write_text(json.dumps(journal), encoding="utf-8")
        subprocess.run(
            [sys.executable, "-m", "support.replay", str(lab.connection_file), str(file)],
            cwd=labs.ROOT / "tests",
            check=True,
            stdout=subprocess.DEVNULL,
        )


def one_setting(open_cost: float, import_cost: float, inventory: str) -> dict[str, Row]:
    """All rows for one cost of a runspace (seconds to open, seconds to import Lync's module)."""
    rows: dict[str, Row] = {}
    settings = ["--open-cost", str(open_cost), "--import-cost", str(import_cost)]
    with labs.running(inventory, up=settings) as lab:
        rows["build, kept sessions"] = measured(lab, lambda: build(lab))
        journal = lab.chatlab("journal")
        rows["no change, kept sessions"] = measured(lab, lambda: build(lab))
        rows["no change, a session per task"] = measured(
            lab, lambda: build(lab, "-e", "pchat_keep_sessions=false")
        )
        lab.chatlab("reset")
        rows["build, a session per task"] = measured(
            lab, lambda: build(lab, "-e", "pchat_keep_sessions=false")
        )
        lab.chatlab("reset")
        rows[BARE] = measured(lab, lambda: bare(lab, journal))
    return rows


COLUMNS_SHOWN = (
    "Runspaces",
    "Run",
    "Seconds",
    "of the bare program",
    "Requests",
    "of the bare program",
    "Runspaces opened",
    "Pipelines",
    "Left open",
)


def cells(costs: str, name: str, row: Row, floor: Row) -> list[str]:
    """A row in words; ``floor``: the bare program's."""
    requests = row.total.get("requests", 0)
    ratio = requests / max(floor.total.get("requests", 0), 1)
    return [
        costs,
        name,
        f"{row.seconds:.1f} s",
        f"{row.seconds / floor.seconds:.1f} x",
        str(requests),
        f"{ratio:.1f} x",
        str(row.total.get("runspaces", 0)),
        str(row.total.get("pipelines", 0)),
        str(row.total.get("shells", 0)),
    ]


def table(found: t.Mapping[str, dict[str, Row]]) -> str:
    """Rows of each cost of a runspace, in Markdown."""
    lines = []
    for costs, rows in found.items():
        for name, row in rows.items():
            lines.append(cells(costs, name, row, rows[BARE]))
    return f"{shown.markdown(COLUMNS_SHOWN, lines)}\n{shown.measured_by('./run bench')}"


def per_host(rows: dict[str, Row]) -> None:
    """Print what came to each host."""
    for name in ("build, kept sessions", "no change, kept sessions"):
        print(f"\nPer host, {name}\n{'':34}{HEAD}")
        for host, counts in sorted(rows[name].hosts.items()):
            columns = [f"{counts.get(column, 0):11}" for column in COLUMNS]
            print(f"{host:34}" + "".join(columns))


def main(arguments: t.Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("--inventory", default="default")
    parser.add_argument(
        "--no-costs", action="store_true", help="leave out the simulated cost of a real runspace"
    )
    parser.add_argument("--write", action="store_true", help="put the table into docs/costs.md")
    options = parser.parse_args(arguments)
    found = {"cost nothing": one_setting(0, 0, options.inventory)}
    per_host(found["cost nothing"])
    if not options.no_costs:
        found["0.7 s each, 5 s with Lync's module"] = one_setting(0.7, 5, options.inventory)
    text = table(found)
    print("\n" + text)
    if options.write:
        shown.write("build", text)
    return 0
