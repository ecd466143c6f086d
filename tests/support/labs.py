"""Start, steer and stop a lab, and run playbooks against it, as a user would: through its command
line and ansible-playbook.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import http.client
import itertools
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import types
import typing as t
from collections.abc import Iterator

from pchat_lab.control import cli
from pchat_lab.control import running as running_labs
from support import patience, warm_ansible

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECAP = re.compile(
    r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE
)
COUNTED = ("ok", "changed", "unreachable", "failed")
#: Task, host it acted on, step name, calls.
TakenStep = tuple[str, str, str, tuple[str, ...]]

#: Seconds that a run which is told to end may take for it before it is killed.
GRACE = 10.0


class Step(t.TypedDict):
    """One that a task took, as its result tells it."""

    name: str
    calls: list[str]


class Fault(t.TypedDict):
    """What is read here of a fault of the lab."""

    id: str
    fired: bool


class Line(t.TypedDict):
    """What the callback ``recorder`` writes of a result. ``on``: the host that was acted on."""

    task: str
    action: str
    on: str
    status: str
    result: dict[str, t.Any]


class Terminated(KeyboardInterrupt):
    """This process was asked to end (SIGTERM, SIGHUP): what it started ends first.

    No Exception, so that nothing goes on after it.
    """


class LabError(Exception):
    """chatlab refused; the text is what it printed."""


@dataclasses.dataclass
class Run:
    """One ansible-playbook run: what it printed, what each task returned, and the play recap.

    ``results``: a line for each, as the callback ``recorder`` writes it. ``beside``: stderr, where
    that was kept apart.
    """

    rc: int
    output: str
    results: list[Line]
    beside: str = ""

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        """Host -> ok, changed, unreachable and failed."""
        found = {}
        for line in RECAP.finditer(self.output):
            counts = [int(number) for number in line.groups()[1:]]
            found[line[1]] = dict(zip(COUNTED, counts, strict=True))
        return found

    @property
    def changed(self) -> int:
        """How many tasks changed something, on all hosts."""
        return sum(host["changed"] for host in self.recap.values())

    def steps(self) -> list[TakenStep]:
        """Every step that was taken or, in check mode, would be."""
        found: list[TakenStep] = []
        for line in self.results:
            steps: list[Step] = line["result"].get("steps") or []
            for step in steps:
                found.append((line["task"], line["on"], step["name"], tuple(step["calls"])))
        return found

    def told(self) -> list[TakenStep]:
        """The steps of a run as another run can be compared with them.

        Without the wait for replication: on a slow machine the configuration has arrived before
        anybody asks. Where a task's name ends with its host, Ansible puts in the one that comes to
        it first, whoever's result it is: that part says nothing.
        """
        return [
            (task.partition(" on ")[0], host, step, calls)
            for task, host, step, calls in self.steps()
            if step != "replicate"
        ]

    def failures(self) -> list[Line]:
        """The results of tasks that failed, and of hosts that were not reached."""
        return [line for line in self.results if line["status"] in ("failed", "unreachable")]


@dataclasses.dataclass
class Lab:
    """A running lab, by name.

    ``inventory``: the folder that describes its estate, one under inventories/ or any by its whole
    path.
    ``programs``: where Ansible's programs stand.
    ``warm``: what runs playbooks in a second less, where nothing but their arguments differs.
    ``environment``, ``always``: variables and arguments that every playbook run is given besides.
    """

    name: str
    inventory: str
    home: pathlib.Path
    programs: pathlib.Path = pathlib.Path(sys.executable).parent
    warm: warm_ansible.WarmAnsible | None = None
    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    always: tuple[str, ...] = ()

    def chatlab(self, *arguments: str) -> t.Any:
        """Any question to this lab, as chatlab asks it; returns its JSON.

        Raises LabError with the lab's refusal.

        Asked without a process of its own: campaigns ask ten times a second how far a run is, and a
        core would be busy with that alone.
        """
        try:
            return cli.ask(self.home / self.name, arguments[0], list(arguments[1:]))
        except (cli.CommandError, OSError, http.client.HTTPException) as error:
            raise LabError(str(error)) from error

    def now(self) -> dt.datetime:
        """Lab time, UTC, aware."""
        told: dict[str, str] = self.chatlab("clock")
        return dt.datetime.fromisoformat(told["now"])

    def add_fault(self, kind: str, *fields: str) -> str:
        """Something breaks, or is to break; its id, by which ``fault clear`` mends it alone.

        ``fields``: ``name=value`` each.
        """
        added: dict[str, str] = self.chatlab("fault", "add", kind, *fields)
        return added["id"]

    def has_fired(self, fault: str) -> bool:
        """Whether what was to break, by its id, has come about."""
        faults: list[Fault] = self.chatlab("fault", "list")
        return any(row["id"] == fault and row["fired"] for row in faults)

    @property
    def connection_file(self) -> pathlib.Path:
        """The inventory that the lab wrote: addresses, accounts."""
        return self.home / self.name / "connection.yml"

    @property
    def authority_file(self) -> pathlib.Path:
        """The certificate authority that clients trust; the connection file names it."""
        return self.home / self.name / "ca.pem"

    def command(self, playbook: str, *arguments: str) -> list[str]:
        """A run of one of the collection's playbooks."""
        return [
            str(self.programs / "ansible-playbook"),
            "-i",
            str(ROOT / "inventories" / self.inventory / "hosts.yml"),
            "-i",
            str(self.connection_file),
            str(ROOT / "playbooks" / f"{playbook}.yml"),
            *self.always,
            *arguments,
        ]

    def play(
        self,
        playbook: str,
        *arguments: str,
        environment: dict[str, str] | None = None,
        timeout: float = 600,
        apart: bool = False,
        workers: bool = False,
    ) -> Run:
        """Run a playbook of the collection to its end.

        ``apart``: what it printed on stderr stands beside ``output``, not in it.
        ``workers``: tasks in processes of their own, whatever else would be quicker.
        """
        with tempfile.TemporaryDirectory() as folder:
            record = pathlib.Path(folder, "results.jsonl")
            command = self.command(playbook, *arguments)
            besides = {**self.environment, **(environment or {})}
            if self.warm is not None:
                # Ansible reads its own variables when it is imported.
                its_own = {name: besides[name] for name in besides if name.startswith("ANSIBLE_")}
                recorded = {"RECORD_RESULTS": str(record), **besides}
                warm = self.warm.given(its_own)
                printed = warm.run(command[1:], recorded, timeout, apart, workers=workers)
            else:
                printed = run(command, {**play_environment(record), **besides}, timeout, apart)
            return Run(printed.rc, printed.output, recorded_in(record), printed.errors)


