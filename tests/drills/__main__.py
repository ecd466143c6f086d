"""./run drills: the crash matrix of failover, failback, planned switchover and mirror failover.

Each write of each operation is struck in three ways: ansible-playbook killed before the server acts, killed after it acted, the connection
lost after it acted. The next run must finish; the estate must be that of an undisturbed run; no log out of order; nothing
repeated that must not be; no message lost beyond what was announced; with --thrice a third run changes nothing. Several can run at once,
each on a lab of its own.
"""
from __future__ import annotations

import argparse
import subprocess
import sys
import time

from tools import kills, labs

from .matrix import KINDS, baseline, cell
from .operations import OPERATIONS


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run drills", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operation", choices=[*OPERATIONS], action="append", help="only these (default: all)")
    parser.add_argument("--kind", choices=KINDS, action="append", help="only these (default: all)")
    parser.add_argument("--from", dest="first", type=int, default=1)
    parser.add_argument("--to", dest="last", type=int, default=0, help="0: the last write")
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--thrice", action="store_true", help="a third run in every cell")
    options = parser.parse_args()
    rows: list[str] = []
    bad = cells = 0
    for name in options.operation or [*OPERATIONS]:
        operation = OPERATIONS[name]
        with labs.running("default") as lab:
            if lab.play("site").rc:
                raise SystemExit("the build failed")
            clean = baseline(lab, operation)
            numbers = range(options.first, (options.last or clean.writes) + 1, options.step)
            print(f"{name}: {clean.writes} writes undisturbed; {len(numbers)} are struck in {len(options.kind or KINDS)} ways.", flush=True)
            table: dict[str, list[int]] = {kind: [0, 0] for kind in options.kind or KINDS}
            for number in numbers:
                for kind in table:
                    started = time.monotonic()
                    try:
                        problems = cell(lab, operation, number, kind, clean, options.thrice)
                    except (kills.NotReached, labs.LabError, RuntimeError, subprocess.TimeoutExpired) as error:
                        problems = [str(error)[-600:]]
                    cells, bad = cells + 1, bad + bool(problems)
                    table[kind][bool(problems)] += 1
                    what = clean.calls[number - 1].rpartition("ELSE BEGIN ")[2][:60]
                    verdict = "ok" if not problems else "FAILED " + " | ".join(problems)
                    print(f"  write {number:3} {kind:22} {verdict}  ({time.monotonic() - started:.0f} s)  {what}", flush=True)
            rows += [f"{name:17} {kind:22} {good:4} ok {failed:4} failed" for kind, (good, failed) in table.items()]
    print("\n" + "\n".join(rows) + f"\n{cells - bad} passed, {bad} failed")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
