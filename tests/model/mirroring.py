"""Database mirroring between two instances: who hardens what, who takes over, and who must be
resumed.
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from .world import Instance, World


class MirrorSession:
    """Both instances hold it until PARTNER OFF reaches them."""

    def __init__(self, principal: Instance, mirror: Instance, witness: bool = False) -> None:
        self.principal, self.mirror, self.witness = principal, mirror, witness
        self.state = "SYNCHRONIZED"
        self.forced = (
            False  # service was forced: the old principal waits to be resumed, and is rewound then
        )
        principal.session = mirror.session = self
        self.follow()

    @property
    def whole(self) -> bool:
        return self.principal.session is self and self.mirror.session is self

    def follow(self) -> None:
        """What the principal wrote is hardened on a synchronized mirror before anybody hears of it."""
        if self.state == "SYNCHRONIZED":
            theirs, mine = self.mirror.db, self.principal.db
            if not theirs.same_path(mine.forks):
                theirs.rewind(min(f.start for f in mine.forks if f not in theirs.forks))
            theirs.receive(mine.records, mine.end, mine.forks)
            theirs.next_backup = mine.next_backup

    def switch(self) -> None:
        """Roles change without loss: asked of a synchronized principal, or by the witness."""
        self.follow()
        self.principal, self.mirror = self.mirror, self.principal
        self.principal.db.state, self.mirror.db.state = "ONLINE", "RESTORING"

    def force(self, fork: str) -> None:
        self.principal, self.mirror = self.mirror, self.principal
        self.principal.db.state, self.mirror.db.state = "ONLINE", "RESTORING"
        self.principal.db.fork(fork)
        self.forced = True

    def resume(self) -> None:
        self.forced, self.state = False, "SYNCHRONIZED"
        self.follow()

    def off(self, asked: Instance, connected: bool) -> None:
        """The other side hears of it only when it is connected; the ex-mirror stays restoring."""
        for instance in (self.principal, self.mirror) if connected else (asked,):
            if instance.session is self:
                instance.session = None


def refresh(world: World) -> None:
    """States follow from who reaches whom.

    The witness stands in the primary site and switches only what was synchronized.
    """
    for session in {
        id(i.session): i.session for i in world.sql.values() if i.session is not None
    }.values():
        principal, mirror = world.up[session.principal.host], world.up[session.mirror.host]
        if principal and mirror and session.whole:
            if session.state == "DISCONNECTED":
                session.state = "SUSPENDED" if session.forced else "SYNCHRONIZED"
                session.follow()
        else:
            was, session.state = session.state, "DISCONNECTED"
            if (
                session.witness
                and was == "SYNCHRONIZED"
                and mirror
                and not principal
                and session.whole
            ):
                session.state = "SYNCHRONIZED"
                session.switch()
                session.state = "DISCONNECTED"
