"""The commands of ./run: each is told of in its first lines, and nox knows the same ones."""

from __future__ import annotations

import importlib.util
import pathlib
import re
import sys
import types

import pytest

ROOT = pathlib.Path(__file__).parents[3]
RUN = (ROOT / "run").read_text(encoding="utf-8")
TOLD = set(re.findall(r"^# \./run (\w+)", RUN, re.MULTILINE))
CARRIED_OUT = set(re.findall(r"^    (\w+)\)$", RUN, re.MULTILINE))
MODULES = set(re.findall(r"exec python -m ([\w.]+)", RUN))


class Session:
    """What a session of nox has, as far as the noxfile uses it."""

    def __init__(self, name: str, *posargs: str) -> None:
        self.name = name
        self.posargs = posargs
        self.ran: list[tuple[str, ...]] = []

    def run(self, *command: str, external: bool) -> None:
        assert external, "nox warns of programs that no environment of its own holds"
        self.ran.append(command)


@pytest.fixture
def sessions(monkeypatch):
    """Name of each session -> what it does; without nox, which need not be there."""
    found = {}

    def session(name):
        def register(function):
            found[name] = function

        return register

    nox = types.ModuleType("nox")
    nox.options = types.SimpleNamespace()
    nox.session = session
    monkeypatch.setitem(sys.modules, "nox", nox)
    spec = importlib.util.spec_from_file_location("noxfile", ROOT / "noxfile.py")
    noxfile = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(noxfile)
    assert set(nox.options.sessions) <= set(found)
    return found


def test_every_command_is_told_of_and_every_one_that_is_told_of_is_there():
    assert TOLD == CARRIED_OUT
    assert len(TOLD) > 10


@pytest.mark.parametrize("module", sorted(MODULES))
def test_what_a_command_starts_is_there(module):
    assert importlib.util.find_spec(module) is not None


def test_nox_has_a_session_for_every_command_and_no_other(sessions):
    assert set(sessions) == CARRIED_OUT


def test_a_session_hands_over_to_run_with_what_it_was_given(sessions):
    session = Session("lab", "failover", "--keep")
    sessions["lab"](session)
    assert session.ran == [("./run", "lab", "failover", "--keep")]
