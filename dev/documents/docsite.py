"""./run docs: the documentation site, into .cache/docs/html. Fails on any warning that is ours.

The reference is written by antsibull-docs from what modules, filters and roles say of themselves;
the guides are docs/*.md.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import urllib.request

from support.labs import ROOT

SITE = ROOT / ".cache" / "docs"
DOCS = ROOT / "docs"
BIN = pathlib.Path(sys.executable).parent
#: Labels of Ansible's own documentation, to which antsibull-docs links; intersphinx knows them
#: where the network reaches it.
FOREIGN = re.compile(r"/reference/.*undefined label: '(?!ansible_collections\.lync\.)")
COLOURS = re.compile(r"\x1b\[[\d;]*m")
ANSIBLE_DOCS = "https://docs.ansible.com/ansible/devel/"


def reachable() -> dict[str, str]:
    """The variable that conf.py asks for, where the network reaches Ansible's documentation."""
    try:
        urllib.request.urlopen(f"{ANSIBLE_DOCS}objects.inv", timeout=5).close()
    except OSError:
        return {}
    return {"ANSIBLE_DOCS": ANSIBLE_DOCS}


def gather() -> None:
    """The sources of the site: guides, pictures, reference."""
    shutil.rmtree(SITE, ignore_errors=True)
    source = SITE / "source"
    (source / "reference").mkdir(parents=True)
    for file in (DOCS / "docsite" / "conf.py", DOCS / "docsite" / "index.rst", *DOCS.glob("*.md")):
        shutil.copy2(file, source)
    shutil.copytree(DOCS / "images", source / "images")
    command = [
        str(BIN / "antsibull-docs"),
        "collection",
        "--use-current",
        "--squash-hierarchy",
        "--fail-on-error",
        "--no-add-antsibull-docs-version",
        "--dest-dir",
        str(source / "reference"),
        "lync.persistent_chat",
    ]
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections")},
    )
    if done.returncode:
        raise SystemExit(f"antsibull-docs returned {done.returncode}:\n{done.stdout}{done.stderr}")


def build() -> list[str]:
    """Builds the pages; returns the warnings that are ours."""
    warnings = SITE / "warnings.txt"
    done = subprocess.run(
        [
            str(BIN / "sphinx-build"),
            "-q",
            "-b",
            "html",
            "-w",
            str(warnings),
            "--color",
            str(SITE / "source"),
            str(SITE / "html"),
        ],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, **reachable()},
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"sphinx-build returned {done.returncode}:\n{done.stderr[-4000:]}")
    text = COLOURS.sub("", warnings.read_text(encoding="utf-8"))
    return [line for line in text.splitlines() if line.strip() and not FOREIGN.search(line)]


def main() -> int:
    started = time.monotonic()
    gather()
    ours = build()
    pages = sum(1 for _page in (SITE / "html").rglob("*.html"))
    seconds = time.monotonic() - started
    print("\n".join(ours))
    print(f"{pages} pages in {seconds:.0f} s, {len(ours)} warnings: {SITE / 'html' / 'index.html'}")
    return int(bool(ours))


if __name__ == "__main__":
    sys.exit(main())
