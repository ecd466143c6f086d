"""./run drills: the crash matrix of the build and of the operations of an outage.

Each write of each operation is struck: ansible-playbook killed before the server acts, killed after
it acted, the connection lost after it acted, and, where it is a batch of T-SQL, executed twice, in
whole or after having got half-way. The next run must finish; the estate must be that of an
undisturbed run; no log out of order; nothing repeated that must not be; no message lost beyond what
was announced. No run is made twice (crash/work.py): a kill is the state that it leaves, which an
undisturbed run has been through, but for a few real ones that are compared with it; and of what a
run goes on after, many are in one run. --jobs labs work at the same time; what passed stands in
--record, so that a campaign that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import sys

from support import dirt

from .campaign import Campaign, Record, Wanted
from .operations import BARE, OPERATIONS, Operation, on_a_lived_in_estate
from .strikes import KINDS

DEFAULT = "default"


def parser() -> argparse.ArgumentParser:
    """What ./run drills understands."""
    made = argparse.ArgumentParser(
        prog="./run drills",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--operation", choices=[*OPERATIONS], action="append", help="only these (default: all)"
    )
    made.add_argument("--kind", choices=KINDS, action="append", help="only these (default: all)")
    made.add_argument("--from", dest="first", type=int, default=1)
    made.add_argument("--to", dest="last", type=int, default=0, help="0: the last write")
    made.add_argument("--step", type=int, default=1)
    made.add_argument(
        "--thrice", action="store_true", help="each strike alone, and a third run in every cell"
    )
    made.add_argument(
        "--real-kills", action="store_true", help="kill ansible-playbook in every cell of a kill"
    )
    made.add_argument(
        "--inventory",
        default=DEFAULT,
        help="the estate, a folder under inventories/ (another than default: for the build only)",
    )
    made.add_argument(
        "--dirty",
        action="store_true",
        help="an estate that was administered for years: histories cleaned up, other tools' "
        "backups, clocks apart, sa renamed, other data folders and languages",
    )
    made.add_argument(
        "--jobs",
        type=int,
        default=1,
        help="labs that work at the same time (default: 1; a core each is well spent)",
    )
    made.add_argument(
        "--record",
        default="",
        metavar="FILE",
        help="cells that passed, a line each; those in it are not struck again. "
        "Remove it when the code has changed",
    )
    return made


def wanted(arguments: list[str]) -> tuple[Wanted, int, str]:
    """What is to be struck, on how many labs at once, and the file of what passed.

    Ends the process when it is contradictory.
    """
    understood = parser()
    options = understood.parse_args(arguments)
    if options.jobs < 1 or options.first < 1 or options.step < 1:
        understood.error("--jobs, --from and --step are counted from 1")
    operations = [OPERATIONS[name] for name in options.operation or OPERATIONS]
    _require_fit(understood, operations, options)
    chosen = slice(options.first - 1, options.last or None, options.step)
    found = Wanted(
        operations=_prepared(operations, options.dirty),
        kinds=options.kind or [*KINDS],
        chosen=chosen,
        thrice=options.thrice,
        real_kills=options.real_kills,
        inventory=options.inventory,
        estate=dirt.ESTATE if options.dirty else options.inventory,
    )
    return found, options.jobs, options.record


def _require_fit(
    understood: argparse.ArgumentParser, operations: list[Operation], options: argparse.Namespace
) -> None:
    """Outages and dirt know the hosts of one inventory; ends the process for another one."""
    if options.inventory == DEFAULT:
        return
    if options.dirty:
        understood.error(f"--dirty is an estate of the inventory {DEFAULT}")
    unfit = _names_of_outages(operations)
    if unfit:
        understood.error(
            f"{unfit} are written for the hosts of the inventory {DEFAULT}; "
            f"with --inventory {options.inventory} only --operation build can be struck"
        )


def _prepared(operations: list[Operation], dirty: bool) -> list[Operation]:
    return [on_a_lived_in_estate(one) for one in operations] if dirty else operations


def _names_of_outages(operations: list[Operation]) -> str:
    return ", ".join(one.name for one in operations if one.begins_at != BARE)


def main() -> int:
    """0 when every cell passed."""
    what, jobs, record = wanted(sys.argv[1:])
    campaign = Campaign(what, Record(record))
    campaign.run(jobs)
    print(f"\n{campaign.table()}\n{campaign.passed} passed, {campaign.failed} failed")
    return int(campaign.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
