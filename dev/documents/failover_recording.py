"""./run lab failover | python -m dev.documents.failover_recording: docs/images/failover.svg.

What the story printed of the outage, as a picture.
"""

from __future__ import annotations

import io
import re
import sys

from rich.console import Console
from rich.text import Text

from support.labs import ROOT

TARGET = ROOT / "docs" / "images" / "failover.svg"
#: Chapters of the story that a picture has room for: people chat; the site is lost; the failover.
FIRST = 2
LAST = 4
WIDTH = 150
STYLES = (
    ("bold white", r"^== .*"),
    ("cyan", r"^ +\$ .*"),
    ("bold red", r"\bcritical\b"),
    ("yellow", r"\bwarning\b|\[ONE-WAY\]"),
    ("bold green", r"^ +Yes:"),
    ("bold", r"Messages: .*"),
    ("bold yellow", r"Data loss: .*"),
)


def chosen(text: str) -> list[str]:
    """The lines of these chapters; silent hosts in one line, long lines cut."""
    found: list[str] = []
    chapter = 0
    silent = 0
    for line in text.splitlines():
        heading = re.match(r"== (\d+)\.", line)
        if heading:
            chapter = int(heading[1])
        if not FIRST <= chapter <= LAST:
            continue
        if re.search(r"warning  \S+ does not answer\.$", line):
            silent += 1
            continue
        if silent:
            found.append(f"   |   warning  {silent} hosts do not answer.")
            silent = 0
        found.append(line if len(line) <= WIDTH else line[: WIDTH - 1] + "…")
    return found


def main() -> int:
    lines = chosen(sys.stdin.read())
    if not any("Data loss" in line for line in lines):
        print("recording: give it what ./run lab failover printed", file=sys.stderr)
        return 2
    console = Console(
        record=True,
        width=WIDTH + 2,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    for line in lines:
        text = Text(line, no_wrap=True)
        for style, pattern in STYLES:
            text.highlight_regex(pattern, style)
        console.print(text)
    picture = console.export_svg(title="./run lab failover")
    # Fonts would be fetched from somewhere.
    without_fonts = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    TARGET.write_text(without_fonts, encoding="utf-8")
    print(TARGET.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
