"""Mirroring sessions: two copies, a witness perhaps, quorum, states and role switches (sql-docs:
Database Mirroring).

A session is looked at whenever somebody asks, when a machine or service changes, and every few lab
seconds: states follow from what can reach what at that moment.

A principal that is replaced while it cannot be told (service was forced, or the witness let the
mirror take over) stays principal until it meets its partner or the witness: there are two then, and
without a witness both serve. When they meet it becomes the mirror; what only it holds is undone
when the session is resumed. assumed: a restart in between changes nothing of that.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t
import uuid

from ...world.firewall import lets_in
from ..server.endpoints import endpoint_of, listens
from ..server.log import Record

if t.TYPE_CHECKING:
    from ...world.machine import Machine
    from ...world.network import Network
    from ..server.database import Database
    from ..server.instance import SqlInstance

#: Lab seconds that a new mirror takes to catch up: more than one, because times of restores and of
#: processes are told in whole seconds, and servers are restarted behind it.
FIRST_CATCH_UP = 1.2
#: Lab seconds that catching up takes once the partners are connected again.
CATCH_UP = 0.5
_HEARTBEAT = 10.0


@dataclasses.dataclass
class Recorded:
    """SET PARTNER was issued on a restoring copy only: it remembers the address and contacts
    nobody.
    """

    partner: str


class MirrorSession:
    """Shared by both databases (``Database.mirroring``)."""

    def __init__(
        self, principal: Database, mirror: Database, principal_address: str, mirror_address: str
    ) -> None:
        self.guid = uuid.uuid4()
        self.principal = principal
        self.mirror = mirror
        self.addresses = {principal.instance: principal_address, mirror.instance: mirror_address}
        self.witness: SqlInstance | None = None
        self.witness_address = ""
        self.safety = "FULL"
        self.timeout = 10
        self.state = "SYNCHRONIZING"
        self.since = principal.instance.world.clock.now()
        self.was_synchronized = False  # just before the connection was lost
        self.catches_up_in = FIRST_CATCH_UP
        self.role_sequence = self.safety_sequence = 1
        self.replaced: Database | None = None  # a principal that has not heard of its successor
        self.forced_from: int | None = (
            None  # LSN of the fork that forced service made; the old principal must be resumed
        )
        self.left: set[SqlInstance] = set()  # issued OFF while the other could not hear it
        self.made_at = self.since  # lab time; services that started before do not know the mirror
        self._clock = principal.instance.world.clock
        self._ended = False
        principal.mirroring = mirror.mirroring = self
        principal.on_append.append(self._follow)
        principal.log_needed = self._unsent
        world = principal.instance.world
        world.on_power.append(lambda machine: self.refresh())
        world.on_service.append(lambda machine, service: self.refresh())
        self._beat()

    def _beat(self) -> None:
        if not self._ended:
            self.refresh()
            self._clock.after(_HEARTBEAT, self._beat)

    # --- who sees whom
    def connected(self) -> bool:
        return talk(self.principal.instance, self.mirror.instance)

    def sees_witness(self, instance: SqlInstance) -> bool:
        return self.witness is not None and talk(instance, self.witness)

    def has_quorum(self, instance: SqlInstance) -> bool:
        """Without a witness the principal serves exposed; with one it must see its partner or the
        witness.
        """
        return self.witness is None or self.connected() or self.sees_witness(instance)

    def role(self, database: Database) -> str:
        return "MIRROR" if self.knows_itself_as_mirror(database) else "PRINCIPAL"

    def knows_itself_as_mirror(self, database: Database) -> bool:
        return database is self.mirror and database is not self.replaced

    def role_sequence_of(self, database: Database) -> int:
        """As this side knows it: a principal that was replaced lacks the last switch."""
        return self.role_sequence - 1 if database is self.replaced else self.role_sequence

    def partner(self, database: Database) -> Database:
        return self.mirror if database is self.principal else self.principal

    # --- states
    def refresh(self) -> None:
        """Let the states follow from what is reachable now."""
        if self._ended:
            return
        linked = self.connected()
        now = self._clock.now()
        if self.left and linked:
            self.end()
            return
        self._tell_the_replaced()
        self._see_whether_linked(linked)
        caught_up = (now - self.since).total_seconds() >= self.catches_up_in
        if self.state == "SYNCHRONIZING" and caught_up:
            self._catch_up()
            self.catches_up_in = CATCH_UP
            self._enter("SYNCHRONIZED")
        if (
            self.state == "DISCONNECTED"
            and (now - self.since).total_seconds() >= self.timeout
            and self._may_take_over()
        ):
            self.switch()

    def _see_whether_linked(self, linked: bool) -> None:
        if self.state in ("SYNCHRONIZING", "SYNCHRONIZED") and not linked:
            self.was_synchronized = self.state == "SYNCHRONIZED"
            self._enter("DISCONNECTED")
            self._clock.after(self.timeout + 0.1, self.refresh)
        elif self.state == "DISCONNECTED" and linked:
            self._enter("SUSPENDED" if self.forced_from is not None else "SYNCHRONIZING")

    def _enter(self, state: str) -> None:
        self.state = state
        self.since = self._clock.now()
        if state == "SYNCHRONIZING":
            self._clock.after(self.catches_up_in, self.refresh)

    def _may_take_over(self) -> bool:
        """Automatic failover: safety FULL, synchronized before, mirror and witness see each other
        and neither sees the principal.
        """
        return (
            self.safety == "FULL"
            and self.was_synchronized
            and self.witness is not None
            and self.sees_witness(self.mirror.instance)
            and not self.sees_witness(self.principal.instance)
        )

    def _catch_up(self) -> None:
        """Send and redo everything the mirror lacks; what it had on a dead fork is undone first."""
        mirror = self.mirror
        principal = self.principal
        if not mirror.same_path(principal.forks):
            shared = [f.start_lsn for f in principal.forks if f not in mirror.forks]
            mirror.rewind(min(shared))
        mirror.receive(principal.records, principal.end_lsn, principal.forks)
        mirror.last_log_backup_lsn = principal.last_log_backup_lsn

    def _follow(self, record: Record) -> None:
        """A record hardened on the principal is hardened on a synchronized mirror before the client
        hears of it.
        """
        self.refresh()
        if self.state == "SYNCHRONIZED":
            self._catch_up()

    def _unsent(self) -> tuple[str, int] | None:
        """The principal keeps what its mirror lacks."""
        if self.state in ("SUSPENDED", "DISCONNECTED"):
            return "DATABASE_MIRRORING", self.mirror.end_lsn
        return None

    # --- role switches
    def switch(self) -> None:
        """Swap roles: a manual failover, or the automatic one."""
        if self.state == "SYNCHRONIZED":
            self._catch_up()
        old = self.principal
        new = self.mirror
        new.last_log_backup_lsn = old.last_log_backup_lsn
        self._take_over(old, new)
        self._enter("SYNCHRONIZING" if self.connected() else "DISCONNECTED")
        self.was_synchronized = False

    def force(self) -> None:
        """FORCE_SERVICE_ALLOW_DATA_LOSS on the mirror: a new fork; the session is suspended when
        the old principal comes back.
        """
        old = self.principal
        new = self.mirror
        self._take_over(old, new)
        self.forced_from = new.end_lsn
        new.new_fork()
        self._enter("DISCONNECTED")
        self.was_synchronized = False

    def _take_over(self, old: Database, new: Database) -> None:
        if self._follow in old.on_append:
            old.on_append.remove(self._follow)
        new.on_append.append(self._follow)
        old.log_needed = _sent
        new.log_needed = self._unsent
        new.state = "ONLINE"
        self.principal = new
        self.mirror = self.replaced = old
        self.role_sequence += 1
        self._changed_roles(new, "PRINCIPAL")
        self._tell_the_replaced()

    def _tell_the_replaced(self) -> None:
        """It hears of its successor from its partner, or from the witness."""
        old = self.replaced
        if old is None or not (self.connected() or self.sees_witness(old.instance)):
            return
        self.replaced = None
        old.instance.kick(old)
        old.state = "RESTORING"
        self._changed_roles(old, "MIRROR")

    @staticmethod
    def _changed_roles(database: Database, role: str) -> None:
        database.instance.log(
            f'The mirrored database "{database.name}" is changing roles to "{role}".'
        )

    def resume(self) -> None:
        self.forced_from = None
        self._enter("SYNCHRONIZING" if self.connected() else "DISCONNECTED")

    def suspend(self) -> None:
        self._enter("SUSPENDED")

    def off(self, instance: SqlInstance) -> None:
        """PARTNER OFF, heard by the other side only if it is connected."""
        if self.connected():
            self.end()
            return
        self.left.add(instance)
        for database in (self.principal, self.mirror):
            if database.instance is instance:
                self._release(database)

    def end(self) -> None:
        self._ended = True
        self._release(self.principal)
        self._release(self.mirror)

    def _release(self, database: Database) -> None:
        """The ex-mirror stays RESTORING."""
        if self._follow in database.on_append:
            database.on_append.remove(self._follow)
        database.log_needed = _sent
        if database.mirroring is self:
            database.mirroring = None

    def lsn_of(self, database: Database) -> int:
        return database.end_lsn

    def started_at(self) -> dt.datetime:
        return self.made_at


def _sent() -> tuple[str, int] | None:
    """No mirror lacks anything."""
    return None


def _are_connected(
    one: Machine, port: int, other: Machine, others_port: int, network: Network
) -> bool:
    """Whether each reaches the other's port."""
    return (
        network.reachable(one.fqdn, other.fqdn)
        and lets_in(other, others_port, one.address)
        and lets_in(one, port, other.address)
    )


def talk(one: SqlInstance, other: SqlInstance) -> bool:
    """Whether two instances reach each other over their endpoints, as each other's service
    accounts, with a common cipher.
    """
    mine = endpoint_of(one)
    theirs = endpoint_of(other)
    if mine is None or theirs is None or not listens(one) or not listens(other):
        return False
    if not _are_connected(one.machine, mine.port, other.machine, theirs.port, one.world.network):
        return False
    if not one.principals.may_connect(
        other.network_identity(), mine.endpoint_id
    ) or not other.principals.may_connect(one.network_identity(), theirs.endpoint_id):
        return False
    return "Disabled" in (mine.encryption, theirs.encryption) or bool(
        set(mine.algorithms) & set(theirs.algorithms)
    )


def session_of(database: Database) -> MirrorSession | None:
    """The session that a database takes part in, with its states brought up to date."""
    if isinstance(database.mirroring, MirrorSession):
        database.mirroring.refresh()
    return database.mirroring if isinstance(database.mirroring, MirrorSession) else None
