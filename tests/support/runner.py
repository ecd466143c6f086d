"""Playbooks as remote jobs of the automation platform: ansible-runner packs a job here (transmit),
another environment in another folder carries it out (worker), and what came of it is read here
(process).
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t

from support import labs

#: The playbooks that a project of the platform has.
PROJECT = labs.ROOT / "examples" / "platform" / "project"
#: Seconds for a job.
PATIENCE = 1200
#: Where a job has files that its inventory names: beside its playbooks, wherever they are.
FILES = "{{ inventory_dir }}/../project/files"


class Situation(t.TypedDict):
    """What the estate is in, as the status document tells it; it has more."""

    name: str


class Status(t.TypedDict):
    """The status document, which has more."""

    situation: Situation


class Returned(t.TypedDict, total=False):
    """What a task returned; pool_status a document, among more."""

    document: Status


class Told(t.TypedDict, total=False):
    """What an event is about: a result of a task, or what came of the play."""

    task_action: str
    res: Returned
    changed: dict[str, int]


class Event(t.TypedDict):
    """As ansible-runner writes one down; it has more."""

    counter: int
    event: str
    event_data: Told


@dataclasses.dataclass(frozen=True)
class Worker:
    """``programs``: where its ansible-runner and its Ansible stand. ``folder``: where it works, and
    has its home. ``collections``: what stands for those of an execution environment.
    """

    programs: pathlib.Path
    folder: pathlib.Path
    collections: pathlib.Path

    def environment(self) -> dict[str, str]:
        """Nothing of this process's own but the way to programs of the system."""
        return {
            "PATH": f"{self.programs}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
        }


@dataclasses.dataclass(frozen=True)
class Job:
    """What came of it. ``events``: as the platform stores them. ``sent_back``: all that the worker
    sent, as it came and as it was unpacked.
    """

    rc: int
    events: list[Event]
    output: str
    sent_back: str

    @property
    def changed(self) -> int:
        """How many tasks changed something, on all hosts."""
        totals = [
            event["event_data"]["changed"]
            for event in self.events
            if event["event"] == "playbook_on_stats"
        ]
        return sum(sum(hosts.values()) for hosts in totals)

    def results(self, module: str) -> list[Returned]:
        """What each task with this module of the collection returned."""
        name = f"lync.persistent_chat.{module}"
        found = []
        for event in self.events:
            told = event["event_data"]
            if told.get("task_action") == name and "res" in told:
                found.append(told["res"])
        return found

    @property
    def situation(self) -> str:
        """What the estate was in when the job told the status."""
        (told,) = self.results("pool_status")
        return told["document"]["situation"]["name"]


def carry_out(
    lab: labs.Lab,
    playbook: str,
    worker: Worker,
    folder: pathlib.Path,
    chosen: dict[str, t.Any] | None = None,
    options: str = "",
) -> Job:
    """A playbook of the project against a lab. ``folder``: of this side; is made anew.

    ``chosen``: the variables of the job, as a survey or a template gives them. ``options``: those
    of ansible-playbook that its type makes, such as ``--check``.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(worker.folder, ignore_errors=True)
    (worker.folder / "home").mkdir(parents=True)
    _pack(lab, folder / "private", chosen or {}, options)
    here = pathlib.Path(sys.executable).parent / "ansible-runner"
    job = folder / "job"
    answer = folder / "answer"
    ours = labs.play_environment()
    _piped([here, "transmit", folder / "private", "-p", f"{playbook}.yml"], None, job, ours, folder)
    _piped(
        [worker.programs / "ansible-runner", "worker", "--private-data-dir", worker.folder / "job"],
        job,
        answer,
        worker.environment(),
        worker.folder,
    )
    _piped([here, "process", folder / "processed"], answer, folder / "said", ours, folder)
    return _read(folder)


def _pack(lab: labs.Lab, private: pathlib.Path, chosen: dict[str, t.Any], options: str) -> None:
    """A job as the platform keeps it: project, inventory, variables, options."""
    shutil.copytree(PROJECT, private / "project")
    described = labs.ROOT / "inventories" / lab.inventory
    files = private / "project" / "files"
    shutil.copytree(described / "files", files)
    shutil.copy2(lab.authority_file, files)
    inventory = private / "inventory"
    shutil.copytree(described, inventory, ignore=shutil.ignore_patterns("files"))
    shutil.copy2(lab.connection_file, inventory)
    authority = f"{FILES}/{lab.authority_file.name}"
    for file in inventory.rglob("*.yml"):
        text = file.read_text(encoding="utf-8")
        text = text.replace("{{ inventory_dir }}/files", FILES)
        text = text.replace(str(lab.authority_file), f'"{authority}"')
        file.write_text(text, encoding="utf-8")
    (private / "env").mkdir()
    (private / "env" / "extravars").write_text(json.dumps(chosen), encoding="utf-8")
    (private / "env" / "cmdline").write_text(options, encoding="utf-8")


def _piped(
    command: list[pathlib.Path | str],
    source: pathlib.Path | None,
    target: pathlib.Path,
    environment: dict[str, str],
    cwd: pathlib.Path,
) -> None:
    """A program from file to file. LabError, with what it said, when it fails and writes nothing:
    that a playbook failed is written.
    """
    read = os.devnull if source is None else str(source)
    with open(read, "rb") as given, target.open("wb") as taken:
        done = subprocess.run(
            [str(word) for word in command],
            stdin=given,
            stdout=taken,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=cwd,
            timeout=PATIENCE,
            check=False,
        )
    if done.returncode and not target.stat().st_size:
        said = done.stderr.decode("utf-8", "replace")
        raise labs.LabError(f"{command[0]} {command[1]} returned {done.returncode}:\n{said}")


def _read(folder: pathlib.Path) -> Job:
    """What ``process`` wrote."""
    artifacts = folder / "processed" / "artifacts"
    found = sorted(artifacts.rglob("rc"))
    streamed = (folder / "answer").read_text(encoding="utf-8", errors="replace")
    if not found:
        raise labs.LabError(f"the worker sent no result back:\n{streamed[-4000:]}")
    at = found[0].parent
    events: list[Event] = []
    for path in at.glob("job_events/*-*.json"):
        events.append(json.loads(path.read_text(encoding="utf-8")))
    unpacked = [path for path in artifacts.rglob("*") if path.is_file()]
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in unpacked]
    return Job(
        rc=int(found[0].read_text(encoding="utf-8")),
        events=sorted(events, key=lambda event: int(event["counter"])),
        output=(at / "stdout").read_text(encoding="utf-8", errors="replace"),
        sent_back="\n".join([streamed, *texts]),
    )
