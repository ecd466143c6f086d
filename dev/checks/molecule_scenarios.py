"""./run molecule [NAME ...]: molecule scenarios, one fresh lab each, one after the other.
--representative: those that ./run test runs.
"""

from __future__ import annotations

import argparse
import pathlib
import subprocess
import sys
import time

from dev.checks.verdicts import total, verdict
from support import labs

SCENARIOS = labs.ROOT / "extensions" / "molecule"
#: Passes through every role of the build. That check mode changes nothing, and tells what a build
#: then does, is asserted by tests/integration/test_site.py on the same estate.
REPRESENTATIVE = ("log_shipping",)
TROUBLE_LINES = 30


def known() -> list[str]:
    return sorted(path.parent.name for path in SCENARIOS.glob("*/molecule.yml"))


def environment(name: str) -> dict[str, str]:
    """Molecule's own choice of a folder for a scenario is one for all clones whose folders have the
    same name; ours is this clone's.
    """
    return {
        **labs.play_environment(),
        "MOLECULE_EPHEMERAL_DIRECTORY": str(labs.ROOT / ".cache" / "molecule" / name),
    }


def run(command: list[str], env: dict[str, str]) -> tuple[int, list[str]]:
    """The exit code, and the lines around the first fatal one: thousands of others follow it, and a
    summary that ends with it is what is read.
    """
    trouble: list[str] = []
    with subprocess.Popen(
        command,
        cwd=labs.ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=env,
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            begins = line.startswith(("fatal:", "[ERROR]:"))
            if (trouble or begins) and len(trouble) < TROUBLE_LINES:
                trouble.append(line.rstrip()[:300])
    return process.returncode, trouble


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run molecule", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(known())}")
    parser.add_argument(
        "--representative", action="store_true", help="only those that ./run test runs"
    )
    options = parser.parse_args()
    strange = sorted(set(options.names) - set(known()))
    if strange:
        parser.error(f"there is no scenario {', '.join(strange)}; there are {', '.join(known())}")
    names = options.names or known()
    if options.representative and not options.names:
        names = [*REPRESENTATIVE]
    molecule = str(pathlib.Path(sys.executable).parent / "molecule")
    good: list[bool] = []
    lines: list[str] = []
    first_trouble: list[str] = []
    for name in names:
        started = time.monotonic()
        rc, trouble = run([molecule, "test", "-s", name], environment(name))
        good.append(rc == 0)
        lines.append(verdict(rc == 0, f"{name:30}", time.monotonic() - started))
        if rc:
            first_trouble += [f"\n{name}:", *trouble]
    print("\n".join([*first_trouble, "", *lines]))
    print(total(good))
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main())
