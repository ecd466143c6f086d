"""Every role has a README with all its variables, generated from its argument specification."""

from __future__ import annotations

import pytest

from dev.documents import role_readmes

NAMES = sorted(p.name for p in role_readmes.ROLES.iterdir() if p.is_dir())


@pytest.mark.parametrize("role", NAMES)
def test_it_is_current(role):
    """python -m dev.documents.role_readmes writes it."""
    assert (role_readmes.ROLES / role / "README.md").read_text(
        encoding="utf-8"
    ) == role_readmes.readme(role)


@pytest.mark.parametrize("role", NAMES)
def test_it_shows_a_play_of_the_role_alone_or_says_that_it_is_internal(role):
    text = (role_readmes.ROLES / role / "README.md").read_text(encoding="utf-8")
    internal = "Internal to the collection" in text
    assert internal != ("## Alone" in text)
    assert internal or f"lync.persistent_chat.{role}" in text.partition("## Alone")[2]
