"""./run bench: what a build and a run without changes cost, with kept sessions on and off, against
a bare program; all in one run.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import typing as t

from support import labs

COLUMNS = ("requests", "runspaces", "connects", "pipelines", "writes")


def measured(lab: labs.Lab, action: t.Callable[[], None]) -> dict[str, t.Any]:
    """Counts per host and in all while ``action`` runs, and its wall time in seconds."""
    lab.chatlab("stats", "--reset")
    started = time.monotonic()
    action()
    seconds = time.monotonic() - started
    return {"seconds": seconds, **lab.chatlab("stats")}


def build(lab: labs.Lab, *arguments: str) -> None:
    run = lab.play("site", *arguments, timeout=3600)
    if run.rc:
        raise SystemExit(run.output[-3000:])


def bare(lab: labs.Lab, journal: list[dict[str, t.Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "journal.json")
        file.write_text(json.dumps(journal), encoding="utf-8")
        subprocess.run(
            [sys.executable, "-m", "support.replay", str(lab.connection_file), str(file)],
            cwd=labs.ROOT / "tests",
            check=True,
            stdout=subprocess.DEVNULL,
        )


def one_setting(costs: tuple[float, float], inventory: str) -> dict[str, dict[str, t.Any]]:
    """All rows for one cost of a runspace (seconds to open, seconds to import Lync's module)."""
    rows: dict[str, dict[str, t.Any]] = {}
    with labs.running(
        inventory, up=["--open-cost", str(costs[0]), "--import-cost", str(costs[1])]
    ) as lab:
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
        rows["bare program, same commands"] = measured(lab, lambda: bare(lab, journal))
    return rows


def table(title: str, rows: dict[str, dict[str, t.Any]]) -> None:
    floor = rows["bare program, same commands"]["seconds"]
    print(
        f"\n{title}\n{'':32}{'seconds':>9}{'x bare':>8}"
        + "".join(f"{c:>11}" for c in COLUMNS)
        + f"{'left open':>11}"
    )
    for name, row in rows.items():
        print(
            f"{name:32}{row['seconds']:9.1f}{row['seconds'] / floor:8.1f}"
            + "".join(f"{row['total'].get(c, 0):11}" for c in COLUMNS)
            + f"{row['total'].get('shells', 0):11}"
        )


def per_host(rows: dict[str, dict[str, t.Any]]) -> None:
    for name in ("build, kept sessions", "no change, kept sessions"):
        print(f"\nPer host, {name}\n{'':34}" + "".join(f"{c:>11}" for c in COLUMNS))
        for host, counts in sorted(rows[name]["hosts"].items()):
            print(f"{host:34}" + "".join(f"{counts.get(c, 0):11}" for c in COLUMNS))


def main() -> int:
    if sys.argv[1:2] == ["outage"]:
        from dev.bench import outage_costs

        return outage_costs.main()
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("--inventory", default="default")
    parser.add_argument(
        "--no-costs", action="store_true", help="leave out the simulated cost of a real runspace"
    )
    options = parser.parse_args()
    free = one_setting((0, 0), options.inventory)
    table("Runspaces cost nothing (the lab as it is)", free)
    per_host(free)
    if not options.no_costs:
        table(
            "Runspaces cost what they do on a real host: 0.7 s to open, 5 s to import Lync's module",
            one_setting((0.7, 5), options.inventory),
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
