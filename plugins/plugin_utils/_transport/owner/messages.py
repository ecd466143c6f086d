"""What is said between a worker and the owner. FOR INTERNAL COLLECTION USE ONLY.

A worker says ``Lend`` first, and then, as often as it likes, ``Errand`` or ``Forget``; last
``Leave`` or ``Abandon``. Or it says ``Close`` or ``Prepare``, and nothing else. The owner answers
each with ``Said`` as often as there is something to say, and one ``Came``, ``Done`` or error at the
end.
"""

from __future__ import annotations

import dataclasses

from ..line import Came, Errand, Limits
from ..winrm_endpoint import Endpoint

#: The owner's first word, to who knows the key.
WELCOME = b"pchat-owner"


@dataclasses.dataclass(frozen=True)
class Lend:
    endpoint: Endpoint
    limits: Limits


@dataclasses.dataclass(frozen=True)
class Forget:
    """The runspace that was lent is of no use."""


@dataclasses.dataclass(frozen=True)
class Leave:
    """The task is over, and the runspace is in order."""


@dataclasses.dataclass(frozen=True)
class Abandon:
    """The task is over, and nobody knows what the runspace does."""


@dataclasses.dataclass(frozen=True)
class Close:
    """Runspaces that wait for this endpoint are to be deleted."""

    endpoint: Endpoint
    limits: Limits


@dataclasses.dataclass(frozen=True)
class Prepare:
    """A runspace is opened, and carries out ``errand``, for tasks to come; nobody waits for it."""

    endpoint: Endpoint
    limits: Limits
    errand: Errand


@dataclasses.dataclass(frozen=True)
class Said:
    """For the log, or for a person who waits."""

    text: str
    to_people: bool = False


@dataclasses.dataclass(frozen=True)
class Arrived:
    """All that came of an errand. ``taken_up``: through the runspace of an earlier task."""

    came: Came
    taken_up: bool


@dataclasses.dataclass(frozen=True)
class Done:
    """``value``: what was asked for, if anything."""

    value: bool = True


Asked = Lend | Errand | Forget | Leave | Abandon | Close | Prepare
