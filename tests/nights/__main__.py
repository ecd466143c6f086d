"""./run nights: random stories on the simulated estate, through the playbooks that people run.

Hosts and sites go, other administrators do what they do, playbooks are run in the midst of it; in
the morning all is mended and the way that status tells must lead to a healthy pool. No message may
be lost that was not announced. The walks ask the planner alone, of a world made for it; this asks
all of it: roles, modules, connections. A night takes half a minute. Exit code 1 on a problem.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import pathlib
import sys
import tempfile
from collections.abc import Iterator

from crash.operations import build
from support import labs, smaller
from support.dirt import ESTATE
from support.warm_ansible import WarmAnsible

from .night import Night, Result


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./run nights",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=20, help="how many nights")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--lived-in", action="store_true", help="an estate of many years")
    parser.add_argument(
        "--hands", action="store_true", help="other administrators type at the pool's own consoles"
    )
    parser.add_argument(
        "--interrupted",
        action="store_true",
        help="runs are killed, or stand still while another one goes through",
    )
    parser.add_argument("--trace", action="store_true", help="tell the story of every night")
    options = parser.parse_args()
    ends: collections.Counter[str] = collections.Counter()
    broken = 0
    with _evening(ESTATE if options.lived_in else "default") as lab:
        for seed in range(options.first, options.first + options.seeds):
            night = Night(lab, seed, hands=options.hands, interrupted=options.interrupted)
            result = night.pass_()
            ends[str(result.ends)] += 1
            broken += bool(result.problems)
            _tell(result, whole=options.trace or bool(result.problems))
    print(f"\n{options.seeds} nights, {broken} with problems; they end: {dict(ends)}")
    return int(broken > 0)


@contextlib.contextmanager
def _evening(estate: str) -> Iterator[labs.Lab]:
    """A lab whose estate was built, with the checkpoint at which nights begin."""
    with tempfile.TemporaryDirectory() as folder:
        warm = WarmAnsible(labs.play_environment(pathlib.Path(folder, "unused")))
        try:
            with smaller.running(estate, pathlib.Path(folder)) as lab:
                lab.warm = warm
                build(lab)
                yield lab
        finally:
            warm.stop()


def _tell(result: Result, *, whole: bool) -> None:
    word = "PROBLEM" if result.problems else "ok"
    print(f"{word:8} seed {result.seed}: {result.runs} runs, ends {result.ends}", flush=True)
    if whole:
        for line in result.trace:
            print(f"    {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
