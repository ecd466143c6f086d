"""./run sanity [sanity|units]: ansible-test sanity (every test that needs no container, no ignore
entries) and ansible-test units, in a staged copy.

ansible-test makes virtual environments of its own, with a home of its own under .cache, so that it
writes nothing into the user's.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import subprocess
import sys
import time

from dev.release import staging
from support.labs import ROOT

HOME = ROOT / ".cache" / "home"
#: ansible-test bootstraps pip by a script that it fetches from a host of its own; this stands in
#: for it in its cache, so that it needs no other host than the package index. One name for each
#: version of ansible-core that is supported.
GET_PIP = '''"""Stands in for get-pip.py: the pip that comes with Python installs the one that is asked for."""
import subprocess
import sys

wanted = [a for a in sys.argv[1:] if a not in ("--no-setuptools", "--no-wheel")]
subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL)
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *wanted]))
'''
NAMES = ("get_pip_23_1_2.py", "get_pip_24_2.py", "get_pip_25_2.py")
#: Unit tests of the plugins. Those of the lab and of the repository as a whole need more than
#: ansible-test installs; ./run test has them all.
UNITS = tuple(f"tests/unit/{name}/" for name in ("domain", "engine", "transport"))
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


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run sanity", description=__doc__)
    parser.add_argument("only", nargs="?", choices=("sanity", "units"), help="only one of them")
    only = parser.parse_args().only
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    try:
        folder = staging.stage("sanity")
    except staging.StagingError as error:
        print(f"sanity: {error}", file=sys.stderr)
        return 2
    # A repository of its own: by that of the clone around it, which ignores .cache, ansible-test
    # would find nothing to test.
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "--all", "--force"], cwd=folder, check=True)
    prepare_home()
    common = ("--venv", "--python", python, "--color", "no")
    commands = {
        "sanity": ("sanity", *common),
        "units": ("units", *common, "--requirements", *UNITS),
    }
    outcomes = {
        name: run(folder, *command) for name, command in commands.items() if only in (None, name)
    }
    print(
        "\n"
        + "\n".join(
            f"{'ok    ' if rc == 0 else 'FAILED'} ansible-test {name:8} {seconds:6.1f} s"
            for name, (rc, seconds) in outcomes.items()
        )
    )
    missing = [
        f"{test} (no {program})"
        for test, program in NEED_PROGRAMS.items()
        if not any(
            (pathlib.Path(folder) / program).exists()
            for folder in os.environ["PATH"].split(os.pathsep)
        )
    ]
    if missing:
        print(f"Passed without looking at anything here: {', '.join(missing)}")
    failed = sum(rc != 0 for rc, _seconds in outcomes.values())
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
