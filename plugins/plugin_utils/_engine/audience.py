"""Who shows what tasks return to people. FOR INTERNAL COLLECTION USE ONLY.

Lines of a result (a plan, a status) are printed by the task itself, beside whatever the stdout
callback writes. The callback of this collection prints them as part of its own text; it says so
here, before workers are forked, and tasks leave it to it.
"""

from __future__ import annotations

_shown_by_the_callback = False


def results_are_shown() -> bool:
    """Whether the stdout callback shows the lines of results."""
    return _shown_by_the_callback


def show_results() -> None:
    """Said by a callback that does, for the rest of this process and those forked from it."""
    global _shown_by_the_callback
    _shown_by_the_callback = True
