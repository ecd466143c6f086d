"""A copy of the collection at .cache/stage/ansible_collections/lync/persistent_chat: what git knows
or would add, and nothing else.

ansible-test and `ansible-galaxy collection build` need a real folder with that path; the build does
not honour .gitignore.
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess

from support.labs import ROOT

STAGE = ROOT / ".cache" / "stage"


class StagingError(Exception):
    """The text says what to do."""


def files() -> list[pathlib.PurePosixPath]:
    """Every file of the checkout that is tracked or new, relative to its root.

    StagingError outside of a git checkout.
    """
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StagingError(
            f"{ROOT} is no git checkout ({done.stderr.strip()});"
            " staging copies what git knows, so run this in a clone."
        )
    return [
        pathlib.PurePosixPath(name)
        for name in done.stdout.split("\0")
        if name and (ROOT / name).is_file()
    ]


def stage(purpose: str) -> pathlib.Path:
    """Make the copy anew, one for each purpose; returns the collection's folder.

    StagingError outside of a git checkout.
    """
    folder = STAGE / purpose / "ansible_collections" / "lync" / "persistent_chat"
    names = files()
    shutil.rmtree(STAGE / purpose, ignore_errors=True)
    copy(names, folder)
    return folder


def copy(names: list[pathlib.PurePosixPath], folder: pathlib.Path) -> None:
    """Copy these files of the checkout into a folder, which is made."""
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
