"""Every stable code that a plugin can give stands in docs/errors.md."""

from __future__ import annotations

import pathlib
import re

ROOT = pathlib.Path(__file__).parents[3]


def test_every_code_is_documented():
    documented = set(
        re.findall(r"`([a-z_]+)`", (ROOT / "docs" / "errors.md").read_text(encoding="utf-8"))
    )
    used: set[str] = set()
    for path in (ROOT / "plugins" / "plugin_utils").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(r'\bcode="([a-z_]+)"', text)) | set(
            re.findall(r'^    code = "([a-z_]+)"', text, re.MULTILINE)
        )
        used |= set(re.findall(r'Finding\([^,()]+(?:\[[^]]*\])?[^,()]*, "([a-z_]+)"', text))
    assert used - documented - {"error", "refused"} == set()


def test_every_code_has_an_explanation_and_an_example():
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    sections = re.split(
        r"^### ", text.partition("\n## What status.yml warns of")[0], flags=re.MULTILINE
    )[1:]
    for section in sections:
        assert re.fullmatch(
            r"`([a-z_]+)`\n\n\S.{30,}?\n\n```text\n\S.+?\n```\n(\n## .+)?\n*", section, re.DOTALL
        ), section
    names = [s.partition("\n")[0] for s in sections]
    assert len(names) == len(set(names))
