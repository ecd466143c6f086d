"""python -m tools.page [FOLDER]: the drawing in the documentation anew; with a folder, the status pages of the sample documents as well, to look at."""
from __future__ import annotations

import json
import pathlib
import sys
import typing as t

import jinja2

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.page import view

from .labs import ROOT

TEMPLATES = ROOT / "roles" / "status" / "templates"
DOCUMENTS = ROOT / "tests" / "unit" / "domain" / "page" / "documents"
DRAWINGS = {"healthy": ROOT / "docs" / "images" / "healthy.svg", "outage": ROOT / "docs" / "images" / "outage.svg"}
MADE_AT = "2015-06-01T12:00:00Z"


def document(name: str) -> dict[str, t.Any]:
    """A sample: healthy, outage, failed_over or split. Written by status.yml on the lab; split is the healthy one, altered by hand."""
    return t.cast("dict[str, t.Any]", json.loads((DOCUMENTS / f"{name}.json").read_text(encoding="utf-8")))


def environment() -> jinja2.Environment:
    """As ansible.builtin.template sets it up."""
    return jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined)


def page(seen: dict[str, t.Any], history: str = "") -> str:
    return environment().get_template("body.html.j2").render(view=view.view(seen, history, MADE_AT))


def drawing(seen: dict[str, t.Any]) -> str:
    """A picture of its own, with its colours in it."""
    wide = next(d for d in view.view(seen)["drawings"] if d["layout"] == "wide")
    return environment().get_template("drawing.svg.j2").render(drawing=wide, standalone=True)


def main() -> int:
    for name, file in DRAWINGS.items():
        file.write_text(drawing(document(name)), encoding="utf-8")
        print(file.relative_to(ROOT))
    for folder in map(pathlib.Path, sys.argv[1:]):
        folder.mkdir(parents=True, exist_ok=True)
        for sample in sorted(DOCUMENTS.glob("*.json")):
            (folder / f"{sample.stem}.html").write_text(page(document(sample.stem)), encoding="utf-8")
            print(folder / f"{sample.stem}.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
