"""How checks say what came of them: a line each, and how many passed."""

from __future__ import annotations

from collections.abc import Collection


def verdict(good: bool, name: str, seconds: float, text: str = "") -> str:
    """A line of a summary; callers pad ``name`` so that their lines stand below each other."""
    word = "ok    " if good else "FAILED"
    return f"{word} {name} {seconds:6.1f} s  {text}".rstrip()


def total(outcomes: Collection[bool]) -> str:
    """The last line."""
    passed = sum(outcomes)
    return f"{passed} passed, {len(outcomes) - passed} failed"
