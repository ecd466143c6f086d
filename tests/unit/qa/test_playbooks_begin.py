"""Every playbook begins by looking whether it reaches a pool at all."""

from __future__ import annotations

import pathlib

import pytest
import yaml

PLAYBOOKS = pathlib.Path(__file__).parents[3] / "playbooks"


def first_plays(name):
    """The playbooks that are entered before any task of another one is: begin.yml must be the
    last of them.
    """
    yield name
    first = yaml.safe_load((PLAYBOOKS / name).read_text(encoding="utf-8"))[0]
    if imported := first.get("ansible.builtin.import_playbook"):
        yield from first_plays(imported)


@pytest.mark.parametrize("file", sorted(p.name for p in PLAYBOOKS.glob("*.yml")))
def test_each_begins_with_the_look_at_what_it_reaches(file):
    assert list(first_plays(file))[-1] == "begin.yml"


def test_no_play_but_that_one_is_for_a_host_that_a_limit_leaves_out():
    for file in PLAYBOOKS.glob("*.yml"):
        hosts = [play.get("hosts") for play in yaml.safe_load(file.read_text(encoding="utf-8"))]
        assert "localhost" not in hosts or file.name == "begin.yml", file.name
