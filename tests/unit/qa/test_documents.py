"""What the documents name is there: links, files, commands of ./run, playbooks and modules."""

from __future__ import annotations

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[3]
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "docs" / "docsite").rglob("*.rst"),
        *(ROOT / "extensions").rglob("*.md"),
    ]
)
COMMANDS = set(
    re.findall(r"^# \./run (\w+)", (ROOT / "run").read_text(encoding="utf-8"), re.MULTILINE)
)
NAMES = {
    p.stem
    for kind in (
        "playbooks/*.yml",
        "plugins/modules/*.py",
        "plugins/callback/*.py",
        "plugins/filter/*.py",
        "extensions/eda/rulebooks/*.yml",
    )
    for p in ROOT.glob(kind)
}
NAMES |= {p.name for p in (ROOT / "roles").iterdir()}
REPOSITORY = "https://github.com/lync-persistent-chat/lync.persistent_chat/"
#: The module that the guide to new modules makes up, and a file that a user would have.
MADE_UP = ("chat_category", "hosts.yml")

pytestmark = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))


def test_links_lead_somewhere(document):
    text = document.read_text(encoding="utf-8")
    near = [
        link.partition("#")[0]
        for link in re.findall(r"\]\(([^)\s]+)\)", text)
        if "://" not in link and not link.startswith(("#", "mailto:"))
    ]
    far = [
        link.partition("#")[0].partition("?")[0]
        for link in re.findall(rf"{re.escape(REPOSITORY)}(?:blob|tree)/main/([^)\s>\"`]+)", text)
    ]
    assert [link for link in near if link and not (document.parent / link).exists()] == []
    assert [link for link in far if not (ROOT / link).exists()] == []


def test_files_that_are_named_are_there(document):
    named = re.findall(
        r"`((?:dev|docs|extensions|meta|playbooks|plugins|roles|tests)/[\w./-]+)`",
        document.read_text(encoding="utf-8"),
    )
    assert [
        name
        for name in named
        if not (ROOT / name).exists() and not any(word in name for word in MADE_UP)
    ] == []


def test_commands_are_known(document):
    named = set(
        re.findall(r"(?:`|^)\./run (\w+)", document.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert named <= COMMANDS


def test_names_of_the_collection_are_known(document):
    named = set(
        re.findall(
            r"\blync\.persistent_chat\.(?!docsite\b)([a-z]\w*)",
            document.read_text(encoding="utf-8"),
        )
    )
    assert named <= NAMES | {"persistent_chat"}
