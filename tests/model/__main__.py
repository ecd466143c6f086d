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
        help="also clean histories, back logs up elsewhere, seed the secondary from old backups",
    )
    parser.add_argument("--trace", action="store_true", help="tell the whole story of every walk")
    parser.add_argument("--stop", action="store_true", help="stop at the first violation")
    options = parser.parse_args()
    began, results = time.monotonic(), list[Result]()
    for seed in range(options.first, options.first + options.seeds):
        result = walk(seed, options.ablate, options.dirty)
        results.append(result)
        if result.violation or options.trace:
            tell(result)
        if result.violation and options.stop:
            break
    summary(results, time.monotonic() - began)
    return int(any(r.violation for r in results))


def tell(result: Result) -> None:
    print(f"\n== seed {result.seed}: {result.violation or 'nothing broke'}")
    for line in result.trace:
        print(f"   {line}")


def summary(results: list[Result], seconds: float) -> None:
    runs: collections.Counter[str] = sum((r.runs for r in results), collections.Counter())
    print(
        f"\n{len(results)} walks in {seconds:.0f} s: {sum(runs.values())} runs of playbooks, {sum(r.moves for r in results)} moves; "
        f"{sum(r.acked for r in results)} messages acknowledged, {sum(r.declared for r in results)} declared lost "
        f"in {sum(len(r.losses) for r in results)} recoveries with loss"
    )
    table("Runs", runs)
    table(
        "The way home",
        collections.Counter(" -> ".join(r.home) for r in results if r.home and not r.violation),
        12,
    )
    broken = collections.Counter(r.rule for r in results if r.violation)
    table("VIOLATIONS", broken)
    for rule in broken:
        print(f"  {rule}: seeds {', '.join(str(r.seed) for r in results if r.rule == rule)[:200]}")
    print("Violations: none" if not broken else f"Violations: {sum(broken.values())}")


def table(title: str, counts: collections.Counter[str], most: int = 40) -> None:
    if counts:
        print(f"{title}:")
        for text, count in counts.most_common(most):
            print(f"  {count:7}  {text[:150]}")


if __name__ == "__main__":
    sys.exit(main())
