"""What is no lab's name is refused before anything is touched; the locks of a machine are trusted
only where they are ours alone.
"""

from __future__ import annotations

import os
import pathlib
import tempfile

import pytest

from pchat_lab.control import cli, running


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("CHATLAB_HOME", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return folder


@pytest.mark.parametrize("command", ["up", "down", "state", "inventory"])
@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "..",
        ".",
        "",
        "/tmp",
        "a/b",
        "-x",
        ".hidden",
        "a\nb",
        "a\x00b",
        "ä",
        "x" * 101,
        "a b",
    ],
)
def test_what_is_no_name_is_refused_before_anything_is_touched(home, capsys, command, name):
    beside = home.parent / "x"
    beside.mkdir(exist_ok=True)
    (beside / "precious").write_text("", encoding="ascii")
    assert cli.main([command, f"--name={name}"]) == 1
    assert "is no name of a lab" in capsys.readouterr().err
    assert (beside / "precious").exists()
    assert list(home.iterdir()) == []


def test_a_folder_that_is_no_labs_is_left_alone(home, capsys):
    folder = home / "mine"
    folder.mkdir()
    (folder / "precious").write_text("", encoding="ascii")
    assert cli.main(["up", "--name", "mine"]) == 1
    assert "is no lab's folder" in capsys.readouterr().err
    assert (folder / "precious").exists()


def test_a_link_is_no_labs_folder(home, capsys, tmp_path):
    (home / "link").symlink_to(tmp_path)
    assert cli.main(["up", "--name", "link"]) == 1
    assert "is no lab's folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--estate", "none"], "there is no estate 'none'"),
        (["--net", "10.1"], "no block of loopback addresses"),
        (["--net", "127.300"], "no block"),
        (["--open-cost", "-1"], "--open-cost -1.0"),
        (["--max-life", "nan"], "--max-life nan"),
        (["--import-cost", "inf"], "--import-cost inf"),
    ],
)
def test_settings_that_no_lab_can_have_are_refused_before_the_old_lab_is_removed(
    home, capsys, arguments, said
):
    old = home / "old"
    old.mkdir()
    (old / "options.json").write_text("{}", encoding="ascii")
    assert cli.main(["up", "--name", "old", *arguments]) == 1
    assert said in capsys.readouterr().err
    assert (old / "options.json").exists()


def _locks(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / f"chatlab-{os.getuid()}"


def test_the_folder_of_locks_is_ours_alone(tmp_path):
    with running.reserved("127.20") as ours:
        assert ours
    assert _locks(tmp_path).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o750, 0o701])
def test_a_folder_of_locks_that_others_may_use_is_refused(tmp_path, mode):
    _locks(tmp_path).mkdir()
    _locks(tmp_path).chmod(mode)
    with (
        pytest.raises(running.UnsafeFolder, match=f"mode {mode:o} instead of 700"),
        running.reserved("127.20"),
    ):
        pass


def test_somebody_elses_folder_of_locks_is_refused(tmp_path, monkeypatch):
    _locks(tmp_path).mkdir(mode=0o700)
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    (tmp_path / "chatlab-12345").mkdir(mode=0o700)
    with (
        pytest.raises(running.UnsafeFolder, match="belongs to the user with number"),
        running.reserved("127.20"),
    ):
        pass


def test_a_link_in_the_place_of_the_folder_or_of_a_lock_is_not_followed(tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("kept", encoding="ascii")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    _locks(tmp_path).symlink_to(elsewhere)
    with pytest.raises(running.UnsafeFolder, match="link"), running.reserved("127.20"):
        pass
    assert list(elsewhere.iterdir()) == []
    _locks(tmp_path).unlink()
    _locks(tmp_path).mkdir(mode=0o700)
    (_locks(tmp_path) / "127.20.lock").symlink_to(precious)
    with pytest.raises(running.UnsafeFolder, match="link"), running.reserved("127.20"):
        pass
    assert precious.read_text(encoding="ascii") == "kept"


def test_a_pipe_in_the_place_of_a_lock_is_refused_and_does_not_hang(tmp_path):
    _locks(tmp_path).mkdir(mode=0o700)
    os.mkfifo(_locks(tmp_path) / "127.20.lock")
    with pytest.raises(running.UnsafeFolder, match="no plain file"), running.reserved("127.20"):
        pass


def test_a_lock_is_never_emptied(tmp_path):
    _locks(tmp_path).mkdir(mode=0o700)
    (_locks(tmp_path) / "127.20.lock").write_text("kept", encoding="ascii")
    with running.reserved("127.20") as ours:
        assert ours
    assert (_locks(tmp_path) / "127.20.lock").read_text(encoding="ascii") == "kept"


def test_a_second_lab_does_not_overwrite_the_number_of_the_first(tmp_path):
    with running.declared(tmp_path):
        with pytest.raises(OSError, match=r"."), running.declared(tmp_path):
            pass
        assert running.pid_of(tmp_path) == os.getpid()


def test_an_unsafe_folder_is_a_sentence_for_the_user(tmp_path, capsys):
    _locks(tmp_path).mkdir(mode=0o777)
    _locks(tmp_path).chmod(0o777)
    assert cli.main(["up", "--name", "x"]) == 1
    assert "set TMPDIR to a folder of your own" in capsys.readouterr().err
