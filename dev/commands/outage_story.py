"""./run lab failover: the whole story on a lab of its own, with every message counted: build,
traffic, data centre lost, failover, traffic, data centre back, failback.
"""

from __future__ import annotations

import sys
import time
import typing as t

from support import labs
from support.outage import ANSWERS, Ledger, announced, covered, ledger

_ALWAYS = ("TASK [", "PLAY ", "ok:", "skipping:", "included:", "changed:", "PLAY RECAP")


class Story:
    def __init__(self, lab: labs.Lab) -> None:
        self.lab, self.chapter, self.failed = lab, 0, False

    def tell(self, title: str) -> None:
        self.chapter += 1
        print(f"\n== {self.chapter}. {title}", flush=True)

    def play(self, playbook: str, *arguments: str) -> labs.Run:
        shown = " ".join(a for a in arguments if a not in ANSWERS)
        print(f"   $ ansible-playbook playbooks/{playbook}.yml {shown}".rstrip(), flush=True)
        started = time.monotonic()
        run = self.lab.play(playbook, *arguments)
        for line in self._worth(run.output):
            print(f"   | {line}")
        print(
            f"   {'done' if run.rc == 0 else 'FAILED'} after {time.monotonic() - started:.0f} s: {run.changed} tasks changed something.",
            flush=True,
        )
        if run.rc:
            self.failed = True
            print(run.output[-4000:])
        return run

    @staticmethod
    def _worth(output: str) -> t.Iterator[str]:
        """The plan and the status as they were printed, without the frame that Ansible puts around
        them.
        """
        telling = False
        for line in output.splitlines():
            if line.startswith("TASK ["):
                telling = "Decide]" in line or "Tell what stands where]" in line
            elif telling and line and not line.startswith(_ALWAYS):
                yield line

    def count(self) -> Ledger:
        found = ledger(self.lab)
        print(
            f"   Messages: {found}.{'  IMPOSSIBLE STATES WERE SEEN' if found.impossible else ''}",
            flush=True,
        )
        self.failed |= found.impossible
        return found

    def expect(self, holds: bool, text: str) -> None:
        print(f"   {'Yes' if holds else 'NO'}: {text}", flush=True)
        self.failed |= not holds


def run(lab: labs.Lab) -> bool:
    """True when everything came true."""
    story = Story(lab)
    story.tell("Build and protect the pool")
    story.play("site")
    story.tell("People chat; log shipping runs every 15 minutes")
    lab.chatlab("chat", "post", "40")
    lab.chatlab("clock", "advance", "40m")
    story.count()
    lab.chatlab("chat", "post", "6")
    print("   Six more messages, which no log backup holds yet.")
    story.count()
    story.tell("The primary data centre is gone: all its hosts hang, none refuses")
    lab.chatlab("fault", "add", "site", "site=north", "mode=hang")
    story.play("status", *ANSWERS)
    story.tell("Failover")
    failover = story.play("failover", *ANSWERS)
    loss = announced(failover)
    covered_by_it = covered(lab, loss)
    found = story.count()
    story.expect(
        set(found.lost) == covered_by_it,
        f"the {len(found.lost)} messages that are lost are the {len(covered_by_it)} that were announced: "
        f"{loss['sentence'] if loss else 'nothing'}",
    )
    story.tell("People chat on the backup copy")
    lab.chatlab("chat", "post", "15")
    lost = story.count().lost
    story.tell("The primary data centre is back, with its old copy and its log backup jobs")
    lab.chatlab("fault", "clear")
    story.play("status", *ANSWERS)
    story.tell("Failback")
    story.play("failback", *ANSWERS)
    found = story.count()
    story.expect(found.lost == lost, "nothing more was lost on the way home")
    story.tell("People chat on the primary copy; an hour passes")
    lab.chatlab("chat", "post", "10")
    lab.chatlab("clock", "advance", "1h")
    found = story.count()
    backup = next(
        c
        for name, c in lab.chatlab("chat", "verify")["pools"]["chat.contoso.example"][
            "copies"
        ].items()
        if name.startswith("sql-s1")
    )
    story.expect(
        backup["held"] == found.present,
        f"the backup copy follows again: it holds {backup['held']} of {found.present}",
    )
    impossible = [entry for entry in lab.chatlab("journal") if entry.get("impossible")]
    story.expect(not impossible, "the lab saw no call that a real server would not know")
    return not story.failed


def main() -> int:
    keep = "--keep" in sys.argv
    name = "failover"
    labs.chatlab(labs.home(), "down", "--name", name)
    try:
        with labs.running("default", name, keep=keep) as lab:
            good = run(lab)
    except labs.Terminated as asked:
        print(f"\nEnded by {asked}; the lab and the playbook that ran are stopped.", flush=True)
        return 143
    print(
        "\nThe story went as announced."
        if good
        else "\nSomething did NOT go as announced; see above."
    )
    if keep:
        print(
            f"The lab still runs; look around: ./run chatlab state --name {name}   Stop it: ./run chatlab down --name {name}"
        )
    return int(not good)
