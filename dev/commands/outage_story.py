"""./run lab failover [--dirty] [--keep]: the whole story on a lab of its own.

Build, traffic, data centre lost, failover, traffic, data centre back, failback; every message is
counted. With --dirty the estate is one that was administered for years, and its administrators go
on: before each chapter that decides something, histories are cleaned up, other tools back up, and
clocks are apart.
"""

from __future__ import annotations

import sys
import time
import typing as t

from support import dirt, labs
from support.outage import ANSWERS, POOL, Ledger, announced, covered, ledger

_ALWAYS = ("TASK [", "PLAY ", "ok:", "skipping:", "included:", "changed:", "PLAY RECAP")
#: What an administrator's terminal shows.
_FOR_PEOPLE = {"ANSIBLE_STDOUT_CALLBACK": "lync.persistent_chat.night"}


class Story:
    """What is told as it happens. ``failed``: something was not as announced.

    ``for_people``: what playbooks print is what an administrator would see.
    """

    def __init__(self, lab: labs.Lab, dirty: bool = False, for_people: bool = False) -> None:
        self.lab = lab
        self.dirty = dirty
        self.for_people = for_people
        self.environment: dict[str, str] = {}
        if for_people:
            self.environment = _FOR_PEOPLE
        self.chapter = 0
        self.failed = False

    def tell(self, title: str) -> None:
        """A new chapter."""
        self.chapter += 1
        print(f"\n== {self.chapter}. {title}", flush=True)

    def play(self, playbook: str, *arguments: str) -> labs.Run:
        """Run a playbook, and print of its output what a person reads."""
        shown = " ".join(argument for argument in arguments if argument not in ANSWERS)
        print(f"   $ ansible-playbook playbooks/{playbook}.yml {shown}".rstrip(), flush=True)
        started = time.monotonic()
        run = self.lab.play(playbook, *arguments, environment=self.environment)
        for line in self._worth(run.output):
            print(f"   | {line}".rstrip())
        seconds = time.monotonic() - started
        word = "FAILED" if run.rc else "done"
        print(f"   {word} after {seconds:.0f} s.", flush=True)
        if run.rc:
            self.failed = True
            print(run.output[-4000:])
        return run

    def _worth(self, output: str) -> t.Iterator[str]:
        """The plan and the status as they were printed, without Ansible's frame around them; what
        is printed for people has none.
        """
        if self.for_people:
            yield from output.splitlines()
            return
        telling = False
        for line in output.splitlines():
            if line.startswith("TASK ["):
                telling = "Decide]" in line or "Tell what stands where]" in line
            elif telling and line and not line.startswith(_ALWAYS):
                yield line

    def soil(self, hosts: t.Sequence[str]) -> None:
        """What administrators do meanwhile, on hosts that are there."""
        if not self.dirty:
            return
        dirt.soil(self.lab, hosts)
        print("   Histories are cleaned up, and other tools back up.", flush=True)

    def count(self) -> Ledger:
        """Count the messages of everybody."""
        found = ledger(self.lab)
        warning = "  IMPOSSIBLE STATES WERE SEEN" if found.impossible else ""
        print(f"   Messages: {found}.{warning}", flush=True)
        self.failed |= found.impossible
        return found

    def expect(self, holds: bool, text: str) -> None:
        """Something was announced, and holds or does not."""
        word = "Yes" if holds else "NO"
        print(f"   {word}: {text}", flush=True)
        self.failed |= not holds


def run(lab: labs.Lab, dirty: bool = False, for_people: bool = False) -> bool:
    """True when everything came true. ``for_people``: see Story."""
    story = Story(lab, dirty, for_people)
    if dirty:
        dirt.set_clocks_apart(lab)
    _build_and_chat(story, lab)
    fault = _lose_and_fail_over(story, lab)
    _come_home(story, lab, fault)
    impossible = [entry for entry in lab.chatlab("journal") if entry.get("impossible")]
    story.expect(not impossible, "the lab saw no call that a real server would not know")
    return not story.failed


def _build_and_chat(story: Story, lab: labs.Lab) -> None:
    story.tell("Build and protect the pool")
    story.play("site")
    story.tell("People chat; log shipping runs every 15 minutes")
    lab.chatlab("chat", "post", "40")
    lab.chatlab("clock", "advance", "40m")
    story.count()
    lab.chatlab("chat", "post", "6")
    print("   Six more messages, which no log backup holds yet.")
    story.count()
    story.soil((*dirt.NORTH, *dirt.SOUTH))


def _lose_and_fail_over(story: Story, lab: labs.Lab) -> str:
    """The id of the fault by which the data centre is gone."""
    story.tell("The primary data centre is gone: all its hosts hang, none refuses")
    fault = lab.add_fault("site", "site=north", "mode=hang")
    story.play("status", *ANSWERS)
    story.tell("Failover")
    failover = story.play("failover", *ANSWERS)
    loss = announced(failover)
    covered_by_it = covered(lab, loss)
    found = story.count()
    sentence = loss["sentence"] if loss else "nothing"
    story.expect(
        set(found.lost) == covered_by_it,
        f"the {len(found.lost)} messages that are lost"
        f" are the {len(covered_by_it)} that were announced: {sentence}",
    )
    story.tell("People chat on the backup copy")
    lab.chatlab("chat", "post", "15")
    story.soil(dirt.SOUTH)
    return fault


def _come_home(story: Story, lab: labs.Lab, fault: str) -> None:
    lost = story.count().lost
    story.tell("The primary data centre is back, with its old copy and its log backup jobs")
    lab.chatlab("fault", "clear", fault)
    story.soil((*dirt.NORTH, *dirt.SOUTH))
    story.play("status", *ANSWERS)
    story.tell("Failback")
    story.play("failback", *ANSWERS)
    found = story.count()
    story.expect(found.lost == lost, "nothing more was lost on the way home")
    story.tell("People chat on the primary copy; an hour passes")
    lab.chatlab("chat", "post", "10")
    lab.chatlab("clock", "advance", "1h")
    found = story.count()
    held = _held_by_the_backup_copy(lab)
    story.expect(
        held == found.present,
        f"the backup copy follows again: it holds {held} of {found.present}",
    )


def _held_by_the_backup_copy(lab: labs.Lab) -> int:
    """How many messages the copy on sql-s1 holds."""
    copies = lab.chatlab("chat", "verify")["pools"][POOL]["copies"]
    (held,) = (copy["held"] for name, copy in copies.items() if name.startswith("sql-s1"))
    return int(held)


def tell_how_it_went(good: bool) -> None:
    """The story's last line."""
    if good:
        print("\nThe story went as announced.")
    else:
        print("\nSomething did NOT go as announced; see above.")


def main() -> int:
    keep = "--keep" in sys.argv
    dirty = "--dirty" in sys.argv
    name = "failover"
    estate = dirt.ESTATE if dirty else "default"
    labs.chatlab(labs.home(), "down", "--name", name)
    try:
        with labs.running(estate, name, keep=keep, inventory=dirt.INVENTORY) as lab:
            good = run(lab, dirty, for_people=True)
    except labs.Terminated as asked:
        print(f"\nEnded by {asked}; the lab and the playbook that ran are stopped.", flush=True)
        return 143
    tell_how_it_went(good)
    if keep:
        print(
            f"The lab still runs; look around: ./run chatlab state --name {name}"
            f"   Stop it: ./run chatlab down --name {name}"
        )
    return int(not good)
