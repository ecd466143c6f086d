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

from support import labs

BIN = pathlib.Path(sys.executable).parent
CHECKS: dict[str, list[str]] = {
    "yamllint": [str(BIN / "yamllint"), "-s", "."],
    "ruff": [str(BIN / "ruff"), "check", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "."],
    "mypy": [str(BIN / "mypy")],
    "changelog": [str(BIN / "antsibull-changelog"), "lint"],
    "ansible-lint": [str(BIN / "ansible-lint"), "-q"],
    "unit": [sys.executable, "-m", "pytest", "-q"],
    "integration": [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "3",
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        "-m",
        "not campaign",
        "tests/integration",
    ],
    "molecule": [sys.executable, "-m", "dev.checks.molecule_scenarios", "--representative"],
}
#: These keep one core busy: they go beside the unit tests, one after the other, and are printed
#: when they are through.
STATIC = ("yamllint", "ruff", "format", "mypy", "changelog", "ansible-lint")

#: Only when asked for: what ./run test shows a slice of.
CAMPAIGNS: dict[str, list[str]] = {
    "campaign": [sys.executable, "-m", "pytest", "-q", "-m", "campaign", "tests/integration"],
}


class Outcome(t.NamedTuple):
    rc: int
    seconds: float
    printed: str = ""


def carry_out(name: str, live: bool = True) -> Outcome:
    started = time.monotonic()
    done = subprocess.run(
        {**CHECKS, **CAMPAIGNS}[name],
        cwd=labs.ROOT,
        stdin=subprocess.DEVNULL,
        check=False,
        text=True,
        stdout=None if live else subprocess.PIPE,
        stderr=None if live else subprocess.STDOUT,
        env={
            **labs.play_environment(),
            "ANSIBLE_LINT_NODEPS": "1",
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        },
    )
    return Outcome(done.returncode, time.monotonic() - started, done.stdout or "")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run test", description=__doc__)
    parser.add_argument(
        "only", nargs="*", choices=[*CHECKS, *CAMPAIGNS, []], help="run these checks only"
    )
    names = parser.parse_args().only or list(CHECKS)
    outcomes: dict[str, Outcome] = {}
    with concurrent.futures.ThreadPoolExecutor(1) as aside:
        static = {
            name: aside.submit(carry_out, name, live=False) for name in names if name in STATIC
        }
        if "unit" in names:
            print("== unit ==", flush=True)
            outcomes["unit"] = carry_out("unit")
        for name, future in static.items():
            outcomes[name] = future.result()
            print(f"== {name} ==\n{outcomes[name].printed}", flush=True)
    for name in (name for name in names if name not in outcomes):
        print(f"== {name} ==", flush=True)
        outcomes[name] = carry_out(name)
    left = labs.chatlab(labs.home(), "ps")
    strays = [
        row for row in left if row["name"] not in ("default", "low_bandwidth", "several_pools")
    ]
    print(
        "\n"
        + "\n".join(
            f"{'ok    ' if outcomes[name].rc == 0 else 'FAILED'} {name:13} {outcomes[name].seconds:6.1f} s"
            for name in names
        )
    )
    if strays:
        print(f"FAILED: labs were left running: {[row['name'] for row in strays]}")
    failed = sum(outcome.rc != 0 for outcome in outcomes.values()) + bool(strays)
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
