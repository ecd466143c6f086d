"""What would be lost with a copy that is overwritten. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from .copies import Copy
from .forks import Forks


def holds_nothing_more(copy: Copy, living: Copy, forks: Forks) -> bool:
    """The history of the copy in use is known to go through all that the other one has."""
    if copy.family is None or copy.family != living.family:
        return False
    if copy.fork is None or living.fork is None:
        return False
    if copy.fork == living.fork:
        return True
    if copy.redo_lsn is None or not forks.follows(living.fork, copy.fork):
        return False
    return forks.left_before(copy.redo_lsn, copy.fork, living.fork) is None
