"""./run test: every check, in the order of what it costs; stops at nothing, reports everything, fails if anything failed."""
from __future__ import annotations

import argparse
import os
import pathlib
import subprocess
import sys
import time

from . import labs

BIN = pathlib.Path(sys.executable).parent
CHECKS: dict[str, list[str]] = {
    "yamllint": [str(BIN / "yamllint"), "-s", "."],
    "ruff": [str(BIN / "ruff"), "check", "."],
    "mypy": [str(BIN / "mypy")],
    "changelog": [str(BIN / "antsibull-changelog"), "lint"],
    "ansible-lint": [str(BIN / "ansible-lint"), "-q"],
    "unit": [sys.executable, "-m", "pytest", "-q"],
    "integration": [sys.executable, "-m", "pytest", "-q", "-n", "3", "--dist", "loadfile", "-m", "not campaign", "tests/integration"],
    "molecule": [sys.executable, "-m", "tools.scenarios", "--representative"],
}


#: Only when asked for: what ./run test shows a slice of.
CAMPAIGNS: dict[str, list[str]] = {
    "campaign": [sys.executable, "-m", "pytest", "-q", "-m", "campaign", "tests/integration"],
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run test", description=__doc__)
    parser.add_argument("only", nargs="*", choices=[*CHECKS, *CAMPAIGNS, []], help="run these checks only")
    names = parser.parse_args().only or list(CHECKS)
    outcomes: dict[str, tuple[int, float]] = {}
    for name in names:
        print(f"== {name} ==", flush=True)
        started = time.monotonic()
        rc = subprocess.run({**CHECKS, **CAMPAIGNS}[name], cwd=labs.ROOT, stdin=subprocess.DEVNULL, check=False,
                            env={**labs.play_environment(), "ANSIBLE_LINT_NODEPS": "1", "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}).returncode
        outcomes[name] = (rc, time.monotonic() - started)
    left = labs.chatlab(labs.home(), "ps")
    strays = [row for row in left if row["name"] not in ("default", "low_bandwidth", "several_pools")]
    print("\n" + "\n".join(f"{'ok    ' if rc == 0 else 'FAILED'} {name:13} {seconds:6.1f} s" for name, (rc, seconds) in outcomes.items()))
    if strays:
        print(f"FAILED: labs were left running: {[row['name'] for row in strays]}")
    failed = sum(rc != 0 for rc, _seconds in outcomes.values()) + bool(strays)
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
