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

import yaml

from support import labs

#: The playbooks that a project of the platform has.
PROJECT = labs.ROOT / "examples" / "platform" / "project"
#: Seconds for a job.
PATIENCE = 1200
#: Where a job has the lab's certificate authority: beside its playbooks, wherever they are.
AUTHORITY = "{{ inventory_dir }}/../project/ca.pem"


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
    """What came of it. ``events``: as the platform stores them. ``streamed``: all that the worker
    sent back.
    """

    rc: int
    events: list[dict[str, t.Any]]
    output: str
    streamed: str

    @property
    def changed(self) -> int:
        """How many tasks changed something, on all hosts."""
        totals = [
            event["event_data"]["changed"]
            for event in self.events
            if event["event"] == "playbook_on_stats"
        ]
        return sum(sum(hosts.values()) for hosts in totals)

    def results(self, module: str) -> list[dict[str, t.Any]]:
        """What each task with this module of the collection returned."""
        name = f"lync.persistent_chat.{module}"
        found = []
        for event in self.events:
            told = event.get("event_data", {})
            if told.get("task_action") == name and "res" in told:
                found.append(told["res"])
        return found


def carry_out(
    lab: labs.Lab,
    playbook: str,
    worker: Worker,
    folder: pathlib.Path,
    chosen: dict[str, t.Any] | None = None,
) -> Job:
    """A playbook of the project against a lab. ``folder``: of this side; is made anew.

    ``chosen``: the variables of the job, as a survey or a template gives them.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(worker.folder, ignore_errors=True)
    (worker.folder / "home").mkdir(parents=True)
    _pack(lab, folder / "private", chosen or {})
    here = pathlib.Path(sys.executable).parent / "ansible-runner"
    job, answer = folder / "job", folder / "answer"
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


def _pack(lab: labs.Lab, private: pathlib.Path, chosen: dict[str, t.Any]) -> None:
    """A job as the platform keeps it: project, inventory, variables."""
    shutil.copytree(PROJECT, private / "project")
    inventory = private / "inventory"
    inventory.mkdir()
    shutil.copy2(labs.ROOT / "inventories" / lab.inventory / "hosts.yml", inventory)
    connection = lab.connection_file.read_text(encoding="utf-8")
    authority = yaml.safe_load(connection)["all"]["vars"]["ansible_psrp_ca_cert"]
    shutil.copy2(authority, private / "project" / "ca.pem")
    (inventory / "connection.yml").write_text(
        connection.replace(authority, f'"{AUTHORITY}"'), encoding="utf-8"
    )
    (private / "env").mkdir()
    (private / "env" / "extravars").write_text(json.dumps(chosen), encoding="utf-8")


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
    events = [
        json.loads(path.read_text(encoding="utf-8")) for path in at.glob("job_events/*-*.json")
    ]
    return Job(
        rc=int(found[0].read_text(encoding="utf-8")),
        events=sorted(events, key=lambda event: int(event["counter"])),
        output=(at / "stdout").read_text(encoding="utf-8", errors="replace"),
        streamed=streamed,
    )
