"""./run matrix [VERSION ...]: every supported version of ansible-core on a lab of its own: a check
run of the bare estate, a refusal, the build, again, and the story of an outage with every message
counted; all with --diff, which makes Ansible show whatever it holds.

Each version gets one of the Pythons that are present, so that each Python is met as evenly as
possible; ``--all`` takes every pair. The controller's virtual environment holds what the collection
asks for and nothing else; the lab runs in its own, whose version never changes.
"""

from __future__ import annotations

import argparse
import collections.abc
import contextlib
import dataclasses
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from dev.checks import pythons
from dev.checks.verdicts import total, verdict
from dev.commands import outage_story
from support import labs

#: The Pythons that ansible-core supports on a controller; from 2.17, the oldest that
#: meta/runtime.yml admits.
SUPPORTED: dict[str, tuple[str, ...]] = {
    "2.17": ("3.10", "3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
}
REQUIREMENTS = labs.ROOT / "dev" / "requirements" / "matrix.txt"
STRANGER = "chat-x.contoso.example"
#: What Ansible says of an exception that nobody expected.
UNEXPECTED = re.compile(
    r"Unexpected failure|Traceback|Unexpected Exception|object has no attribute"
)
WARNINGS = re.compile(r"^\[(?:DEPRECATION )?WARNING\]: .*$", re.MULTILINE)


class Failed(Exception):
    """What went wrong, with the end of what was printed."""


@dataclasses.dataclass(frozen=True)
class Pair:
    core: str
    python: str

    def __str__(self) -> str:
        return f"ansible-core {self.core} on Python {self.python}"


def all_pairs(cores: list[str], present: collections.abc.Collection[str]) -> list[Pair]:
    """Pairs of these versions that are supported, with the Pythons that are present."""
    return [pair for pair in supported(cores) if pair.python in present]


def supported(cores: list[str]) -> list[Pair]:
    """Every pair that ansible-core itself supports."""
    pairs = []
    for core in cores:
        for python in SUPPORTED[core]:
            pairs.append(Pair(core, python))
    return pairs


def one_each(pairs: list[Pair]) -> list[Pair]:
    """One pair for each ansible-core: the Python that was taken least so far, the older first."""
    taken: collections.Counter[str] = collections.Counter()
    chosen: dict[str, Pair] = {}
    for core in dict.fromkeys(pair.core for pair in pairs):
        of_this_core = [pair for pair in pairs if pair.core == core]
        chosen[core] = min(of_this_core, key=lambda pair: taken[pair.python])
        taken[chosen[core].python] += 1
    return list(chosen.values())


def skipped(
    cores: list[str], present: collections.abc.Collection[str], chosen: list[Pair]
) -> list[str]:
    """A line for each supported pair that does not run, with the reason."""
    lines = []
    for pair in supported(cores):
        if pair.python not in present:
            lines.append(f"skipped {pair}: no Python {pair.python} on this machine")
        elif pair not in chosen:
            lines.append(
                f"skipped {pair}: ansible-core {pair.core} runs with another Python"
                " (--all takes both)"
            )
    return lines


def install(pair: Pair, python: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """A controller with this version and what the collection asks for; returns its programs'
    folder.
    """
    programs = folder / "bin"
    steps = [
        [str(python), "-m", "venv", str(folder)],
        [
            str(programs / "python"),
            "-m",
            "pip",
            "install",
            "-qq",
            "--disable-pip-version-check",
            f"ansible-core~={pair.core}.0",
            "-r",
            str(REQUIREMENTS),
        ],
    ]
    for step in steps:
        done = subprocess.run(
            step,
            cwd=labs.ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode:
            raise Failed(f"cannot be installed:\n{(done.stdout + done.stderr)[-2000:]}")
    return programs


def play(lab: labs.Lab, *arguments: str) -> tuple[labs.Run, float]:
    """The site playbook, run by that controller. The tools' own modules are kept from it."""
    environment = {
        key: value for key, value in labs.play_environment().items() if key != "PYTHONPATH"
    }
    started = time.monotonic()
    done = subprocess.run(
        lab.command("site", *arguments),
        cwd=labs.ROOT,
        env={**environment, **lab.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1200,
        check=False,
    )
    return labs.Run(done.returncode, done.stdout, []), time.monotonic() - started


def went_well(run: labs.Run) -> labs.Run:
    if run.rc or not run.recap:
        raise Failed(f"ansible-playbook returned {run.rc}:\n{run.output[-4000:]}")
    return run


def be_refused(lab: labs.Lab) -> None:
    """A server that no pool has is to be active: one sentence of ours, and no traceback of
    anybody's.
    """
    run, _seconds = play(lab, "-e", json.dumps({"stretched_pool_active_servers": [STRANGER]}))
    if (
        run.rc != 2
        or f"{STRANGER} is to be active but not in pchat_servers" not in run.output
        or UNEXPECTED.search(run.output)
    ):
        raise Failed(
            "a stranger among the active servers was to be refused in one sentence;"
            f" rc {run.rc}:\n{run.output[-4000:]}"
        )


def go_through_an_outage(lab: labs.Lab) -> None:
    """The story of ./run lab failover by that controller.

    Failed, with what it told, when it does not go as announced.
    """
    with contextlib.redirect_stdout(io.StringIO()) as told:
        good = outage_story.run(lab)
    if not good:
        raise Failed(f"the outage did not go as announced:\n{told.getvalue()[-8000:]}")


def prove(pair: Pair, python: pathlib.Path) -> str:
    """Whatever the collection does, done once by this controller; in words.

    Failed when it does not go as it should.
    """
    with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
        programs = install(pair, python, pathlib.Path(folder))
        version = exact_version(programs)
        with labs.running("default") as lab:
            lab.programs = programs
            lab.environment = {"ANSIBLE_DIFF_ALWAYS": "1"}
            check, _seconds = play(lab, "--check", "--diff")
            went_well(check)
            be_refused(lab)
            first, cold = play(lab)
            second, warm = play(lab)
            went_well(first)
            went_well(second)
            if not first.changed or second.changed:
                raise Failed(
                    f"changed={first.changed}, then changed={second.changed};"
                    " something and then nothing was expected"
                )
            go_through_an_outage(lab)
    lines = [
        f"{version}: a check, a refusal, changed={first.changed} in {cold:.0f} s,"
        f" then changed=0 in {warm:.0f} s, the outage as announced"
    ]
    for warning in sorted(set(WARNINGS.findall(check.output + first.output + second.output))):
        lines.append(f"       {warning}")
    return "\n".join(lines)


def exact_version(programs: pathlib.Path) -> str:
    """As ``ansible --version`` tells it, with its patch level."""
    done = subprocess.run(
        [str(programs / "ansible"), "--version"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"core (\S+)\]", done.stdout)
    return found[1] if found else "?"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./run matrix",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "versions",
        nargs="*",
        choices=[*SUPPORTED, []],
        metavar="VERSION",
        help=f"of ansible-core: {', '.join(SUPPORTED)}; without, all",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="every supported pair of ansible-core and Python, not one for each ansible-core",
    )
    options = parser.parse_args()
    cores = options.versions or list(SUPPORTED)
    present = pythons.present()
    chosen = all_pairs(cores, present)
    if not options.all:
        chosen = one_each(chosen)
    good = [_prove_and_tell(pair, present[pair.python]) for pair in chosen]
    print("\n".join(skipped(cores, present, chosen)))
    print(total(good) + _not_run_at_all(cores, chosen))
    return int(not good or not all(good))


def _prove_and_tell(pair: Pair, python: pathlib.Path) -> bool:
    """Whether it went well; why not, is printed."""
    started = time.monotonic()
    good = True
    try:
        text = prove(pair, python)
    except (Failed, labs.LabError, subprocess.TimeoutExpired) as error:
        text = str(error)
        good = False
    print(verdict(good, str(pair), time.monotonic() - started, text), flush=True)
    return good


def _not_run_at_all(cores: list[str], chosen: list[Pair]) -> str:
    ran = {pair.core for pair in chosen}
    without = [core for core in cores if core not in ran]
    if not without:
        return ""
    return f"; not run at all: ansible-core {', '.join(without)}"


if __name__ == "__main__":
    sys.exit(main())
