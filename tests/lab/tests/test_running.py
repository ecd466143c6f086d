"""Labs that start in the same moment take different addresses, also from different clones; a lab
that was killed does not seem to run.
"""

from __future__ import annotations

import contextlib
import os
import tempfile

import pytest

from pchat_lab.control import cli, running


@pytest.fixture(autouse=True)
def own_machine(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_labs_of_two_clones_do_not_take_the_same_block():
    with contextlib.ExitStack() as one:
        first = cli.free_net(one)
        with contextlib.ExitStack() as two:
            second = cli.free_net(two)
            assert first != second
        with contextlib.ExitStack() as three:
            assert cli.free_net(three) == second
    with contextlib.ExitStack() as four:
        assert cli.free_net(four) == first


def test_a_file_left_by_a_killed_lab_does_not_make_its_number_a_lab(tmp_path):
    (tmp_path / "lab.pid").write_text(
        f"{os.getpid()}\n", encoding="ascii"
    )  # a process that lives and is no lab
    assert running.pid_of(tmp_path) is None


def test_a_lab_is_known_for_as_long_as_it_lives(tmp_path):
    with running.declared(tmp_path):
        assert running.pid_of(tmp_path) == os.getpid()
    assert running.pid_of(tmp_path) is None
    assert not (tmp_path / "lab.pid").exists()
