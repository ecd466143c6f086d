"""./run kills: kill the build after every single write, run it again, and require the same estate as an undisturbed build.

The n-th write is executed by the lab, but its answer never comes; then ansible-playbook is killed with everything it started,
the lab answers again, and the playbook is run once more. A third run must change nothing. With --when twice or half-way nothing is killed:
the n-th write, if it is a batch of T-SQL, is executed twice, in whole or after having got half-way, as some versions of Invoke-Sqlcmd do.
"""
from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
import typing as t

from support import labs

#: How a batch may be executed more than once -> the lab's action for it.
RUN_AGAIN = {"twice": "twice", "half-way": "half_way"}


class NotReached(Exception):
    """The playbook ended before the write that it was to be killed at."""


def clean_build(lab: labs.Lab, playbook: str = "site") -> tuple[int, t.Any]:
    """How many writes an undisturbed run takes, and the fingerprint of the estate that it leaves."""
    run = lab.play(playbook)
    if run.rc:
        raise SystemExit(f"The undisturbed run of {playbook} failed:\n{run.output[-3000:]}")
    return len(lab.chatlab("journal", "--writes")), lab.chatlab("state", "--fingerprint")


def killed_at(lab: labs.Lab, number: int, when: str = "after", playbook: str = "site", patience: float = 300, arguments: t.Sequence[str] = ()) -> None:
    """Run the playbook until its n-th write from now hangs, then kill it with all its workers."""
    fault = lab.chatlab("fault", "add", "write", f"number={number}", f"when={when}", "action=hang")["id"]
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        process = subprocess.Popen(lab.command(playbook, *arguments), cwd=labs.ROOT, stdin=subprocess.DEVNULL, stdout=nowhere, stderr=nowhere,
                                   env=labs.play_environment(), start_new_session=True)
        try:
            ends = time.monotonic() + patience
            while not hanging(lab, fault):
                if process.poll() is not None:
                    raise NotReached(f"the run ended (rc {process.returncode}) before write {number}")
                if time.monotonic() > ends:
                    raise NotReached(f"write {number} was not reached within {patience:.0f} s")
                time.sleep(0.1)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            lab.chatlab("fault", "clear", fault)


def run_again_at(lab: labs.Lab, number: int, kind: str, playbook: str = "site", arguments: t.Sequence[str] = ()) -> labs.Run:
    """Run the playbook to its end; its n-th write from now is executed once more (kind: of RUN_AGAIN). It may fail: the next one must not."""
    fault = lab.chatlab("fault", "add", "write", f"number={number}", f"action={RUN_AGAIN[kind]}")["id"]
    try:
        run = lab.play(playbook, *arguments)
        if not hanging(lab, fault):
            raise NotReached(f"the run ended (rc {run.rc}) before write {number}")
        return run
    finally:
        lab.chatlab("fault", "clear", fault)


def hanging(lab: labs.Lab, fault: str) -> bool:
    return any(row["id"] == fault and row.get("fired") for row in lab.chatlab("fault", "list"))


def survives(lab: labs.Lab, number: int, wanted: t.Any, when: str = "after", playbook: str = "site") -> list[str]:
    """What is wrong after a kill at this write, or its second execution, and another run; empty when nothing is."""
    lab.chatlab("reset")
    if when in RUN_AGAIN:
        run_again_at(lab, number, when, playbook)
    else:
        killed_at(lab, number, when, playbook)
    again = lab.play(playbook)
    if again.rc:
        failures = [f"{f['task']} on {f['on']}: {f['result'].get('msg')}" for f in again.failures()]
        return [f"the next run failed: {failures or again.output[-1500:]}"]
    problems = []
    if lab.chatlab("state", "--fingerprint") != wanted:
        problems.append("the estate differs from an undisturbed build: " + "; ".join(differences(wanted, lab.chatlab("state", "--fingerprint"))))
    third = lab.play(playbook)
    if third.rc or third.changed:
        problems.append(f"a third run changed {third.changed}: {[s[:3] for s in third.steps()]}")
    if lab.chatlab("chat", "verify").get("lost"):
        problems.append("the ledger lost messages")
    return problems


def differences(wanted: t.Any, found: t.Any, where: str = "") -> list[str]:
    """Paths at which two JSON documents differ."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return [line for key in sorted({*wanted, *found}, key=str) for line in differences(wanted.get(key), found.get(key), f"{where}/{key}")]
    return [] if wanted == found else [f"{where}: wanted {wanted!r}, found {found!r}"[:300]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run kills", description=__doc__)
    parser.add_argument("--inventory", default="default")
    parser.add_argument("--from", dest="first", type=int, default=1)
    parser.add_argument("--to", dest="last", type=int, default=0, help="0: the last write")
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--when", choices=["before", "after", *RUN_AGAIN], default="after")
    options = parser.parse_args()
    bad = 0
    with labs.running(options.inventory) as lab:
        writes, wanted = clean_build(lab)
        numbers = range(options.first, (options.last or writes) + 1, options.step)
        print(f"An undisturbed build takes {writes} writes; {len(numbers)} of them are struck: {options.when}.", flush=True)
        for number in numbers:
            try:
                problems = survives(lab, number, wanted, options.when)
            except NotReached as error:
                problems = [str(error)]
            bad += bool(problems)
            print(f"write {number:3}: {'ok' if not problems else 'FAILED ' + ' | '.join(problems)}", flush=True)
    print(f"{len(numbers) - bad} passed, {bad} failed")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
