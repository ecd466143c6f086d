"""docs/architecture.md shows the folders that are there, each with a line that says what it is
for.
"""

from __future__ import annotations

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "architecture.md"
#: Shown without what is in them: many folders of one kind, or a tree that mirrors another one.
CLOSED = (
    "changelogs",
    "docs",
    "examples",
    "extensions",
    "inventories",
    "playbooks",
    "roles",
    "tests/lab/tests",
    "tests/unit",
)
LINE = re.compile(r"(?P<indent> *)(?P<folder>\w+)/(?: +(?P<told>\S.*))?")


def shown_folders() -> dict[str, str]:
    """Folder -> what the document tells of it; empty for one that only leads to others."""
    text = DOCUMENT.read_text(encoding="utf-8")
    _before, _fence, rest = text.partition("```text\n")
    tree, _fence, _after = rest.partition("```")
    shown: dict[str, str] = {}
    path: list[str] = []
    for line in tree.splitlines():
        found = LINE.fullmatch(line)
        assert found, f"no folder and what it is for: {line!r}"
        path = [*path[: len(found["indent"]) // 2], found["folder"]]
        shown["/".join(path)] = found["told"] or ""
    return shown


def folders_of(files: list[str]) -> set[str]:
    """Every folder that holds a file, somewhere below; without hidden ones and what is in
    closed ones.
    """
    folders: set[str] = set()
    for name in files:
        folders.update(str(parent) for parent in pathlib.PurePosixPath(name).parents)
    return {folder for folder in folders if not folder.startswith(".") and not in_closed(folder)}


def in_closed(folder: str) -> bool:
    return any(folder.startswith(f"{closed}/") for closed in CLOSED)


@pytest.fixture(scope="module")
def there() -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a checkout of git")
    return folders_of([name for name in listed.stdout.splitlines() if (ROOT / name).exists()])


def test_every_folder_is_shown_and_every_folder_that_is_shown_is_there(there):
    assert set(shown_folders()) == there


def test_a_folder_is_shown_with_what_it_is_for(there):
    shown = shown_folders()
    silent = {folder for folder, told in shown.items() if not told}
    leading = {str(pathlib.PurePosixPath(folder).parent) for folder in shown}
    assert silent <= leading


def test_a_closed_folder_is_there(there):
    assert set(CLOSED) <= there


def test_folders_are_found_by_the_files_in_them():
    assert folders_of(["run", "dev/a/b.py", ".ci/run", "roles/x/y.yml"]) == {
        "dev",
        "dev/a",
        "roles",
    }
