"""Labs that start in the same moment take different addresses, also from different clones."""
from __future__ import annotations

import tempfile

from pchat_lab.control import cli


def test_labs_of_two_clones_do_not_take_the_same_block(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "machine"))
    (tmp_path / "machine").mkdir()
    taken = []
    for clone in ("one", "two"):
        monkeypatch.setenv("CHATLAB_HOME", str(tmp_path / clone))
        taken.append(cli.free_net())                       # its lock is held until the lab listens
    assert taken[0] != taken[1]
    cli.lock_of(taken[0]).unlink()
    monkeypatch.setenv("CHATLAB_HOME", str(tmp_path / "three"))
    assert cli.free_net() == taken[0]