def recorded_in(record: pathlib.Path) -> list[Line]:
    """What the callback ``recorder`` wrote there; nothing, where no task came to an end."""
    if not record.exists():
        return []
    return [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]


def run(
    command: list[str], environment: dict[str, str], timeout: float, apart: bool
) -> warm_ansible.Printed:
    """A program, to its end. TimeoutExpired when that does not come within ``timeout`` seconds."""
    with started(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if apart else subprocess.STDOUT,
        text=True,
        env=environment,
    ) as process:
        output, errors = process.communicate(timeout=timeout)
    return warm_ansible.Printed(process.returncode, output, errors or "")


@contextlib.contextmanager
def started(command: list[str], **how: t.Any) -> Iterator[subprocess.Popen[str]]:
    """A process with a group of its own, without input.

    When the block is left while it runs, the whole group is told to end, and is killed if it does
    not: ansible-playbook has workers.
    """
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True, **how
    )
    patience.make_session_as_nice(process.pid)
    try:
        yield process
    finally:
        if process.poll() is None:
            end(process)


def end(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """Tell a process that has a group of its own to end, with the group; kill it if it does not."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
        # ProcessLookupError when nobody of the group is left.
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def ends_in_order() -> Iterator[None]:
    """SIGTERM and SIGHUP become an exception inside this block.

    So labs are stopped and runs are ended. Only a main thread can do that.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, _frame: types.FrameType | None) -> None:
        raise Terminated(signal.Signals(number).name)

    before = {}
    for number in (signal.SIGTERM, signal.SIGHUP):
        before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def play_environment(
    record: pathlib.Path | None = None, *, for_people: bool = False
) -> dict[str, str]:
    """The environment of an ansible-playbook run: this checkout's collection, and no colours.

    ``record``: the file that the callback ``recorder`` writes results to. ``for_people``: they read
    what it prints; otherwise programs do, who want every task and the play recap.
    """
    extra = {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_FORCE_COLOR": "0",
        # the record of operations, which would otherwise be that of whoever runs the tests
        "XDG_STATE_HOME": str(home() / "state"),
    }
    if not for_people:
        extra["ANSIBLE_STDOUT_CALLBACK"] = "default"
    if record is not None:
        extra |= {
            "RECORD_RESULTS": str(record),
            "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "support" / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "recorder",
        }
    return {**os.environ, **extra}


def chatlab(home: pathlib.Path, *arguments: str) -> t.Any:
    """Run one chatlab command with --json and return what it says.

    Raises LabError with its message.
    """
    places = [str(ROOT / "tests" / "lab"), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "CHATLAB_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(filter(None, places)),
    }
    done = subprocess.run(
        [sys.executable, "-m", "pchat_lab", *arguments, "--json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise LabError((done.stderr or done.stdout).strip())
    return json.loads(done.stdout) if done.stdout.strip() else None


def home() -> pathlib.Path:
    """Where the labs of this checkout keep what they need."""
    return pathlib.Path(os.environ.get("CHATLAB_HOME") or ROOT / ".cache" / "lab")


@contextlib.contextmanager
def running(
    estate: str = "default",
    name: str | None = None,
    *,
    up: t.Sequence[str] = (),
    inventory: str | None = None,
    keep: bool = False,
) -> Iterator[Lab]:
    """A lab of its own on a free network, stopped at the end whatever happens.

    ``up``: more arguments of ``chatlab up``.
    ``inventory``: the one of the same name, unless another describes it.
    ``keep``: it lives on when the block ends as it should.
    """
    name = name or _name_of_its_own(estate)
    if "--estate" not in up:
        up = ("--estate", estate, *up)
    stays = False
    with ends_in_order():
        try:
            chatlab(home(), "up", "--name", name, "--net", "auto", *up)
            server = running_labs.pid_of(home() / name)
            if server is not None:
                patience.make_session_as_nice(server)
            yield Lab(name, inventory or estate, home())
            stays = keep
        finally:
            if not stays:
                chatlab(home(), "down", "--name", name)


_NUMBERS = itertools.count()


def _name_of_its_own(estate: str) -> str:
    return f"{estate}-{os.getpid()}-{next(_NUMBERS)}"
