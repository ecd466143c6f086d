"""./run new module: what it writes is a module, but for what only its author knows."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from dev.commands.new_module.module import FILL_IN, ROOMS, NewModule, Refused
from dev.release import staging
from support.labs import ROOT

#: A new module for each room.
NEW = {"chat_category": "lync", "chat_filegroup": "sqlserver", "chat_volume": "windows"}
COMPLETE = "tests/unit/qa/test_modules_are_complete.py"
OTHERS = (
    "tests/unit/qa/test_imports_point_inwards.py",
    "tests/unit/qa/test_names_are_addresses.py",
    "tests/unit/qa/test_release.py",
)


def new(name, room="lync", root=ROOT):
    return NewModule(root=root, name=name, room=room)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the collection with the new modules, where Ansible and pytest look for it."""
    root = tmp_path_factory.mktemp("copy") / "ansible_collections" / "lync" / "persistent_chat"
    try:
        staging.copy(staging.files(), root)
    except staging.StagingError:
        pytest.skip("not a git checkout")
    collections = root / ".cache" / "collections"
    collections.mkdir(parents=True)
    (collections / "ansible_collections").symlink_to(root.parents[1])
    for name, room in NEW.items():
        new(name, room, root).write()
    return root


@pytest.fixture(scope="module")
def written(copy):
    """The Python files that were written, as paths in the copy."""
    found = []
    for name in NEW:
        found += sorted(copy.rglob(f"{name}.py"))
        found += sorted(copy.rglob(f"test_{name}.py"))
    assert len(found) == 4 * len(NEW)
    return found


def carry_out(copy, *command):
    """A command in the copy, which knows nothing of the checkout."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=copy,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def failures(copy, *tests):
    """Names of the tests that fail in the copy."""
    done = carry_out(copy, "pytest", "-q", "-p", "no:cacheprovider", *tests)
    assert re.search(r"\d+ (passed|failed)", done.stdout), done.stdout[-2000:] + done.stderr[-2000:]
    return set(re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE))


def test_each_room_gets_a_module():
    assert set(NEW.values()) == set(ROOMS)


def test_what_is_written_is_complete_but_for_what_its_author_fills_in(copy):
    left = {f"{COMPLETE}::test_nothing_is_left_for_the_author_to_fill_in[{name}]" for name in NEW}
    assert failures(copy, COMPLETE, *OTHERS) == left


def test_its_own_test_fails_until_it_is_written(copy, written):
    tests = [str(path.relative_to(copy)) for path in written if path.name.startswith("test_")]
    wanted = {f"{test}::test_what_is_there_already_is_left_alone" for test in tests}
    assert failures(copy, *tests) == wanted


@pytest.mark.parametrize("check", [("check",), ("format", "--check", "--line-length", "100")])
def test_linter_and_formatter_find_nothing(copy, written, check):
    done = carry_out(copy, "ruff", *check, "--no-cache", *map(str, written))
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_that_need_an_author_say_where():
    texts = new("chat_category").files()
    silent = {str(path) for path, text in texts.items() if FILL_IN not in text}
    assert silent == {"plugins/action/chat_category.py", "meta/runtime.yml"}


def test_the_action_group_keeps_everything_else():
    before = (ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8")
    texts = new("chat_category").files()
    (after,) = (text for path, text in texts.items() if path.name == "runtime.yml")
    assert "    - chat_category\n" in after
    assert after.replace("    - chat_category\n", "") == before


@pytest.mark.parametrize(
    "name", ["", "Chat", "chat-category", "chat__category", "_chat", "chat_", "2chat", "class"]
)
def test_a_word_that_is_no_name_is_refused_with_a_sentence(name):
    with pytest.raises(Refused, match=r"cannot be the name of a module: .* for example"):
        new(name)


@pytest.mark.parametrize("name", ["folder", "kept_session", "preflight"])
def test_a_name_that_is_taken_is_refused_with_the_file_that_has_it(name):
    with pytest.raises(Refused, match=rf"{name} is taken by plugins/.*{name}\.py"):
        new(name)


def test_files_of_calls_take_no_name():
    """They bear the names of objects, beside which a module may stand."""
    assert new("backup").files()
