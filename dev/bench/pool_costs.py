"""./run bench pools: what one of many alike pools costs, and what a look costs when a share holds
thousands of log backups and SQL Server's history is long.

Processor seconds are those of the controller, which is ansible-playbook with everything that it
starts, and those of the lab. Flat means that a pool among many costs what a pool alone does.
--write puts the tables into docs/costs.md.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import resource
import tempfile
import time
import typing as t

from dev.bench import estate_of_pools, shown
from pchat_lab.control.running import pid_of
from support import labs
from support.console import sql
from support.outage import ANSWERS

PRIMARY = "sql-n1.contoso.example"
SHARE = "fs-s1.contoso.example"
#: Log backups stay on the share for 40 weeks, in minutes; a default of three days would take them.
KEEP = (
    "DECLARE @rc int; EXEC @rc = master.dbo.sp_change_log_shipping_primary_database"
    " @database = N'mgc', @backup_retention_period = 403200;"
)
#: Log backups a day: one each quarter of an hour.
A_DAY = 96
#: A day takes the lab up to five seconds, and a command of it may take a minute.
LONGEST_STEP = 5


class Cost(t.NamedTuple):
    """What a run took: processor seconds of the controller and of the lab, requests, seconds."""

    controller: float
    lab: float
    requests: int
    seconds: float

    def cells(self, pools: int) -> list[str]:
        """For one pool of them."""
        return [
            f"{self.controller / pools:.1f} s",
            f"{self.lab / pools:.1f} s",
            f"{self.requests / pools:.0f}",
            f"{self.seconds / pools:.1f} s",
        ]


COSTS = ("Processor of the controller", "of the lab", "Requests", "Done after")


def cost_of(lab: labs.Lab, playbook: str, *arguments: str) -> Cost:
    """One run. SystemExit with the end of its output when it fails."""
    lab.chatlab("stats", "--reset")
    began = time.monotonic()
    controller = _of_children()
    of_lab = _of_lab(lab)
    run = lab.play(playbook, *arguments, timeout=6 * 3600)
    if run.rc:
        raise SystemExit(run.output[-3000:])
    return Cost(
        _of_children() - controller,
        _of_lab(lab) - of_lab,
        _requests(lab),
        time.monotonic() - began,
    )


def _requests(lab: labs.Lab) -> int:
    """Since the statistics were reset."""
    stats: dict[str, dict[str, int]] = lab.chatlab("stats")
    return stats["total"].get("requests", 0)


def _of_children() -> float:
    """Processor seconds of every process that was started here and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _of_lab(lab: labs.Lab) -> float:
    """Processor seconds of the lab's process up to now (proc(5): fields 14 and 15 of stat)."""
    text = pathlib.Path(f"/proc/{pid_of(lab.home / lab.name)}/stat").read_text(
        encoding="utf-8", errors="replace"
    )
    behind_name = text.rpartition(")")[2].split()
    ticks = int(behind_name[11]) + int(behind_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def of_pools(pools: int) -> dict[str, Cost]:
    """A build of so many pools, the same again, and a look at them."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        estate_of_pools.write(estate_of_pools.estate(pools), folder / "estate.yml")
        with labs.running(
            "pools", up=["--estate", str(folder / "estate.yml")], inventory=str(folder)
        ) as lab:
            topology = folder / "topology.xml"
            answer: dict[str, str] = lab.chatlab("document")
            topology.write_text(answer["document"], encoding="utf-8")
            hosts = estate_of_pools.inventory(pools, topology)
            estate_of_pools.write(hosts, folder / "hosts.yml")
            return {
                "build": cost_of(lab, "site"),
                "no change": cost_of(lab, "site"),
                "status": cost_of(lab, "status"),
            }


def pools_table(counts: list[int]) -> str:
    """What one pool costs among so many, for each run."""
    rows = []
    for pools in counts:
        for name, cost in of_pools(pools).items():
            hosts = pools * estate_of_pools.HOSTS_OF_A_POOL
            rows.append([name, str(pools), str(hosts), *cost.cells(pools)])
            print(" | ".join(rows[-1]), flush=True)
    runs = [*dict.fromkeys(row[0] for row in rows)]
    rows.sort(key=lambda row: runs.index(row[0]))
    return shown.markdown(("Run", "Pools", "Hosts", *(f"{cost}, a pool" for cost in COSTS)), rows)


def history_table(days: list[int]) -> str:
    """What a look costs after so many days of shipping logs that nobody removes."""
    rows = []
    with labs.running("default") as lab:
        if lab.play("site").rc:
            raise SystemExit("the build failed")
        sql(lab, PRIMARY, KEEP)
        lab.chatlab("chat", "post", "5")
        age = 0
        for wanted in days:
            while age < wanted:
                step = min(wanted - age, LONGEST_STEP)
                lab.chatlab("clock", "advance", f"{step}d")
                age += step
            logs = str(_logs(lab))
            cost = cost_of(lab, "status", *ANSWERS)
            rows.append([str(age), logs, *cost.cells(1)])
            print(" | ".join(rows[-1]), flush=True)
    return shown.markdown(("Days", "Log backups on the share", *COSTS), rows)


def _logs(lab: labs.Lab) -> int:
    """How many log backups lie on the share."""
    state: dict[str, dict[str, dict[str, list[str]]]] = lab.chatlab("state")
    return sum(path.lower().endswith(".trn") for path in state["machines"][SHARE]["files"])


def main(arguments: t.Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run bench pools", description=__doc__)
    parser.add_argument("--pools", type=int, nargs="*", default=[1, 4, 16, 48])
    parser.add_argument(
        "--days",
        type=int,
        nargs="*",
        default=[1, 1 + 10_000 // A_DAY],
        help="ages of the log shipping in days; 105 days are 10,000 log backups",
    )
    parser.add_argument("--write", action="store_true", help="put the tables into the page")
    options = parser.parse_args(arguments)
    made = {}
    if options.pools:
        made["pools"] = pools_table(options.pools)
    if options.days:
        made["history"] = history_table(sorted(options.days))
    for name, table in made.items():
        text = f"{table}\n{shown.measured_by('./run bench pools')}"
        print(f"\n{text}")
        if options.write:
            shown.write(name, text)
    return 0
