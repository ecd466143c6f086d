"""ansible-playbook in a process that has imported it already does what the program does."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest

from support import labs
from support.warm_ansible import WarmAnsible

SAYING = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.debug: {msg: "told {{ what }}"}
    - ansible.builtin.fail: {msg: stop}
      when: fails
"""
LOOPING = """
- hosts: all
  gather_facts: false
  vars: {who: "{{ inventory_hostname }}"}
  tasks:
    - ansible.builtin.debug: {msg: "{{ item }} of {{ who }}"}
      loop: [one, two]
    - ansible.builtin.debug: {msg: "{{ who }} still"}
"""
WAITING = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.pause: {seconds: 60}
    - ansible.builtin.copy: {content: "", dest: "{{ end }}", mode: "0600"}
"""


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    process = WarmAnsible(labs.play_environment(tmp_path_factory.mktemp("warm") / "unused"))
    yield process
    process.stop()


@pytest.fixture
def written(tmp_path):
    """A playbook by what stands in it."""

    def write(text):
        file = tmp_path / "play.yml"
        file.write_text(text, encoding="utf-8")
        return str(file)

    return write


@pytest.mark.parametrize("workers", [False, True], ids=["one process", "workers"])
@pytest.mark.parametrize("fails", [False, True])
def test_it_prints_records_and_ends_like_the_program(warm, written, tmp_path, fails, workers):
    arguments = [written(SAYING), "-v", "-e", json.dumps({"what": "é", "fails": fails})]
    kept = tmp_path / "warm.jsonl"
    recorded = {"RECORD_RESULTS": str(kept)}
    here = warm.run(arguments, recorded, 60, apart=True, workers=workers)
    record = tmp_path / "cold.jsonl"
    program = labs.Lab("none", "default", tmp_path).programs / "ansible-playbook"
    there = labs.run([str(program), *arguments], labs.play_environment(record), 60, apart=True)
    assert here == there
    assert (here.rc, "told é" in here.output) == (2 if fails else 0, True)
    assert kept.read_text(encoding="utf-8") == record.read_text(encoding="utf-8") != ""


def test_one_task_leaves_nothing_to_the_next(warm, written, tmp_path):
    """A worker would have had its task for itself: what is templated in it stays its own."""
    kept = tmp_path / "warm.jsonl"
    run = warm.run([written(LOOPING), "-i", "one,two,"], {"RECORD_RESULTS": str(kept)}, 60)
    assert run.rc == 0, run.output
    results = [json.loads(line)["result"] for line in kept.read_text("utf-8").splitlines()]
    told = ["one of one", "two of one", "one of two", "two of two", "one still", "two still"]
    assert [result["msg"] for result in results] == told


def test_one_run_leaves_nothing_to_the_next(warm, written):
    first = warm.run(
        [written(SAYING), "-e", json.dumps({"what": 1, "fails": False}), "--check"], {}, 60
    )
    second = warm.run([written(SAYING)], {}, 60)
    assert "told 1" in first.output
    assert "'what' is undefined" in second.output


def test_a_run_that_takes_too_long_is_ended_and_the_next_one_runs(warm, written, tmp_path):
    end = tmp_path / "end"
    with pytest.raises(subprocess.TimeoutExpired):
        warm.run([written(WAITING), "-e", f"end={end}"], {}, 3)
    assert not end.exists()
    assert (
        warm.run([written(SAYING), "-e", json.dumps({"what": 2, "fails": False})], {}, 60).rc == 0
    )


def test_a_process_that_was_stopped_is_started_again(warm, written):
    warm.stop()
    assert (
        warm.run([written(SAYING), "-e", json.dumps({"what": 3, "fails": False})], {}, 60).rc == 0
    )


FOLDERS = """
import pathlib, sys
from ansible import constants
from support import warm_ansible

before = constants.DEFAULT_LOCAL_TMP
warm_ansible._take_a_folder_of_its_own()
own = constants.DEFAULT_LOCAL_TMP
print(own != before, pathlib.Path(own).is_dir(), own, sep="|")
"""


def test_a_run_has_a_folder_for_temporary_files_of_its_own_and_removes_it():
    """What a run leaves there for its workers is nothing to another run."""
    printed = labs.run([sys.executable, "-c", FOLDERS], labs.play_environment(), 60, apart=True)
    differs, there, own = printed.output.strip().split("|")
    assert (differs, there) == ("True", "True"), printed
    assert not pathlib.Path(own).exists()


TEMPLATES = r"""
import pathlib, sys, types
import ansible.cli.playbook
from ansible._internal._templating import _jinja_bits as bits
from support.compiled_templates import CompiledTemplates
from support.learned import Learned

def shown(code):
    parts = code.co_consts
    return code.co_code, [shown(p) if isinstance(p, types.CodeType) else repr(p) for p in parts]

def compiled():
    found = []
    for escaping in (True, False):
        with bits._TemplateCompileContext(escape_backslashes=escaping):
            environment = bits.AnsibleEnvironment()
            found.append(shown(environment.compile("{{ 'a\\tb' }}")))
            environment.compile_expression("'a\\tb' ~ x")
    return found

file = pathlib.Path(sys.argv[1])
before = compiled()
first = CompiledTemplates(Learned(file))
first.install()
assert [compiled() for _again in range(3)] == [before] * 3
second = CompiledTemplates(Learned(file))
second.learn()
second.install()
assert compiled() == before
assert before[0] != before[1]
print(first.made, second.made)
"""


def test_a_template_is_compiled_once_for_its_settings_and_by_no_run_after_it(tmp_path):
    command = [sys.executable, "-c", TEMPLATES, str(tmp_path / "compiled")]
    printed = labs.run(command, labs.play_environment(), 60, apart=True)
    assert printed.output.split() == ["4", "0"], printed


SKELETONS = r"""
import pathlib, sys
from support.known_skeletons import KnownSkeletons
from support.learned import Learned
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import skeletons

def message(texts):
    return "<S>{}</S><S>{}</S>".format(*texts).encode()

def written(shape, texts, write):
    return skeletons.shared().written(shape, texts, write)

def refuse(texts):
    raise AssertionError("it is known")

file = pathlib.Path(sys.argv[1])
first = KnownSkeletons(Learned(file))
first.install()
assert written(("two",), ["a", "b<"], message) == b"<S>a</S><S>b&lt;</S>"
skeletons.shared.cache_clear()
second = KnownSkeletons(Learned(file))
second.learn()
assert not skeletons.shared()._known, "a run with workers writes for itself"
second.install()
assert written(("two",), ["c", "d"], refuse) == b"<S>c</S><S>d</S>"
print(len(Learned(file).news()), "a" in file.read_bytes().decode("latin-1").split())
"""


def test_a_pipeline_is_written_once_for_its_shape_and_by_no_run_after_it(tmp_path):
    command = [sys.executable, "-c", SKELETONS, str(tmp_path / "skeletons")]
    printed = labs.run(command, labs.play_environment(), 60, apart=True)
    assert printed.output.split() == ["1", "False"], printed
