"""Tables of the bench in docs/, each between two comments that name it."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
from collections.abc import Sequence

from support import labs

DOCS = labs.ROOT / "docs"
#: Where each table is shown.
PAGES = {
    "outage": DOCS / "operating.md",
    "build": DOCS / "costs.md",
    "pools": DOCS / "costs.md",
    "history": DOCS / "costs.md",
}


def markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def measured_by(command: str) -> str:
    """The line under a table: the date and the machine."""
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return (
        f"Measured by `{command}` on {today}, on {os.cpu_count()} cores"
        f" ({platform.machine()}) that ran the lab as well, with the default settings.\n"
    )


def write(name: str, text: str) -> None:
    """Put a table into its page. ValueError when that has no place for it, or several."""
    page = PAGES[name]
    page.write_text(written_into(page.read_text(encoding="utf-8"), name, text), encoding="utf-8")


def written_into(page: str, name: str, text: str) -> str:
    """The text of a page with this table."""
    place = re.compile(rf"(<!-- bench: {name} -->\n\n).*?(\n<!-- end of bench -->)", re.DOTALL)
    written, places = place.subn(lambda found: found[1] + text + found[2], page)
    if places != 1:
        raise ValueError(f"{PAGES[name]} has {places} places for the table {name}, not one.")
    return written
