"""./run release, on a copy of the checkout: the version, the changelog and the plugins agree."""

from __future__ import annotations

import pathlib
import subprocess
import typing as t

import pytest
import yaml

from dev.release import staging
from dev.release.release import Refused, Release

NEXT = "77.0.0"


def copied(folder):
    """The checkout as a collection elsewhere, with something to tell."""
    root = folder / "ansible_collections" / "lync" / "persistent_chat"
    try:
        staging.copy(staging.files(), root)
    except staging.StagingError:
        pytest.skip("not a git checkout")
    fragment = root / "changelogs" / "fragments" / "told.yml"
    # Right after a release git may know no file in it.
    fragment.parent.mkdir(exist_ok=True)
    fragment.write_text("minor_changes: [Something that is told.]\n", encoding="utf-8")
    return Release(root, NEXT, folder)


@pytest.fixture
def copy(tmp_path):
    """Such a collection to write in."""
    return copied(tmp_path)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """Such a collection that nobody writes in."""
    return copied(tmp_path_factory.mktemp("untouched"))


def galaxy(release):
    return yaml.safe_load((release.root / "galaxy.yml").read_text(encoding="utf-8"))


class Written(t.NamedTuple):
    """``before``: what galaxy.yml said. ``new``, ``old``: a module that no release had yet, and one
    that was in the first. ``written``: the files that the release wrote.
    """

    release: Release
    before: dict[str, t.Any]
    new: pathlib.Path
    old: pathlib.Path
    written: t.Container[pathlib.Path]


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A release that was written."""
    release = copied(tmp_path_factory.mktemp("released"))
    modules = release.root / "plugins" / "modules"
    text = (modules / "host_info.py").read_text(encoding="utf-8")
    text = text.replace("version_added: 0.1.0", "version_added: 76.9.0")
    new = modules / "brand_new.py"
    new.write_text(text.replace("module: host_info", "module: brand_new"), encoding="utf-8")
    before = galaxy(release)
    release.refuse_when_not_ready()
    return Written(release, before, new, modules / "pool_info.py", release.write())


def test_a_release_writes_version_changelog_and_since_when_a_plugin_is_there(released):
    root = released.release.root
    assert released.new in released.written
    assert galaxy(released.release) == {**released.before, "version": NEXT}
    assert f"version_added: {NEXT}\n" in released.new.read_text(encoding="utf-8")
    told = (root / "CHANGELOG.rst").read_text(encoding="utf-8")
    assert f"v{NEXT}" in told
    assert "Something that is told." in told
    changes = root / "changelogs" / "changelog.yaml"
    releases = yaml.safe_load(changes.read_text(encoding="utf-8"))["releases"][NEXT]
    assert "brand_new" in {entry["name"] for entry in releases["modules"]}
    assert list((root / "changelogs" / "fragments").glob("*.yml")) == []
    with pytest.raises(Refused, match="not newer"):
        released.release.refuse_when_not_ready()


def test_a_plugin_of_an_earlier_release_keeps_its_own(released):
    assert released.old not in released.written
    assert "version_added: 0.1.0" in released.old.read_text(encoding="utf-8")


@pytest.mark.parametrize("version", ["1.0", "v1.0.0", "one", "1.0.0-rc1"])
def test_what_is_no_version_is_refused(untouched, version):
    with pytest.raises(Refused, match=r"Give one like 1\.0\.0"):
        Release(untouched.root, version, untouched.collections).refuse_when_not_ready()


def test_a_release_of_which_nothing_is_told_is_refused(copy):
    for fragment in (copy.root / "changelogs" / "fragments").glob("*.yml"):
        fragment.unlink()
    with pytest.raises(Refused, match="Write a fragment"):
        copy.refuse_when_not_ready()


def test_what_the_changelog_program_says_is_told(copy, monkeypatch):
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda *_given, **_more: subprocess.CompletedProcess([], 1, "", "it is broken"),
    )
    with pytest.raises(Refused, match="it is broken"):
        copy.write()
