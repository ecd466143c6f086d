"""./run walks: many random histories, and what came of them. Exit code 1 when a property broke."""

from __future__ import annotations

import argparse
import collections
import sys
import time

from .ablations import ABLATIONS
from .walk import Result, walk


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run walks", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="how many walks")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument(
        "--ablate",
        choices=sorted(ABLATIONS),
        default="",
        help="switch one safeguard off; then a violation is what is looked for",
    )
    parser.add_argument(
        "--dirty",
        action="store_true",
        help="also clean histories, back logs up elsewhere, seed the secondary from old backups,"
        " fill the file server",
    )
    parser.add_argument("--trace", action="store_true", help="tell the whole story of every walk")
    parser.add_argument("--stop", action="store_true", help="stop at the first violation")
    options = parser.parse_args()
    began = time.monotonic()
    results: list[Result] = []
    for seed in range(options.first, options.first + options.seeds):
        result = walk(seed, options.ablate, options.dirty)
        results.append(result)
        if result.violation or options.trace:
            tell(result)
        if result.violation and options.stop:
            break
    summary(results, time.monotonic() - began)
    return int(any(result.violation for result in results))


def tell(result: Result) -> None:
    """Print what happened in a walk."""
    print(f"\n== seed {result.seed}: {result.violation or 'nothing broke'}")
    for line in result.trace:
        print(f"   {line}")


def summary(results: list[Result], seconds: float) -> None:
    """Print how many walks there were, what they came to, and which properties broke."""
    runs: collections.Counter[str] = collections.Counter()
    for result in results:
        runs += result.runs
    print(
        f"\n{len(results)} walks in {seconds:.0f} s: {runs.total()} runs of playbooks,"
        f" {sum(result.moves for result in results)} moves;"
        f" {sum(result.acked for result in results)} messages acknowledged,"
        f" {sum(result.declared for result in results)} declared lost"
        f" in {sum(len(result.losses) for result in results)} recoveries with loss"
    )
    table("Runs", runs)
    table("The way home", ways_home(results), 12)
    broken: dict[str, list[str]] = {}
    for result in results:
        if result.violation:
            broken.setdefault(result.rule, []).append(str(result.seed))
    tell_violations(broken)


def ways_home(results: list[Result]) -> collections.Counter[str]:
    """How often which playbooks led home."""
    ways: collections.Counter[str] = collections.Counter()
    for result in results:
        if result.home and not result.violation:
            ways[" -> ".join(result.home)] += 1
    return ways


def tell_violations(broken: dict[str, list[str]]) -> None:
    """Print each rule that broke, with the seeds of the walks in which it did."""
    if not broken:
        print("Violations: none")
        return
    counts = collections.Counter({rule: len(seeds) for rule, seeds in broken.items()})
    table("VIOLATIONS", counts)
    for rule, seeds in broken.items():
        print(f"  {rule}: seeds {', '.join(seeds)[:200]}")
    print(f"Violations: {counts.total()}")


def table(title: str, counts: collections.Counter[str], most: int = 40) -> None:
    """Print the most frequent ones; nothing when there are none."""
    if not counts:
        return
    print(f"{title}:")
    for text, count in counts.most_common(most):
        print(f"  {count:7}  {text[:150]}")


if __name__ == "__main__":
    sys.exit(main())
