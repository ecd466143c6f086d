"""Which pairs of ansible-core and Python ./run matrix takes, and that it says of each other one
why not.
"""

from __future__ import annotations

import pathlib
import re

import yaml

from dev.checks import matrix, pythons
from dev.checks.matrix import Pair

ROOT = pathlib.Path(__file__).parents[3]


def test_it_begins_with_the_oldest_ansible_core_that_the_collection_admits():
    requires = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))[
        "requires_ansible"
    ]
    assert requires == f">={next(iter(matrix.SUPPORTED))}.0"


def test_each_version_once_and_every_python_met():
    present = ["3.10", "3.11", "3.12", "3.13"]
    chosen = matrix.one_each(matrix.all_pairs(list(matrix.SUPPORTED), present))
    assert [pair.core for pair in chosen] == list(matrix.SUPPORTED)
    assert {pair.python for pair in chosen} == set(present)
    assert all(pair.python in matrix.SUPPORTED[pair.core] for pair in chosen)


def test_every_supported_pair_runs_or_is_accounted_for():
    present = ["3.11", "3.12"]
    cores = ["2.17", "2.20"]
    chosen = matrix.one_each(matrix.all_pairs(cores, present))
    assert chosen == [Pair("2.17", "3.11"), Pair("2.20", "3.12")]
    lines = matrix.skipped(cores, present, chosen)
    assert len(chosen) + len(lines) == sum(len(matrix.SUPPORTED[core]) for core in cores)
    assert "skipped ansible-core 2.17 on Python 3.10: no Python 3.10 on this machine" in lines
    assert any(
        line.startswith(
            "skipped ansible-core 2.17 on Python 3.12: ansible-core 2.17 runs with another Python"
        )
        for line in lines
    )


def test_a_version_without_any_python_is_not_chosen():
    assert matrix.one_each(matrix.all_pairs(["2.21"], ["3.11"])) == []


def test_a_shim_that_does_not_run_is_passed_over(tmp_path, monkeypatch):
    shims, real = tmp_path / "shims", tmp_path / "real"
    for folder, text in ((shims, "#!/bin/sh\nexit 127\n"), (real, "#!/bin/sh\necho 3.12\n")):
        folder.mkdir()
        (folder / "python3.12").write_text(text, encoding="utf-8")
        (folder / "python3.12").chmod(0o755)
    (shims / "python3.12-config").write_text("", encoding="utf-8")
    monkeypatch.setenv("PATH", f"{shims}:{real}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    assert pythons.present() == {"3.12": real / "python3.12"}


def test_the_controller_gets_what_the_collection_asks_for_and_nothing_of_the_lab():
    text = (ROOT / "dev" / "requirements" / "matrix.txt").read_text(encoding="utf-8")
    assert "-r ../../requirements.txt" in text
    assert not re.search(r"-r (lab|run|dev)|ansible-core~|pytest|psrpcore", text)
