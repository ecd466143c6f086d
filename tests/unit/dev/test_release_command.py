"""./run release, on a copy of the checkout: the version, the changelog and the plugins agree."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from dev.release import staging
from dev.release.release import Refused, Release

NEXT = "77.0.0"


@pytest.fixture
def copy(tmp_path):
    """The checkout as a collection elsewhere, with something to tell."""
    root = tmp_path / "ansible_collections" / "lync" / "persistent_chat"
    try:
        staging.copy(staging.files(), root)
    except staging.StagingError:
        pytest.skip("not a git checkout")
    fragment = root / "changelogs" / "fragments" / "told.yml"
    # Right after a release git may know no file in it.
    fragment.parent.mkdir(exist_ok=True)
    fragment.write_text("minor_changes: [Something that is told.]\n", encoding="utf-8")
    return Release(root, NEXT, tmp_path)


def galaxy(release):
    return yaml.safe_load((release.root / "galaxy.yml").read_text(encoding="utf-8"))


def test_a_release_writes_version_changelog_and_since_when_a_plugin_is_there(copy):
    modules = copy.root / "plugins" / "modules"
    text = (modules / "host_info.py").read_text(encoding="utf-8")
    text = text.replace("version_added: 0.1.0", "version_added: 76.9.0")
    module = modules / "brand_new.py"
    module.write_text(text.replace("module: host_info", "module: brand_new"), encoding="utf-8")
    before = galaxy(copy)
    copy.refuse_when_not_ready()

    assert module in copy.write()

    assert galaxy(copy) == {**before, "version": NEXT}
    assert f"version_added: {NEXT}\n" in module.read_text(encoding="utf-8")
    told = (copy.root / "CHANGELOG.rst").read_text(encoding="utf-8")
    assert f"v{NEXT}" in told
    assert "Something that is told." in told
    changes = copy.root / "changelogs" / "changelog.yaml"
    released = yaml.safe_load(changes.read_text(encoding="utf-8"))["releases"][NEXT]
    assert "brand_new" in {entry["name"] for entry in released["modules"]}
    assert list((copy.root / "changelogs" / "fragments").glob("*.yml")) == []
    with pytest.raises(Refused, match="not newer"):
        copy.refuse_when_not_ready()


def test_a_plugin_of_an_earlier_release_keeps_its_own(copy):
    module = copy.root / "plugins" / "modules" / "pool_info.py"
    assert module not in copy.write()
    assert "version_added: 0.1.0" in module.read_text(encoding="utf-8")


@pytest.mark.parametrize("version", ["1.0", "v1.0.0", "one", "1.0.0-rc1"])
def test_what_is_no_version_is_refused(copy, version):
    with pytest.raises(Refused, match=r"Give one like 1\.0\.0"):
        Release(copy.root, version, copy.collections).refuse_when_not_ready()


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
