"""./run package: the collection's tarball, and the proof that it is whole.

Built from a staged copy into .cache/package; holds exactly what it should; installs into an empty
folder; lync.persistent_chat.site from there builds the lab's estate, and a second time changes
nothing; ansible-lint finds nothing in what was installed, asked as a certification asks it;
galaxy-importer accepts it; ansible-builder finds what it needs from the outside.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable

import yaml

from dev.checks.verdicts import verdict
from dev.release import readme, staging
from support import labs

PACKAGE = labs.ROOT / ".cache" / "package"
BIN = pathlib.Path(sys.executable).parent
#: Steps without which no other one can be taken.
NEEDED_BY_THE_OTHERS = ("build", "install")
#: Added by the build.
OF_THE_BUILD = {"MANIFEST.json", "FILES.json"}


#: Rules that galaxy-importer does not ask.
NOT_ASKED = (
    "yaml",
    "var-naming",
    "avoid-dot-notation",
    "import-task-no-when",
    "single-entry-point",
    "use-loop",
)
#: How galaxy-importer asks ansible-lint, and with it Galaxy and a certification.
LINT = (
    "--profile=production",
    "--offline",
    "--format=pep8",
    "--nocolor",
    f"--skip-list={','.join(NOT_ASKED)}",
)


class Failed(Exception):
    """What is wrong, and with what."""


def program(name: str, folder: pathlib.Path = BIN) -> str:
    return str(folder / name)


def call(command: list[str], cwd: pathlib.Path, **environment: str) -> str:
    """What it prints. Failed with the end of it when it does not return 0."""
    clean = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("ANSIBLE_") and key != "PYTHONPATH"
    }
    done = subprocess.run(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**clean, **environment},
        check=False,
        timeout=1200,
    )
    if done.returncode:
        shown = " ".join(command[:3])
        printed = done.stdout + done.stderr
        raise Failed(f"{shown} ... returned {done.returncode}:\n{printed[-4000:]}")
    return done.stdout + done.stderr


def belongs(name: str, ignored: list[str]) -> bool:
    """Whether a file goes into the tarball: neither it nor a folder above it is ignored."""
    path = pathlib.PurePosixPath(name)
    for place in (path, *path.parents):
        for pattern in ignored:
            if fnmatch.fnmatch(str(place), pattern):
                return False
    return name != "galaxy.yml"


@dataclasses.dataclass
class Package:
    """``importer``: folder of the programs galaxy-importer, ansible-lint and ansible-builder."""

    importer: pathlib.Path
    tarball: pathlib.Path = PACKAGE
    elsewhere: pathlib.Path = PACKAGE / "elsewhere"

    def build(self) -> str:
        shutil.rmtree(PACKAGE, ignore_errors=True)
        self.elsewhere.mkdir(parents=True)
        folder = staging.stage("package")
        page = folder / "README.md"
        page.write_text(
            readme.for_galaxy(page.read_text(encoding="utf-8"), labs.ROOT), encoding="utf-8"
        )
        call(
            [
                program("ansible-galaxy"),
                "collection",
                "build",
                str(folder),
                "--output-path",
                str(PACKAGE),
            ],
            PACKAGE,
        )
        (self.tarball,) = PACKAGE.glob("*.tar.gz")
        return f"{self.tarball.name}, {self.tarball.stat().st_size // 1024} KiB"

    def holds_what_it_should(self) -> str:
        galaxy = yaml.safe_load((labs.ROOT / "galaxy.yml").read_text(encoding="utf-8"))
        names = [str(name) for name in staging.files()]
        wanted = {name for name in names if belongs(name, galaxy["build_ignore"])}
        wanted |= OF_THE_BUILD
        with tarfile.open(self.tarball) as archive:
            found = {member.name.removeprefix("./") for member in archive if member.isfile()}
        if found != wanted:
            raise Failed(
                f"not to be there: {sorted(found - wanted)}; missing: {sorted(wanted - found)}"
            )
        return f"{len(found)} files"

    def installs(self) -> str:
        call(
            [
                program("ansible-galaxy"),
                "collection",
                "install",
                str(self.tarball),
                "-p",
                str(self.elsewhere / "collections"),
                "--offline",
            ],
            self.elsewhere,
        )
        return "into an empty folder"

    def runs(self) -> str:
        counts = []
        with labs.running("default") as lab:
            for number in (1, 2):
                text = call(
                    [
                        program("ansible-playbook"),
                        "-i",
                        str(labs.ROOT / "inventories" / "default" / "hosts.yml"),
                        "-i",
                        str(lab.connection_file),
                        "lync.persistent_chat.site",
                    ],
                    self.elsewhere,
                    ANSIBLE_COLLECTIONS_PATH=str(self.elsewhere / "collections"),
                    ANSIBLE_NOCOLOR="1",
                    ANSIBLE_HOME=str(self.elsewhere / "home"),
                )
                counts.append(sum(map(int, re.findall(r"changed=(\d+)", text))))
                if number == 1 and not counts[0]:
                    raise Failed(f"the first run changed nothing:\n{text[-2000:]}")
        if counts[1]:
            raise Failed(f"the second run changed {counts[1]}")
        return f"lync.persistent_chat.site from there: changed={counts[0]}, then changed=0"

    @property
    def installed(self) -> pathlib.Path:
        """The folder of the collection, elsewhere."""
        return self.elsewhere / "collections" / "ansible_collections" / "lync" / "persistent_chat"

    def is_in_order(self) -> str:
        """By ansible-lint, which sees only what was built, and finds it where Ansible would."""
        text = call(
            [program("ansible-lint", self.importer), *LINT],
            self.installed,
            PATH=f"{self.importer}{os.pathsep}{os.environ['PATH']}",
            ANSIBLE_COLLECTIONS_PATH=str(self.elsewhere / "collections"),
            ANSIBLE_HOME=str(self.elsewhere / "home"),
        )
        complaints = [line for line in text.splitlines() if is_complaint(line)]
        if complaints:
            raise Failed("ansible-lint: " + "\n".join(complaints[:20]))
        passed = LINTED.search(text)
        if passed is None:
            raise Failed(f"ansible-lint does not say how many files passed:\n{text[-2000:]}")
        return f"profile production, without a finding in {passed[1]} files"

    def is_imported(self) -> str:
        text = call(
            [program("python", self.importer), "-m", "galaxy_importer.main", str(self.tarball)],
            PACKAGE,
            PATH=f"{self.importer}{os.pathsep}{os.environ['PATH']}",
        )
        complaints = [line for line in text.splitlines() if is_complaint(line)]
        complaints = [line for line in complaints if not self.is_of_the_path(line)]
        if complaints:
            told = "\n".join(complaints[:20])
            if "Timeout on call" in text:
                told += "\n" + SLOW
            raise Failed(f"galaxy-importer: {told}")
        return "without a warning"

    def is_of_the_path(self, line: str) -> bool:
        """Whether a playbook is said to be missing that is there.

        The importer names the folder ansible_collections itself as the path of collections. Ansible
        knows what is meant, ansible-lint does not; ``is_in_order`` asks it with the path that it
        knows.
        """
        missed = MISSED.search(line)
        return missed is not None and (self.installed / "playbooks" / f"{missed[1]}.yml").is_file()

    def is_introspected(self) -> str:
        """What an image would need is found, and the image's definition installs this very tarball.

        As the Galaxy stage of its build would.
        """
        builder = program("ansible-builder", self.importer)
        context = PACKAGE / "context"
        text = call([builder, "introspect", str(self.elsewhere / "collections")], PACKAGE)
        missing = [name for name in ("pypsrp", "jmespath", "krb5") if name not in text]
        if missing:
            raise Failed(f"ansible-builder does not find {missing}:\n{text}")
        image = PACKAGE / "image"  # under a name without a version, for the definition
        image.mkdir()
        shutil.copy2(self.tarball, image / "collection.tar.gz")
        call(
            [
                builder,
                "create",
                "-f",
                str(labs.ROOT / "execution-environment.yml"),
                "-c",
                str(context),
            ],
            PACKAGE,
        )
        call(
            [
                program("ansible-galaxy"),
                "collection",
                "install",
                "-r",
                "requirements.yml",
                "-p",
                str(PACKAGE / "in_image"),
                "--offline",
            ],
            context / "_build",
        )
        installed = PACKAGE / "in_image" / "ansible_collections" / "lync" / "persistent_chat"
        if not (installed / "MANIFEST.json").is_file():
            raise Failed("the image's requirements.yml does not install the collection")
        return "needs found, build context made, its requirements install this tarball"


#: Why the importer may complain of nothing but time.
SLOW = "It gives ansible-lint three minutes, which cannot be changed; a busy machine needs more."
#: What ansible-lint says when it is through and has found nothing.
LINTED = re.compile(r"Passed: 0 failure\(s\), 0 warning\(s\)(?: in| on) ([1-9]\d*) files")
#: What ansible-lint says of a playbook of ours that it does not find.
MISSED = re.compile(r"Failed to find lync\.persistent_chat\.(\w+) playbook")
#: What the importer says of itself, not of the collection.
NO_FAULT = ("ansible-test sanity", "No valid ansible-test", "skipped")


def is_complaint(line: str) -> bool:
    """Whether the importer says here that something is wrong with the collection."""
    if not re.search(r"\b(WARNING|ERROR)\b", line):
        return False
    return not any(known in line for known in NO_FAULT)


def main() -> int:
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).is_dir():
        print(
            "package: give the folder that holds galaxy-importer (./run package does)",
            file=sys.stderr,
        )
        return 2
    package = Package(pathlib.Path(sys.argv[1]))
    good: list[bool] = []
    steps = {
        "build": package.build,
        "content": package.holds_what_it_should,
        "install": package.installs,
        "site": package.runs,
        "ansible-lint": package.is_in_order,
        "galaxy-importer": package.is_imported,
        "ansible-builder": package.is_introspected,
    }
    for name, step in steps.items():
        good.append(take(name, step))
        if not good[-1] and name in NEEDED_BY_THE_OTHERS:
            break
    ready = "ready" if all(good) else "not ready"
    print(f"{ready}: {package.tarball}")
    return int(not all(good))


def take(name: str, step: Callable[[], str]) -> bool:
    """Whether it went well; what came of it is printed."""
    started = time.monotonic()
    good = True
    try:
        text = step()
    except (Failed, staging.StagingError, subprocess.TimeoutExpired, labs.LabError) as error:
        text = str(error)
        good = False
    print(verdict(good, f"{name:16}", time.monotonic() - started, text), flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main())
