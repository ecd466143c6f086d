"""./run kerberos [--brief]: the lab behind Kerberos, with a real key distribution centre.

Logons, delegation and CredSSP are tested one by one; then a pool is built, lost, failed over and
brought home with tickets, by constrained delegation that lists what a Front End has to reach.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from dev.commands import outage_story
from support import kdc, kerberos, labs

USER = "pchat-admin"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./run kerberos",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--brief", action="store_true", help="without the story of an outage")
    options = parser.parse_args()
    if kdc.missing():
        print(f"./run kerberos: {kdc.missing()}", file=sys.stderr)
        return 2
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/kerberos"],
        cwd=labs.ROOT,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if options.brief or tests.returncode:
        return tests.returncode
    return tell()


def tell() -> int:
    """The story of an outage, with a ticket and no password anywhere."""
    try:
        with kerberos.running() as (lab, centre, estate):
            for host in estate.of_kind("front_end"):
                centre.let_delegate(f"WSMAN/{host}", estate.reached_from_front_ends())
            centre.kinit(USER, estate.passwords[USER], "-f")
            good = outage_story.run(lab)
    except labs.Terminated as asked:
        print(f"\nEnded by {asked}; the lab and its centre are stopped.", flush=True)
        return 143
    outage_story.tell_how_it_went(good)
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
