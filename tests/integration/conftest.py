"""Labs for integration tests: one for all files of a worker, which take it one after another, bare
or built; stopped whatever happens.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib

import pytest

from crash.operations import BUILD
from support import labs, smaller
from support.warm_ansible import WarmAnsible


@pytest.fixture(scope="session")
def common_folder(tmp_path_factory):
    """One folder for all workers of a run."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def warm(tmp_path_factory, common_folder):
    """What runs playbooks without importing Ansible anew for each."""
    environment = labs.play_environment(tmp_path_factory.getbasetemp() / "unused")
    process = WarmAnsible(environment, common_folder)
    yield process
    process.stop()


@pytest.fixture(scope="session")
def whole_lab(warm):
    """The default estate, which newcomers get, for those files of a worker that need all of it;
    whoever takes it says how it is to stand.
    """
    with labs.running("default") as lab:
        lab.warm = warm
        yield lab


@pytest.fixture(scope="session")
def smaller_lab(warm, tmp_path_factory):
    """The default estate with fewer chat servers, for the other files of a worker."""
    with smaller.running("default", tmp_path_factory.mktemp("smaller")) as lab:
        lab.warm = warm
        yield lab


@pytest.fixture(scope="module")
def bare_lab(smaller_lab):
    """A lab with the bare estate; tests that change it reset it."""
    smaller_lab.chatlab("reset")
    return smaller_lab


@pytest.fixture(scope="session")
def built_file(common_folder):
    """Where an estate that site.yml built lies, once for all workers of a run, by the lab's
    inventory.
    """

    def file(lab):
        return common_folder / f"built-{pathlib.Path(lab.inventory).name}"

    return file


@contextlib.contextmanager
def one_builds(file):
    """Whoever else wants the built estate waits, and finds it."""
    with pathlib.Path(f"{file}.lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def has_been_built(lab, file):
    """site.yml has built its estate and nothing else happened; the checkpoint ``built`` is that."""
    with one_builds(file):
        if not file.exists():
            lab.chatlab("reset")
            run = lab.play("site")
            assert run.rc == 0, run.output[-3000:]
            lab.chatlab("checkpoint", "built", str(file))
    lab.chatlab("revert", "built", str(file))
    return lab


@pytest.fixture(scope="module")
def built_lab(smaller_lab, built_file):
    """A lab with the built estate."""
    return has_been_built(smaller_lab, built_file(smaller_lab))


@pytest.fixture(scope="module")
def whole_built_lab(whole_lab, built_file):
    """A lab with the whole of the default estate, built."""
    return has_been_built(whole_lab, built_file(whole_lab))


@pytest.fixture(scope="module")
def built(whole_lab, built_file):
    """(lab, what check mode said on the bare estate, how often it wrote, the real run, the run
    after it, the lab's statistics of that one) of the default estate.

    The checkpoint ``build`` is the bare estate, ``built`` the one after the real run.
    """
    lab = whole_lab
    lab.chatlab("reset")
    lab.chatlab("checkpoint", BUILD.begins_at)
    lab.chatlab("checkpoint", BUILD.name)
    file = built_file(lab)
    with one_builds(file):
        check = lab.play("site", "--check", "--diff")
        writes_of_check = lab.chatlab("journal", "--writes")
        real = lab.play("site")
        assert real.rc == 0, real.output[-3000:]
        lab.chatlab("checkpoint", "built", str(file))
    lab.chatlab("stats", "--reset")
    again = lab.play("site")
    return lab, check, writes_of_check, real, again, lab.chatlab("stats")


#: The files that take minutes, so that they do not begin when the others end. The first one builds
#: what most others begin with; those right behind it build estates of their own meanwhile.
LONGEST_FIRST = (
    "test_site",
    "test_several_pools",
    "test_lived_in",
    "test_low_bandwidth",
    "test_outage",
    "test_which_copy",
    "test_salvage",
    "test_output",
    "test_record_and_hooks",
    "test_outage_look",
    "test_terminal",
    "test_drills",
    "test_newcomer",
    "test_jea",
    "test_sql_tools",
    "test_clocks_apart",
    "test_fidelity",
    "test_mirroring_by_cmdlet",
    "test_broken_chain",
    "test_modules",
    "test_bad_input",
    "test_runner",
    "test_reach",
    "test_unreadable_intent",
    "test_owner",
    "test_roles_alone",
)


def pytest_collection_modifyitems(items):
    """Whole files are given to the workers in this order; stable within a file."""
    items.sort(
        key=lambda item: (
            LONGEST_FIRST.index(item.path.stem)
            if item.path.stem in LONGEST_FIRST
            else len(LONGEST_FIRST)
        )
    )
