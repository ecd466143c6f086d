"""What a person who waits wants to hear, and no more: at once, on a change, and now and then. FOR
INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[str], None]


def span(seconds: float) -> str:
    """``40 s``, ``15 min``, ``6 h``."""
    whole = round(seconds)
    for size, unit in ((3600, "h"), (60, "min")):
        if whole >= size and (whole % size == 0 or whole >= 10 * size):
            return f"{round(whole / size)} {unit}"
    return f"{whole} s"


class Progress:
    """Lines about one wait.

    The first comes ``after`` seconds; later ones when what is seen has changed, but not within
    ``soonest`` seconds, or when ``every`` seconds have passed: a log of a long wait has two lines a
    minute at most where nothing happens.
    """

    def __init__(
        self,
        tell: Tell,
        limit: float,
        *,
        after: float = 0.0,
        every: float = 30.0,
        soonest: float = 5.0,
    ) -> None:
        self._tell = tell
        self._limit = limit
        self._after = after
        self._every = every
        self._soonest = soonest
        self._told: float | None = None
        self._seen = ""

    def waited(self, seconds: float, what: str, seen: str = "") -> None:
        """``seconds`` since the wait began; ``seen``: how far it is, in a few words."""
        if self._told is None and seconds < self._after:
            return
        if self._told is not None and not self._is_worth_a_line(seconds - self._told, seen):
            return
        how_far = f"; {seen}" if seen else ""
        self._tell(f"{what} ({self._passed(seconds)}{how_far})")
        self._told = seconds
        self._seen = seen

    def _is_worth_a_line(self, since: float, seen: str) -> bool:
        """``since``: seconds since the last line."""
        if seen != self._seen and since >= self._soonest:
            return True
        return since >= self._every

    def _passed(self, seconds: float) -> str:
        limit = f"at most {span(self._limit)}"
        if self._told is not None:
            return f"{span(seconds)} of {limit}"
        return f"{span(seconds)} so far, {limit}" if self._after else limit
