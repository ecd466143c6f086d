"""The orders of the planner as the operating guide prints them; ./run plans writes them anew."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import (
    failback,
    failover,
    homecoming,
    mirror_failover,
    rules,
)

#: Name in the guide -> the rules, in their order.
ORDERS: dict[str, Sequence[rules.Rule]] = {
    "failover": failover.ORDER,
    "failover after the door": failover.ORDERS_AFTER_THE_DOOR["service"],
    "failback while the backup is in use": homecoming.ORDERS_OF_THE_WAY_HOME["service"],
    "failback without a copy online": homecoming.ORDER_WITHOUT_A_COPY,
    "failback rebuilding": failback.ORDERS_OF_REBUILDING["service"],
    "mirror failover": mirror_failover.ORDER,
}
#: An order that the guide shows: a comment with its name, and the list behind it.
SHOWN = re.compile(r"<!-- order: (?P<name>[a-z ]+) -->\n\n(?P<text>(?:\d+\. .*\n)+)")


def printed(order: Sequence[rules.Rule]) -> str:
    """One line for each rule: the moves that it may call for, and what it says."""
    lines = [f"{number}. {_line_of(rule)}\n" for number, rule in enumerate(order, 1)]
    return "".join(lines)


def _line_of(rule: rules.Rule) -> str:
    moves = ", ".join(f"`{name}`" for name in rule.moves) or "(no move)"
    return f"{moves}: {rule.says}"


def shown_in(guide: str) -> dict[str, str]:
    """The orders that the guide shows, by name."""
    return {found["name"]: found["text"] for found in SHOWN.finditer(guide)}


def written_into(guide: str) -> str:
    """The guide with its orders as the planner has them."""
    return SHOWN.sub(lambda found: _block(found["name"]), guide)


def _block(name: str) -> str:
    return f"<!-- order: {name} -->\n\n{printed(ORDERS[name])}"
