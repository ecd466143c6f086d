"""The README of every role, from its argument specification and its play in examples/plays.

python -m dev.documents.role_readmes writes them, a test sees that they are current.
"""

from __future__ import annotations

import re
import sys
import typing as t

import yaml

from support import labs

ROLES = labs.ROOT / "roles"
#: A play for each role that is of use alone; the others say that they are internal.
PLAYS = labs.ROOT / "examples" / "plays"
TABLE = ("| Variable | Type | Default | Meaning |", "|---|---|---|---|")


def readme(role: str) -> str:
    """The text of one role's README.md."""
    file = ROLES / role / "meta" / "argument_specs.yml"
    entries = yaml.safe_load(file.read_text(encoding="utf-8"))["argument_specs"]
    parts = [f"# {role}"]
    for entry, about in entries.items():
        if entry != "main":
            parts.append(f"## Entry point `{entry}`")
        parts.append("\n".join(_plain(line) for line in _lines(about["description"])))
        options = about.get("options")
        is_told = entry != "main" and options == entries.get("main", {}).get("options")
        if options and not is_told:
            rows = [row(name, option) for name, option in options.items()]
            parts.append("\n".join([*TABLE, *rows]))
    play = PLAYS / f"{role}.yml"
    if play.exists():
        text = play.read_text(encoding="utf-8").rstrip("\n")
        parts.append(f"## Alone\n\n```yaml\n{text}\n```")
    return "\n\n".join(parts) + "\n"


def _lines(description: str | list[str]) -> list[str]:
    """Ansible takes a sentence or a list of them."""
    return [description] if isinstance(description, str) else description


def row(name: str, option: dict[str, t.Any]) -> str:
    """One line of the table, for a variable and its argument spec."""
    text = _plain(" ".join(_lines(option["description"])))
    choices = ", ".join(f"`{choice}`" for choice in option.get("choices") or ())
    if choices:
        text += f" One of {choices}."
    return f"| `{name}` | {option['type']} | {_default(option)} | {text} |"


def _default(option: dict[str, t.Any]) -> str:
    if option.get("required"):
        return "required"
    if option.get("default") in (None, ""):
        return ""
    return f"`{option['default']}`"


def _plain(text: str) -> str:
    """Ansible's markup as Markdown."""
    return re.sub(r"[MCVOIB]\(([^()]*)\)", r"`\1`", text)


def main() -> int:
    """Write them all."""
    for file in sorted(ROLES.glob("*/meta/argument_specs.yml")):
        folder = file.parents[1]
        (folder / "README.md").write_text(readme(folder.name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
