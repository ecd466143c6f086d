"""./run ee: the execution environment, without containers.

The tarball is installed into an empty folder; what ansible-builder finds that it needs goes into a
clean virtual environment, beside the Ansible and the ansible-runner that execution-environment.yml
names; there ansible-runner builds a pool, fails it over and brings it home, as a remote job of the
automation platform does.
"""

from __future__ import annotations

import dataclasses
import pathlib
import shutil
import sys
import tempfile
import typing as t

import yaml

from dev.release.package import Failed, Package, call, program, take
from support import labs, runner

ENVIRONMENT = labs.ROOT / ".cache" / "ee"
LOST = ("site", "site=north", "mode=down")
#: As a survey and an inventory of the platform give them: what is chosen is a text.
SURVEYED: dict[str, t.Any] = {
    "failover_mode": "disaster",
    "failover_max_data_loss": 30,
    "failover_cms": "true",
    "failover_cms_sql_server": "sql-s1.contoso.example",
}


class FromIndex(t.TypedDict):
    """What pip is to install."""

    package_pip: str


class Dependencies(t.TypedDict):
    """Of an image; it has more."""

    ansible_core: FromIndex
    ansible_runner: FromIndex


class Definition(t.TypedDict):
    """Of execution-environment.yml, which has more."""

    dependencies: Dependencies


@dataclasses.dataclass
class ExecutionEnvironment:
    """``importer``: folder of the program ansible-builder."""

    importer: pathlib.Path
    package: Package
    folder: pathlib.Path = ENVIRONMENT

    @property
    def programs(self) -> pathlib.Path:
        """Of the clean virtual environment."""
        return self.folder / "venv" / "bin"

    @property
    def collections(self) -> pathlib.Path:
        """What was installed from the tarball."""
        return self.package.elsewhere / "collections"

    def holds_what_is_needed(self) -> str:
        """Installed by what the collection says of itself, and by nothing that stands here."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        needed = self.folder / "requirements.txt"
        call(
            [
                program("ansible-builder", self.importer),
                "introspect",
                str(self.collections),
                "--write-pip",
                str(needed),
                "--write-bindep",
                str(self.folder / "bindep.txt"),
            ],
            self.folder,
        )
        call([sys.executable, "-m", "venv", str(self.folder / "venv")], self.folder)
        pip = [program("python", self.programs), "-m", "pip", "install", "-qq"]
        call([*pip, *self._of_the_image(), "-r", str(needed)], self.folder)
        return f"{', '.join(self._of_the_image())}, and {_lines(needed)} requirements"

    def _of_the_image(self) -> list[str]:
        """What the image's definition installs whatever collections there are."""
        file = labs.ROOT / "execution-environment.yml"
        definition: Definition = yaml.safe_load(file.read_text(encoding="utf-8"))
        wanted = definition["dependencies"]
        return [wanted["ansible_core"]["package_pip"], wanted["ansible_runner"]["package_pip"]]

    def knows_the_collection(self) -> str:
        """ansible-doc of that environment lists every module."""
        told = call(
            [program("ansible-doc", self.programs), "-l", "lync.persistent_chat"],
            self.folder,
            ANSIBLE_COLLECTIONS_PATH=str(self.collections),
        )
        listed = sum(line.startswith("lync.persistent_chat.") for line in told.splitlines())
        there = sum(1 for _module in (labs.ROOT / "plugins" / "modules").glob("*.py"))
        if listed != there:
            raise Failed(f"ansible-doc lists {listed} modules of {there}:\n{told[-2000:]}")
        return f"{listed} modules"

    def carries_out_jobs(self) -> str:
        """Build, nothing to build, failover, failback: each a job of ansible-runner's."""
        with tempfile.TemporaryDirectory(prefix="ee-") as folder, labs.running("default") as lab:
            work = _Work(lab, self, pathlib.Path(folder))
            built = work.job("site")
            again = work.job("site")
            if not built.changed or again.changed:
                raise Failed(f"changed={built.changed}, then changed={again.changed}")
            fault = lab.add_fault(*LOST)
            over = work.job("failover", failover_confirm=False, **SURVEYED)
            lab.chatlab("fault", "clear", fault)
            home = work.job("failback", failback_confirm=False)
            situation = work.job("status").situation
        if situation != "Healthy":
            raise Failed(f"after the failback the situation is {situation}")
        return (
            f"built with {built.changed} changes, then none; failed over with {over.changed},"
            f" brought home with {home.changed}; {situation}"
        )


@dataclasses.dataclass(frozen=True)
class _Work:
    lab: labs.Lab
    environment: ExecutionEnvironment
    folder: pathlib.Path

    def job(self, playbook: str, **chosen: t.Any) -> runner.Job:
        """One that ends well. Failed with what it printed otherwise."""
        worker = runner.Worker(
            self.environment.programs, self.folder / "worker", self.environment.collections
        )
        done = runner.carry_out(self.lab, playbook, worker, self.folder / "here", chosen)
        if done.rc:
            raise Failed(f"the job {playbook} returned {done.rc}:\n{done.output[-4000:]}")
        return done


def _lines(file: pathlib.Path) -> int:
    text = file.read_text(encoding="utf-8")
    return sum(1 for line in text.splitlines() if line.strip() and not line.startswith("#"))


def main() -> int:
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).is_dir():
        print("ee: give the folder that holds ansible-builder (./run ee does)", file=sys.stderr)
        return 2
    importer = pathlib.Path(sys.argv[1])
    package = Package(importer)
    environment = ExecutionEnvironment(importer, package)
    steps = {
        "build": package.build,
        "install": package.installs,
        "environment": environment.holds_what_is_needed,
        "collection": environment.knows_the_collection,
        "jobs": environment.carries_out_jobs,
    }
    for name, step in steps.items():
        if not take(name, step):
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
