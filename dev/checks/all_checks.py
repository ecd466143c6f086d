"""./run test: every check; stops at nothing, reports everything, fails if anything failed."""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import time
import typing as t

from dev.checks import slowest
from dev.checks.verdicts import total, verdict
from support import labs

BIN = pathlib.Path(sys.executable).parent
CHECKS: dict[str, list[str]] = {
    "yamllint": [str(BIN / "yamllint"), "-s", "."],
    "ruff": [str(BIN / "ruff"), "check", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "."],
    "mypy": [str(BIN / "mypy")],
    "house": [sys.executable, "-m", "dev.checks.house", "--check"],
    "changelog": [str(BIN / "antsibull-changelog"), "lint"],
    "ansible-lint": [sys.executable, "-m", "dev.checks.lint", "-q"],
    "unit": [sys.executable, "-m", "pytest", "-q", *slowest.recorded("unit")],
    "integration": [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "4",
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        "-m",
        "not campaign",
        *slowest.recorded("integration"),
        "tests/integration",
    ],
    "molecule": [sys.executable, "-m", "dev.checks.molecule_scenarios", "--representative"],
    "kerberos": [sys.executable, "-m", "dev.checks.kerberos"],
}
#: What another check finds as well: carried out alone only, or when asked for.
FOUND_BESIDES = {"mypy": "house"}
#: Each keeps one core busy: they go beside the tests of integration, which wait now and then, one
#: after the other, since two at a time are in each other's way; each is printed when it is through.
#: They have the processor first: one that is left at the end keeps one core busy, the other idle.
BESIDE = (
    "unit",
    "molecule",
    "ansible-lint",
    "house",
    "mypy",
    "kerberos",
    "yamllint",
    "ruff",
    "format",
    "changelog",
)

#: How the tests of integration let them go first.
BEHIND = ("nice", "-n", "4")

#: Only when asked for: what ./run test shows a slice of.
CAMPAIGNS: dict[str, list[str]] = {
    "campaign": [sys.executable, "-m", "pytest", "-q", "-m", "campaign", "tests/integration"],
}


#: Labs of people, which may run while everything is checked.
OF_PEOPLE = ("default", "low_bandwidth", "several_pools")


class Outcome(t.NamedTuple):
    """``printed``: what a check that ran aside had to say."""

    rc: int
    seconds: float
    printed: str = ""


def carry_out(name: str, *, behind: bool = False) -> Outcome:
    """A check whose output is seen as it comes. ``behind``: others go first."""
    started = time.monotonic()
    done = subprocess.run(
        [*(BEHIND if behind else ()), *command_of(name)],
        cwd=labs.ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Outcome(done.returncode, time.monotonic() - started)


def carry_out_aside(name: str) -> Outcome:
    """A check whose output is kept until others are through."""
    started = time.monotonic()
    done = subprocess.run(
        command_of(name),
        cwd=labs.ROOT,
        env=environment(),
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
    )
    return Outcome(done.returncode, time.monotonic() - started, done.stdout)


def command_of(name: str) -> list[str]:
    """The program that makes a check, with its arguments."""
    return {**CHECKS, **CAMPAIGNS}[name]


def environment() -> dict[str, str]:
    """That of a playbook run, with the programs of this environment first."""
    return {
        **labs.play_environment(),
        "ANSIBLE_LINT_NODEPS": "1",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }


def carry_out_all(names: list[str]) -> dict[str, Outcome]:
    """Those that keep one core busy beside the others, if there are others; what these print is
    seen as it comes.
    """
    outcomes: dict[str, Outcome] = {}
    beside = [name for name in BESIDE if name in names]
    if len(beside) == len(names):
        beside = []
    with concurrent.futures.ThreadPoolExecutor(1) as aside:
        futures = {name: aside.submit(carry_out_aside, name) for name in beside}
        for name in names:
            if name not in beside:
                print(f"== {name} ==", flush=True)
                outcomes[name] = carry_out(name, behind=bool(beside))
        for name, future in futures.items():
            outcomes[name] = future.result()
            print(f"== {name} ==\n{outcomes[name].printed}", flush=True)
    return outcomes


def labs_left_running() -> list[str]:
    """Names of labs that a check started and nobody stopped."""
    running = [str(row["name"]) for row in labs.chatlab(labs.home(), "ps")]
    return [name for name in running if name not in OF_PEOPLE]


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run test", description=__doc__)
    parser.add_argument(
        "only", nargs="*", choices=[*CHECKS, *CAMPAIGNS, []], help="run these checks only"
    )
    parser.add_argument(
        "--slowest",
        action="store_true",
        help="list the slowest thirty tests; without checks, of what was run last",
    )
    options = parser.parse_args()
    if options.slowest and not options.only:
        return slowest.main()
    names = options.only or [name for name in CHECKS if name not in FOUND_BESIDES]
    outcomes = carry_out_all(names)
    if options.slowest:
        slowest.main()
    print()
    for name in names:
        print(verdict(outcomes[name].rc == 0, f"{name:13}", outcomes[name].seconds))
    good = [outcome.rc == 0 for outcome in outcomes.values()]
    strays = labs_left_running()
    if strays:
        print(f"FAILED: labs were left running: {strays}")
        good.append(False)
    print(total(good))
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main())
