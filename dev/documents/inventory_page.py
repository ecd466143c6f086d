"""The tables of docs/inventory.md: groups, and variables, from what the code judges by.

python -m dev.documents.inventory_page writes them, a test sees that they are current.
"""

from __future__ import annotations

import re
import sys

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._action.role_specs import (
    specs_of_roles,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.estate.contract import (
    GROUPS,
    HOST,
    POOL,
    RUN,
    VARIABLES,
    Group,
    Variable,
)
from dev.documents import role_readmes
from support import labs

PAGE = labs.ROOT / "docs" / "inventory.md"
BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
#: Those that a build needs come first.
ROLES = (
    "stretched_pool",
    "mirror",
    "log_shipping_primary",
    "log_shipping_secondary",
    "prepare",
    "facts",
    "status",
    "failover",
    "failback",
    "mirror_failover",
    "salvage",
    "fidelity",
)


def groups() -> str:
    """Every group that means something."""
    rows = ["| Group | Hosts of a pool | Who belongs into it |", "|---|---|---|"]
    for group in GROUPS:
        rows.append(f"| `{group.name}` | {_how_many(group)} | {group.meaning} |")
    return "\n".join(rows)


def _how_many(group: Group) -> str:
    if group.most is None:
        return f"{group.least} or more"
    if group.least == group.most:
        return str(group.least)
    return f"{group.least} to {group.most}"


def variables(whose: str) -> str:
    """Those that no role documents."""
    rows = list(role_readmes.TABLE)
    for variable in VARIABLES:
        if variable.whose == whose:
            rows.append(_row(variable))
    return "\n".join(rows)


def _row(variable: Variable) -> str:
    default = "required" if variable.required else variable.default
    return f"| `{variable.name}` | {variable.type} | {default} | {variable.meaning} |"


def roles() -> str:
    """Those that roles document, each at the first role that reads it."""
    specs = specs_of_roles()
    assert set(ROLES) >= {role for role, found in specs.items() if found}, "a role is not told of"
    told: set[str] = set()
    parts: list[str] = []
    for role in ROLES:
        rows = []
        for name, spec in specs[role].items():
            if name not in told:
                rows.append(role_readmes.row(name, spec))
                told.add(name)
        if rows:
            parts.append("\n".join([f"### Role {role}\n", *role_readmes.TABLE, *rows]))
    return "\n\n".join(parts)


TABLES = {
    "groups": groups,
    "host": lambda: variables(HOST),
    "pool": lambda: variables(POOL),
    "run": lambda: variables(RUN),
    "roles": roles,
}


def page(text: str) -> str:
    """The page with its tables made anew. KeyError for a table that nobody knows."""
    return BLOCK.sub(_filled, text)


def _filled(block: re.Match[str]) -> str:
    return f"{block[1]}\n{TABLES[block[2]]()}\n{block[3]}"


def main() -> int:
    """Write it."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
