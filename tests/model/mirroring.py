"""Database mirroring between two instances.

Who hardens what, who takes over, and who must be resumed.
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from .world import Instance, World


class MirrorSession:
    """Both instances hold it until PARTNER OFF reaches them."""

    def __init__(self, principal: Instance, mirror: Instance, witness: bool = False) -> None:
        self.principal = principal
        self.mirror = mirror
        self.witness = witness
        self.state = "SYNCHRONIZED"
        #: Service was forced: the old principal waits to be resumed, and is rewound then.
        self.forced = False
        principal.session = self
        mirror.session = self
        self.follow()

    @property
    def whole(self) -> bool:
        """Whether both sides still know of it."""
        return self.principal.session is self and self.mirror.session is self

    def follow(self) -> None:
        """A synchronized mirror hardens what the principal wrote before anybody hears of it."""
        if self.state != "SYNCHRONIZED":
            return
        theirs = self.mirror.db
        mine = self.principal.db
        if not theirs.same_path(mine.forks):
            theirs.rewind(min(fork.start for fork in mine.forks if fork not in theirs.forks))
        theirs.receive(mine.records, mine.end, mine.forks)
        theirs.next_backup = mine.next_backup

    def switch(self) -> None:
        """Roles change without loss: asked of a synchronized principal, or by the witness."""
        self.follow()
        self._change_roles()

    def force(self, fork: str) -> None:
        """The mirror takes over without its principal: it is recovered, on a fork of its own."""
        self._change_roles()
        self.principal.db.recover(fork)
        self.forced = True

    def _change_roles(self) -> None:
        was_principal = self.principal
        self.principal = self.mirror
        self.mirror = was_principal
        self.principal.db.state = "ONLINE"
        self.mirror.db.state = "RESTORING"

    def resume(self) -> None:
        """The old principal gives up what only it has."""
        self.forced = False
        self.state = "SYNCHRONIZED"
        self.follow()

    def off(self, asked: Instance, connected: bool) -> None:
        """The other side hears of it only when it is connected; the ex-mirror stays restoring."""
        told = [self.principal, self.mirror] if connected else [asked]
        for instance in told:
            if instance.session is self:
                instance.session = None

    def connect(self) -> None:
        """Both sides see each other."""
        if self.state == "DISCONNECTED":
            self.state = "SUSPENDED" if self.forced else "SYNCHRONIZED"
            self.follow()

    def disconnect(self, only_the_mirror_is_up: bool) -> None:
        """The sides do not see each other; a witness lets a synchronized mirror take over."""
        was_synchronized = self.state == "SYNCHRONIZED"
        if self.witness and was_synchronized and only_the_mirror_is_up and self.whole:
            self.switch()
        self.state = "DISCONNECTED"


def refresh(world: World) -> None:
    """States follow from who reaches whom.

    The witness stands in the primary site and switches only what was synchronized.
    """
    sessions: dict[int, MirrorSession] = {}
    for instance in world.sql.values():
        if instance.session is not None:
            sessions[id(instance.session)] = instance.session
    for session in sessions.values():
        principal = world.up[session.principal.host]
        mirror = world.up[session.mirror.host]
        if principal and mirror and session.whole:
            session.connect()
        else:
            session.disconnect(only_the_mirror_is_up=mirror and not principal)
