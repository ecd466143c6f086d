"""./run sqltools [NAME ...]: build, again, and the story of an outage on each of the SQL tools,
with all that is reported of them.

The estate is that of ``default`` with other tools on the hosts of SQL Server (chatlab up
--sql-tools): which errors of a batch arrive, whether a batch that failed is run once more, whether
the certificate must be trusted, and where the import leaves the session. With --drills, one write
of each operation is executed twice and half-way as well. NAME as in the lab's world/sql_tools.py;
two with a comma between them are on the hosts together.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import io
import subprocess
import sys
import time
import typing as t

from crash.cells import Baseline, baseline, cell
from crash.operations import BARE, BUILT, OPERATIONS
from crash.strikes import RUN_AGAIN, NotReached
from dev.checks.verdicts import verdict
from dev.commands import outage_story
from pchat_lab.world.sql_tools import TOOLS
from support import labs

#: SqlServer 22 demands a certificate that it trusts, which a SQL Server does not have by itself.
NEEDS: t.Mapping[str, tuple[str, ...]] = {"SqlServer 22": ("-e", "pchat_sql_encryption=trust")}
#: Two at once, as after Install-Module on a host that SQL Server's setup gave SQLPS.
TOGETHER = "SqlServer 21,SQLPS 2014"


class Failed(Exception):
    """What went wrong, with the end of what was printed."""


@dataclasses.dataclass(frozen=True)
class Proof:
    """What one of the tools went through.

    ``lost``: errors that did not arrive; ``twice``: batches that it ran once more.
    """

    changed: int
    again: int
    lost: int
    twice: int

    def __str__(self) -> str:
        return (
            f"changed={self.changed}, then changed={self.again}, the outage as announced;"
            f" {self.lost} errors did not arrive, {self.twice} batches ran twice"
        )


@contextlib.contextmanager
def on(tools: str) -> t.Iterator[labs.Lab]:
    """A lab of its own whose hosts of SQL Server have these tools."""
    with labs.running("default", up=["--sql-tools", tools]) as lab:
        lab.always = NEEDS.get(tools.partition(",")[0], ())
        yield lab


def build_again_and_outage(lab: labs.Lab) -> Proof:
    """Failed when something does not go as it should."""
    lab.chatlab("checkpoint", BARE)
    first = _built(lab)
    lab.chatlab("checkpoint", BUILT)
    second = _built(lab)
    if not first.changed or second.changed:
        raise Failed(
            f"changed={first.changed}, then changed={second.changed};"
            " something and then nothing was expected"
        )
    with contextlib.redirect_stdout(io.StringIO()) as told:
        good = outage_story.run(lab)
    if not good:
        raise Failed(f"the outage did not go as announced:\n{told.getvalue()[-8000:]}")
    notes = [entry["notes"] for entry in lab.chatlab("journal")]
    return Proof(
        changed=first.changed,
        again=second.changed,
        lost=sum(len(note.get("lost_errors", ())) for note in notes),
        twice=sum("ran_again" in note for note in notes),
    )


def _built(lab: labs.Lab) -> labs.Run:
    run = lab.play("site")
    if run.rc or not run.recap:
        raise Failed(f"site returned {run.rc}:\n{run.output[-4000:]}")
    return run


def drill(lab: labs.Lab) -> int:
    """One write of each operation, the middle one of its batches, executed twice and half-way.

    How many cells; Failed with what is wrong.
    """
    cells = 0
    for operation in OPERATIONS.values():
        lab.chatlab("revert", operation.begins_at)
        clean = baseline(lab, operation)
        number = middle_batch(clean)
        for kind in RUN_AGAIN:
            problems = cell(lab, operation, number, kind, clean)
            if problems:
                raise Failed(f"{operation.name}, write {number} {kind}: {' | '.join(problems)}")
            cells += 1
    return cells


def middle_batch(clean: Baseline) -> int:
    """The number of the write that is struck."""
    numbers = sorted(clean.batches)
    return numbers[len(numbers) // 2]


def main() -> int:
    known = [*TOOLS, TOGETHER]
    parser = argparse.ArgumentParser(
        prog="./run sqltools",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "tools", nargs="*", metavar="NAME", help=f"{' | '.join(known)}; without, all of them"
    )
    parser.add_argument(
        "--drills",
        action="store_true",
        help="one write of each operation twice and half-way, on each tool (minutes each)",
    )
    options = parser.parse_args()
    good = [_prove_and_tell(tools, options.drills) for tools in options.tools or known]
    return int(not all(good))


def _prove_and_tell(tools: str, drills: bool) -> bool:
    """Whether it went well; why not, is printed."""
    started = time.monotonic()
    good = True
    try:
        with on(tools) as lab:
            text = str(build_again_and_outage(lab))
            if drills:
                text += f"; {drill(lab)} strikes survived"
    except (
        Failed,
        labs.LabError,
        NotReached,
        RuntimeError,
        subprocess.TimeoutExpired,
    ) as error:
        text = str(error)
        good = False
    print(verdict(good, f"{tools:24}", time.monotonic() - started, text), flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main())
