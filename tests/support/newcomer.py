"""A newcomer: reads docs/deployment.md, has the collection's tarball, and types what stands there.

Files and commands come from the page, from the blocks behind ``<!-- file: NAME -->`` and ``<!--
newcomer: CHAPTER -->``. Only where the lab is stands in an inventory of its own beside the page's.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time
import typing as t

import yaml

from dev.release import staging
from support import labs
from support.outage import ledger
from support.terminal import at_a_terminal

PAGE = labs.ROOT / "docs" / "deployment.md"
ESTATE = "newcomer"
_MARKED = re.compile(
    r"^<!-- (?P<kind>file|newcomer): (?P<name>\S+) -->\n```\w+\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_BIN = pathlib.Path(sys.executable).parent
#: Seconds that one command may take.
_LIMIT = 600.0


class Failed(Exception):
    """Something that the page promises did not come true; the text says what was seen."""


@dataclasses.dataclass(frozen=True)
class Typed:
    """A command that was typed: how long it took, and what it printed."""

    command: str
    seconds: float
    printed: str

    @property
    def lines(self) -> int:
        return len(self.printed.splitlines())

    @property
    def changed(self) -> int:
        """How many tasks changed something, or would in check mode, as the run's last line says."""
        found = re.findall(r"(\d+) tasks? (?:would change|changed) something", self.printed)
        return sum(map(int, found))

    def __str__(self) -> str:
        return f"{self.seconds:6.1f} s {self.lines:5} lines  {self.command}"


def blocks(kind: str) -> dict[str, str]:
    """Name -> text of the marked blocks, in the page's order."""
    page = PAGE.read_text(encoding="utf-8")
    found = [match for match in _MARKED.finditer(page) if match["kind"] == kind]
    return {match["name"]: match["text"] for match in found}


def tarball(folder: pathlib.Path) -> pathlib.Path:
    """The collection as a release has it, built into the folder."""
    staged = staging.stage("newcomer")
    subprocess.run(
        [_program("ansible-galaxy"), "collection", "build", str(staged), "--output-path", folder],
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=_LIMIT,
    )
    (found,) = folder.glob("*.tar.gz")
    return found


def _program(name: str) -> str:
    return str(_BIN / name)


@dataclasses.dataclass
class Newcomer:
    """``folder``: theirs, empty at first but for the tarball. ``lab``: the servers."""

    folder: pathlib.Path
    lab: labs.Lab
    typed: list[Typed] = dataclasses.field(default_factory=list)
    tell: t.Callable[[Typed], None] = lambda typed: None

    def write_files(self) -> None:
        """The files of the page, what Topology Builder published, and where the lab is."""
        for name, text in blocks("file").items():
            (self.folder / name).write_text(text, encoding="utf-8")
        document = self.lab.chatlab("document")["document"]
        (self.folder / "topology.xml").write_text(document, encoding="utf-8")
        (self.folder / "lab.yml").write_text(yaml.safe_dump(self._connection()), encoding="utf-8")

    def _connection(self) -> dict[str, t.Any]:
        """What differs between the page's servers and the lab's: addresses, and how to log on."""
        told = yaml.safe_load(self.lab.connection_file.read_text(encoding="utf-8"))["all"]
        short = {name.partition(".")[0]: about for name, about in told["hosts"].items()}
        logon = {**told["vars"], "ansible_psrp_auth": "negotiate"}
        return {"all": {"hosts": short, "children": {"pool_woodgrove": {"vars": logon}}}}

    def chapter(self, name: str) -> list[Typed]:
        """Type each line of a chapter's block. Raises Failed at the first that ends badly."""
        done = []
        for command in blocks("newcomer")[name].splitlines():
            done.append(self.type(command))
        return done

    def type(self, command: str) -> Typed:
        """One command at a terminal, and yes where it asks."""
        started = time.monotonic()
        words = self._with_the_lab(command)
        try:
            returned, printed = at_a_terminal(words, self.folder, self._world(), _LIMIT)
        except TimeoutError as error:
            raise Failed(f"$ {command}\n{error}") from error
        done = Typed(command, time.monotonic() - started, printed)
        self.typed.append(done)
        self.tell(done)
        if returned:
            raise Failed(f"$ {command}\n{printed[-6000:]}\nreturned {returned}")
        return done

    def _with_the_lab(self, command: str) -> list[str]:
        """The command's words, with the lab's inventory behind the page's one."""
        words: list[str] = []
        for word in shlex.split(command):
            if "*" in word:
                words += sorted(path.name for path in self.folder.glob(word))
            else:
                words.append(word)
        if "hosts.yml" in words:
            place = words.index("hosts.yml") + 1
            words[place:place] = ["-i", "lab.yml"]
        return [_program(words[0]), *words[1:]]

    def _world(self) -> dict[str, str]:
        """An environment that knows nothing of this checkout."""
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("ANSIBLE_") and name not in ("PYTHONPATH", "CHATLAB_HOME")
        }
        home = {"HOME": str(self.folder / "home"), "XDG_STATE_HOME": str(self.folder / "state")}
        return {**clean, **home, "ANSIBLE_NOCOLOR": "1", "COLUMNS": "200"}


def expect(holds: bool, promise: str) -> None:
    """Failed unless what the page promises holds."""
    if not holds:
        raise Failed(f"not so: {promise}")


def look_and_prepare(newcomer: Newcomer) -> None:
    """Chapters 1 to 10 as far as they prepare; what is assumed of servers is asked later."""
    lab = newcomer.lab
    newcomer.write_files()
    newcomer.chapter("install")
    newcomer.chapter("look")
    expect(lab.chatlab("journal", "--writes") == [], "a look changes nothing")
    plan, prepared, _preflight = newcomer.chapter("prepare")
    expect(plan.changed == prepared.changed > 5, "the plan is what is done")
    again = newcomer.type(prepared.command)
    expect(again.changed == 0, "prepared again, nothing changes")


def build_and_rehearse(newcomer: Newcomer) -> None:
    """The rest: built, lost, failed over, brought home, and every message counted."""
    lab = newcomer.lab
    written = lab.chatlab("journal", "--writes")
    newcomer.chapter("assumed")
    expect(lab.chatlab("journal", "--writes") == written, "what is assumed is only asked")
    _plan, built, _status = newcomer.chapter("build")
    expect(built.changed > 0, "a build builds")
    expect(newcomer.type(built.command).changed == 0, "built again, nothing changes")
    lab.chatlab("chat", "post", "20")
    lab.chatlab("clock", "advance", "40m")
    lab.chatlab("chat", "post", "5")
    lost = lab.add_fault("site", "site=harbour", "mode=down")
    newcomer.chapter("lost")
    failed_over = ledger(lab)
    expect(len(failed_over.lost) == 5, f"what no backup held is lost, no more: {failed_over}")
    lab.chatlab("chat", "post", "10")
    lab.chatlab("fault", "clear", lost)
    newcomer.chapter("home")
    at_home = ledger(lab)
    expect(at_home.lost == failed_over.lost, f"nothing is lost on the way home: {at_home}")
    expect(at_home.acknowledged == 35, f"people could write all the time: {at_home}")
    impossible = lab.chatlab("journal", "--impossible")
    expect(impossible == [], f"no call that a real server would not know: {impossible}")
