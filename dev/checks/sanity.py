"""./run sanity [sanity|units]: ansible-test sanity (every test that needs no container, no ignore
entries) and ansible-test units, in a staged copy.

ansible-test makes virtual environments of its own, with a home of its own under .cache, so that it
writes nothing into the user's.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

from dev.checks.verdicts import total, verdict
from dev.release import staging
from support.labs import ROOT

HOME = ROOT / ".cache" / "home"
#: ansible-test bootstraps pip by a script that it fetches from a host of its own; this stands in
#: for it in its cache, so that it needs no other host than the package index. One name for each
#: version of ansible-core that is supported.
GET_PIP = '''"""Stands in for get-pip.py: the pip that comes with Python does its work."""
import subprocess
import sys

wanted = [a for a in sys.argv[1:] if a not in ("--no-setuptools", "--no-wheel")]
python = [sys.executable, "-m"]
subprocess.check_call([*python, "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL)
sys.exit(subprocess.call([*python, "pip", "install", *wanted]))
'''
NAMES = ("get_pip_23_1_2.py", "get_pip_24_2.py", "get_pip_25_2.py")
#: Unit tests of the plugins. Those of the lab and of the repository as a whole need more than
#: ansible-test installs; ./run test has them all.
UNITS = tuple(f"tests/unit/{name}/" for name in ("action", "domain", "engine", "transport"))
#: Of those, the ones that ask the lab: what its server makes of T-SQL, and its shell of commands.
ON_THE_LAB = (
    "tests/unit/domain/calls/tsql/test_twice_and_half_way.py",
    "tests/unit/domain/terminal/test_plan_files.py",
)
#: Tests that pass without doing anything where their program is missing; said, so that nobody
#: believes they ran.
NEED_PROGRAMS = {"pslint": "pwsh", "shellcheck": "shellcheck"}


def prepare_home() -> None:
    """Stand-ins, and pip's settings: ansible-test passes on neither PIP_* nor the user's own
    configuration.
    """
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        (cache / name).write_text(GET_PIP, encoding="utf-8")
    settings = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    lines: dict[str, str] = {}
    for line in settings.splitlines():
        key, _equals, value = line.partition("=")
        lines[key.rpartition(".")[2]] = value.strip().strip("'").replace("\\n", " ")
    target = HOME / ".config" / "pip" / "pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)  # an index address may hold a password
    target.write_text(
        "[global]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items()),
        encoding="utf-8",
    )


def run(folder: pathlib.Path, *arguments: str) -> tuple[int, float]:
    started = time.monotonic()
    environment = {**os.environ, "HOME": str(HOME), "PYTHONPATH": ""}
    for name in ("ANSIBLE_CONFIG", "ANSIBLE_COLLECTIONS_PATH"):
        environment.pop(name, None)
    done = subprocess.run(
        [str(pathlib.Path(sys.executable).parent / "ansible-test"), *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        env=environment,
        check=False,
    )
    return done.returncode, time.monotonic() - started


def staged() -> pathlib.Path:
    """The copy, in a repository of its own.

    By that of the clone around it, which ignores .cache, ansible-test would find nothing to test.
    """
    folder = staging.stage("sanity")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "--all", "--force"], cwd=folder, check=True)
    return folder


def without_programs() -> list[str]:
    """Tests that pass here without looking at anything, and the program that each one lacks."""
    return [
        f"{test} (no {program})"
        for test, program in NEED_PROGRAMS.items()
        if shutil.which(program) is None
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run sanity", description=__doc__)
    parser.add_argument("only", nargs="?", choices=("sanity", "units"), help="only one of them")
    only = parser.parse_args().only
    try:
        folder = staged()
    except staging.StagingError as error:
        print(f"sanity: {error}", file=sys.stderr)
        return 2
    prepare_home()
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    common = ("--venv", "--python", python, "--color", "no")
    left_out: list[str] = []
    for file in ON_THE_LAB:
        left_out += ("--exclude", file)
    commands = {
        "sanity": ("sanity", *common),
        "units": ("units", *common, "--requirements", *left_out, *UNITS),
    }
    outcomes: dict[str, tuple[int, float]] = {}
    for name, command in commands.items():
        if only in (None, name):
            outcomes[name] = run(folder, *command)
    print()
    for name, (rc, seconds) in outcomes.items():
        print(verdict(rc == 0, f"ansible-test {name:8}", seconds))
    missing = without_programs()
    if missing:
        print(f"Passed without looking at anything here: {', '.join(missing)}")
    good = [rc == 0 for rc, _seconds in outcomes.values()]
    print(total(good))
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main())
