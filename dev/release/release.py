"""./run release VERSION: what a release writes into the repository; commit and tag are yours.

galaxy.yml gets the version, plugins that were not released yet get it as their version_added, and
the fragments are folded into the changelog. The tarball of it is built by ./run package.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import os
import pathlib
import re
import subprocess
import sys

import yaml

from support.labs import ROOT

BIN = pathlib.Path(sys.executable).parent
VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
ADDED = re.compile(r"^version_added: *['\"]?(\d+\.\d+\.\d+)['\"]?$", re.MULTILINE)
#: Folders whose files say since when they are there.
SINCE_WHEN = ("plugins/modules", "plugins/filter", "plugins/callback", "plugins/vars")


class Refused(Exception):
    """A sentence: what was seen, why it will not do, what would."""


def number(version: str) -> tuple[int, ...]:
    """For comparison. Refused when it is no version of the form 1.2.3."""
    if not VERSION.fullmatch(version):
        raise Refused(f"{version!r} is no version of three numbers. Give one like 1.0.0.")
    return tuple(map(int, version.split(".")))


@dataclasses.dataclass(frozen=True)
class Release:
    """``root``: the checkout. ``collections``: a folder in which it is a collection."""

    root: pathlib.Path
    version: str
    collections: pathlib.Path

    @property
    def _galaxy(self) -> pathlib.Path:
        return self.root / "galaxy.yml"

    def current(self) -> str:
        """The version of the last release."""
        return str(yaml.safe_load(self._galaxy.read_text(encoding="utf-8"))["version"])

    def refuse_when_not_ready(self) -> None:
        """Refused for a version that is not newer, and when there is nothing to tell of it."""
        current = self.current()
        if number(self.version) <= number(current):
            raise Refused(
                f"{self.version} is not newer than {current}, the last release, and Galaxy takes"
                " each version once. Give a greater one."
            )
        fragments = self.root / "changelogs" / "fragments"
        if not any(fragments.glob("*.yml")):
            raise Refused(
                "changelogs/fragments is empty, so nobody would know what is new. Write a fragment"
                " for what users notice."
            )

    def write(self) -> list[pathlib.Path]:
        """Write all of it; returns the plugins that are new in this release."""
        before = self.current()
        text = self._galaxy.read_text(encoding="utf-8")
        changed = text.replace(f"version: {before}\n", f"version: {self.version}\n", 1)
        self._galaxy.write_text(changed, encoding="utf-8")
        new = [path for path in self._plugins() if self._is_new(path, before)]
        for path in new:
            text = path.read_text(encoding="utf-8")
            path.write_text(ADDED.sub(f"version_added: {self.version}", text), encoding="utf-8")
        self._fold_fragments()
        return new

    def _plugins(self) -> list[pathlib.Path]:
        found: list[pathlib.Path] = []
        for folder in SINCE_WHEN:
            found.extend(sorted((self.root / folder).glob("*.py")))
        return found

    def _is_new(self, path: pathlib.Path, before: str) -> bool:
        added = ADDED.search(path.read_text(encoding="utf-8"))
        return added is not None and number(added[1]) > number(before)

    def _fold_fragments(self) -> None:
        """Refused, with what it said, when antsibull-changelog does not do it."""
        today = dt.datetime.now(dt.timezone.utc).date().isoformat()  # noqa: UP017
        done = subprocess.run(
            [
                str(BIN / "antsibull-changelog"),
                "release",
                "--reload-plugins",
                "--version",
                self.version,
                "--date",
                today,
            ],
            cwd=self.root,
            env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(self.collections)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stdout + done.stderr
            raise Refused(f"antsibull-changelog returned {done.returncode}:\n{said}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run release", description=__doc__)
    parser.add_argument("version", metavar="VERSION", help="of the release, like 1.0.0")
    release = Release(ROOT, parser.parse_args().version, ROOT / ".cache" / "collections")
    try:
        release.refuse_when_not_ready()
        new = release.write()
    except Refused as refusal:
        print(f"release: {refusal}", file=sys.stderr)
        return 2
    print(f"{release.version}: {len(new)} new plugins, the changelog is written.")
    print("Left for you: git diff, ./run test, ./run package, commit, and the tag of that commit.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
