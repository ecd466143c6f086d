"""./run drills: the crash matrix of failover, failback, planned switchover and mirror failover.

Each write of each operation is struck: ansible-playbook killed before the server acts, killed after it acted, the connection lost after it
acted, and, where it is a batch of T-SQL, executed twice, in whole or after having got half-way. The next run must finish; the estate must be
that of an undisturbed run; no log out of order; nothing repeated that must not be; no message lost beyond what was announced; with --thrice a
third run changes nothing. --jobs labs work at the same time; what passed stands in --record, so that a campaign that was stopped goes on where
it was.
"""
from __future__ import annotations

import argparse
import sys

from .campaign import Campaign
from .cells import KINDS
from .operations import OPERATIONS


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run drills", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operation", choices=[*OPERATIONS], action="append", help="only these (default: all)")
    parser.add_argument("--kind", choices=KINDS, action="append", help="only these (default: all)")
    parser.add_argument("--from", dest="first", type=int, default=1)
    parser.add_argument("--to", dest="last", type=int, default=0, help="0: the last write")
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--thrice", action="store_true", help="a third run in every cell")
    parser.add_argument("--jobs", type=int, default=1, help="labs that work at the same time (default: 1; a core each is well spent)")
    parser.add_argument("--record", default="", metavar="FILE", help="cells that passed, a line each; those in it are not struck again. Remove it "
                        "when the code has changed")
    options = parser.parse_args()
    if options.jobs < 1 or options.first < 1 or options.step < 1:
        parser.error("--jobs, --from and --step are counted from 1")
    campaign = Campaign([OPERATIONS[name] for name in options.operation or OPERATIONS], options.kind or [*KINDS],
                        slice(options.first - 1, options.last or None, options.step), options.thrice, options.record)
    campaign.run(options.jobs)
    print(f"\n{campaign.table()}\n{campaign.passed} passed, {campaign.failed} failed")
    return int(campaign.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
