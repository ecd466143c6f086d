"""The README of every role, from its argument specification: python -m dev.documents.role_readmes
writes them, a test sees that they are current.
"""

from __future__ import annotations

import re
import sys
import typing as t

import yaml

from support import labs

ROLES = labs.ROOT / "roles"


def readme(role: str) -> str:
    """The text of one role's README.md."""
    spec = yaml.safe_load(
        (ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    )["argument_specs"]
    parts = [f"# {role}"]
    for entry, about in spec.items():
        if entry != "main":
            parts.append(f"## Entry point `{entry}`")
        description = (
            about["description"]
            if isinstance(about["description"], list)
            else [about["description"]]
        )
        parts.append("\n".join(_plain(line) for line in description))
        rows = [_row(name, option) for name, option in (about.get("options") or {}).items()]
        if rows:
            parts.append(
                "\n".join(["| Variable | Type | Default | Meaning |", "|---|---|---|---|", *rows])
            )
    return "\n\n".join(parts) + "\n"


def _row(name: str, option: dict[str, t.Any]) -> str:
    default = (
        "required"
        if option.get("required")
        else f"`{option['default']}`"
        if option.get("default") not in (None, "")
        else ""
    )
    text = (
        option["description"]
        if isinstance(option["description"], str)
        else " ".join(option["description"])
    )
    choices = (
        f" One of {', '.join(f'`{c}`' for c in option['choices'])}."
        if option.get("choices")
        else ""
    )
    return f"| `{name}` | {option['type']} | {default} | {_plain(text)}{choices} |"


def _plain(text: str) -> str:
    """Ansible's markup as Markdown."""
    return re.sub(r"[MCVOIB]\(([^()]*)\)", lambda m: f"`{m[1]}`", text)


def main() -> int:
    for folder in sorted(
        p for p in ROLES.iterdir() if (p / "meta" / "argument_specs.yml").exists()
    ):
        (folder / "README.md").write_text(readme(folder.name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
