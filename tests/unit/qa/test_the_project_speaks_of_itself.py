"""Nothing tracked names a place of somebody's machine, a package registry, or a word that must
not stand in a release.
"""

from __future__ import annotations

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[3]
WORDS = re.compile(
    r"(?<![\w.-])/(?:work|farm|root|home)/\w"
    r"|files\.pythonhosted|pypi\.org/simple|registry\.npmjs"
    r"|BEGIN (?:RSA )?PRIVATE KEY"
)


def tracked():
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name]


def test_no_foreign_words():
    found = []
    for path in tracked():
        if path == pathlib.Path(__file__) or path.suffix in {".png", ".svg"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {m[0]}" for m in WORDS.finditer(text)]
    assert found == []
