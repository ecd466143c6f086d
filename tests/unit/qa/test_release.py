"""The version, the changelog and what the plugins say of themselves tell the same story."""

from __future__ import annotations

import pathlib

import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[3]
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
RELEASES = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))[
    "releases"
]
#: Kinds of plugins, by the folder they stand in and the place where the changelog lists them.
PLUGINS = [
    (path, kind)
    for kind in ("modules", "filter")
    for path in sorted((ROOT / "plugins" / kind).glob("*.py"))
    if path.stem != "__init__"
]


def listed(release, kind, name):
    entries = (
        release.get("modules", [])
        if kind == "modules"
        else release.get("plugins", {}).get(kind, [])
    )
    return name in {entry["name"] for entry in entries}


def number(version):
    return tuple(map(int, version.split(".")))


def test_the_version_is_the_newest_release():
    assert max(RELEASES, key=number) == VERSION


def test_the_changelog_tells_of_every_release():
    text = (ROOT / "CHANGELOG.rst").read_text(encoding="utf-8")
    assert [version for version in RELEASES if f"v{version}" not in text] == []


@pytest.mark.parametrize(
    ("path", "kind"), PLUGINS, ids=[f"{kind}-{path.stem}" for path, kind in PLUGINS]
)
def test_a_plugin_was_new_in_the_release_that_it_names_or_is_not_released_yet(path, kind):
    added = next(
        line.split(":", 1)[1].strip(" '\"")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("version_added:")
    )
    if number(added) > number(VERSION):
        assert not any(listed(release, kind, path.stem) for release in RELEASES.values())
        return
    assert listed(RELEASES[added], kind, path.stem), (
        f"{path.stem} says {added}, whose changelog does not list it"
    )
