"""./run plans: writes the printed plan of every situation and playbook anew, as text files and in
the operating guide, and the order of each operation there. Tests compare both with what the planner
says now.
"""

from __future__ import annotations

import pathlib
import re
import sys
import typing as t

from unit.domain.outage import orders
from unit.domain.outage.estates import options
from unit.domain.outage.situations import SITUATIONS

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import (
    plan,
    plan_lines,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused

FOLDER = pathlib.Path(__file__).with_name("golden")
GUIDE = pathlib.Path(__file__).parents[4] / "docs" / "operating.md"

#: How a playbook is asked -> what it asks of the planner.
ASKED: dict[str, dict[str, t.Any]] = {
    "failover": {"target": "failover", "move_cms": True},
    "planned_failover": {"target": "failover", "mode": "planned"},
    "failback": {"target": "failback"},
    "mirror_failover": {"target": "mirror_failover"},
    "forced_mirror_failover": {"target": "mirror_failover", "force": True},
}
#: A plan that the guide shows: a comment with its name, and the block behind it.
SHOWN = re.compile(r"<!-- plan: (?P<name>[\w/]+) -->\n```text\n(?P<text>.*?)```\n", re.DOTALL)


def plans() -> dict[str, str]:
    """``SITUATION/ASKED`` -> what is printed then."""
    printed = {}
    for situation in SITUATIONS:
        for asked in ASKED:
            printed[f"{situation}/{asked}"] = _printed(situation, asked)
    return printed


def _printed(situation: str, asked: str) -> str:
    estate = SITUATIONS[situation]
    try:
        found: plan.Plan | Refused = plan.unfold(estate, options(**ASKED[asked]))
    except Refused as refusal:
        found = refusal
    return "\n".join(plan_lines.lines_of(estate, found)) + "\n"


def path_of(name: str) -> pathlib.Path:
    """Where a plan is kept."""
    return FOLDER / f"{name}.txt"


def shown_in_guide() -> dict[str, str]:
    """The plans that the operating guide shows, by name."""
    guide = GUIDE.read_text(encoding="utf-8")
    return {found["name"]: found["text"] for found in SHOWN.finditer(guide)}


def main() -> int:
    """Write all of them, and remove what is none any more."""
    printed = plans()
    for name, text in printed.items():
        path_of(name).parent.mkdir(parents=True, exist_ok=True)
        path_of(name).write_text(text, encoding="utf-8")
    wanted = {path_of(name) for name in printed}
    for path in FOLDER.rglob("*.txt"):
        if path not in wanted:
            path.unlink()
    guide = GUIDE.read_text(encoding="utf-8")
    guide = SHOWN.sub(lambda found: _block(found["name"], printed), guide)
    GUIDE.write_text(orders.written_into(guide), encoding="utf-8")
    return 0


def _block(name: str, printed: dict[str, str]) -> str:
    return f"<!-- plan: {name} -->\n```text\n{printed[name]}```\n"


if __name__ == "__main__":
    sys.exit(main())
