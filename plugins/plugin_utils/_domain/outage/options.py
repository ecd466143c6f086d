"""What the operator of an outage chose. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Options:
    """What the operator said.

    Minutes for max_data_loss; ``id``: of the intent, should this run declare one.
    """

    target: str = "failover"  # failover | failback | mirror_failover
    mode: str = "disaster"  # disaster | planned; of a failover
    id: str = ""
    operator: str = ""
    now: str = ""
    active_failed_over: tuple[str, ...] = ()
    active_normal: tuple[str, ...] = ()
    max_data_loss: int = 30
    accept_data_loss: bool = False
    override_intent: bool = False
    move_cms: bool = False
    mirror_backup: bool = True
    order: str = "safe"  # safe | documented; of a failback
    to: str = "mirror"  # primary | mirror; of a mirror failover
    force: bool = False
    # hosts that may be taken for lost although something there answers and refuses
    unasked: frozenset[str] = frozenset()
