"""python -m dev.documents.status_page [--screenshot] [FOLDER]: the documentation's drawings anew.

With a browser the picture of the page as well; with a folder, the status pages of the sample
documents, to look at.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import typing as t

import jinja2

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.documents.status import (
    Status,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.page import (
    history,
    made,
    view,
)
from support.labs import ROOT

TEMPLATES = ROOT / "roles" / "status" / "templates"
DOCUMENTS = ROOT / "tests" / "unit" / "domain" / "status" / "page" / "documents"
IMAGES = ROOT / "docs" / "images"
DRAWINGS = {"healthy": IMAGES / "healthy.svg", "outage": IMAGES / "outage.svg"}
#: A Chromium. It is named, not found: what is installed must not decide what is tested.
BROWSER = os.environ.get("PAGE_BROWSER") or None

Document = Status
#: What the clocks of a controller show in a page that is made here.
SUMMER = dt.timezone(dt.timedelta(hours=2), "CEST")


def document(name: str) -> Document:
    """A sample: healthy, outage, failed_over or split.

    Written by status.yml on the lab; split is the healthy one, altered by hand.
    """
    return t.cast("Document", json.loads((DOCUMENTS / f"{name}.json").read_text(encoding="utf-8")))


def sample_history(last: Document, before: int = 95) -> str:
    """A day of runs every quarter of an hour that ends with this document.

    Quiet, but for some hours at night in which nothing was copied.
    """
    last_at = last["at"] or "2015-06-01T12:00:00Z"
    end = dt.datetime.fromisoformat(last_at.replace("Z", "+00:00"))
    text = ""
    for number in range(before, 0, -1):
        at = end - dt.timedelta(minutes=15 * number)
        late = max(0, 6 - abs(number - 40)) * 7
        run = {
            "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "pool": last["pool"],
            "situation": "Unlinked" if late > 30 else "Healthy",
            "backup_minutes": 3 + number % 11,
            "copy_minutes": 5 + number % 9 + late,
            "restore_minutes": 6 + number % 9 + late,
            "loss_minutes": 8 + number % 12,
        }
        text += json.dumps(run) + "\n"
    return history.appended(text, last, last_at, before + 1)


def environment() -> jinja2.Environment:
    """As ansible.builtin.template sets it up."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )


def page(seen: Document, kept: str = "") -> str:
    """The page of a status document; ``kept``: the history beside it, as JSON lines."""
    now = seen["at"] or "2015-06-01T12:00:00Z"
    by = made.Made(
        at=now,
        controller="controller-s1",
        inventory=("hosts.yml",),
        version="1.0.0",
        local=lambda at: at.astimezone(SUMMER),
    )
    return environment().get_template("body.html.j2").render(view=view.view(seen, kept, by))


def drawing(seen: Document) -> str:
    """A picture of its own, with its colours in it."""
    drawings = view.view(seen)["drawings"]
    wide = next(one for one in drawings if one["layout"] == "wide")
    return environment().get_template("drawing.svg.j2").render(drawing=wide, standalone=True)


def browse(file: pathlib.Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The page in a browser without a window and without a network: no name can be resolved.

    What it says on its console is in stderr.
    """
    assert BROWSER
    with tempfile.TemporaryDirectory() as profile:
        return subprocess.run(
            [
                BROWSER,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--user-data-dir={profile}",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "--enable-logging=stderr",
                "--virtual-time-budget=2000",
                *options,
                file.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )


def screenshot(source: str, target: pathlib.Path) -> None:
    """The upper part of the page, small enough for a README."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "page.html"
        file.write_text(source, encoding="utf-8")
        browse(
            file,
            "--window-size=1200,1920",
            "--force-device-scale-factor=0.65",
            f"--screenshot={target}",
        )
    print(target)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m dev.documents.status_page", description=__doc__
    )
    parser.add_argument(
        "--screenshot",
        action="store_true",
        help="write docs/images/status_page.png as well; needs PAGE_BROWSER, a Chromium's path",
    )
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    asked = parser.parse_args()
    for name, file in DRAWINGS.items():
        file.write_text(drawing(document(name)), encoding="utf-8")
        print(file)
    if asked.screenshot:
        outage = document("outage")
        screenshot(page(outage, sample_history(outage)), IMAGES / "status_page.png")
    if asked.folder:
        asked.folder.mkdir(parents=True, exist_ok=True)
        for sample in sorted(DOCUMENTS.glob("*.json")):
            target = asked.folder / f"{sample.stem}.html"
            seen = document(sample.stem)
            target.write_text(page(seen, sample_history(seen)), encoding="utf-8")
            print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
