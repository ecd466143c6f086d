"""What was seen of one pool's estate, as one frozen value.

Unknown is a value of its own, never taken for absent or dead. FOR INTERNAL COLLECTION USE ONLY.

``seen.py`` makes it of the document that the module dr_info returns.
"""

from __future__ import annotations

import dataclasses
import functools
import typing as t
from collections.abc import Iterable

from ..documents.look import IntentRecord
from ..two_clocks import ClockReading
from .chain import Chain, LogBackup, follow
from .copies import PARTNERS, Copy
from .forks import Begun, Forks, Left, UnknownLineage
from .tails import fits


@dataclasses.dataclass(frozen=True)
class Intent:
    """Which way an operator is going: failover or failback. One record, on the backup SQL Server;
    it says nothing about progress.
    """

    target: str
    id: str
    operator: str
    at: str

    def as_dict(self) -> IntentRecord:
        """As it is stored."""
        return {
            "target": self.target,
            "id": self.id,
            "operator": self.operator,
            "at": self.at,
        }


@dataclasses.dataclass(frozen=True)
class Server:
    """A chat server.

    ``started_at``: of its Persistent Chat service by ``clock``, None when it does not run or nobody
    knows.
    """

    fqdn: str
    host: str
    site: str
    answers: bool = False
    started: bool = False
    started_at: str | None = None
    clock: ClockReading | None = None
    # display names of its chat services that do not run
    stopped: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Estate:
    """One pool as it was seen: who holds which copy, who is active, what was declared.

    Times are ISO 8601 in UTC. ``now``: by the clock of the backup SQL Server, else the
    controller's; None when there is neither.
    """

    pool: str
    now: str | None
    # slot -> copy of mgc, for the slots that the inventory has
    copies: t.Mapping[str, Copy]
    # the same of mgccomp; empty without compliance
    compliance: t.Mapping[str, Copy]
    # central, local (the store does not answer, a replica does), None: nobody answers
    store: str | None = None
    store_why: str | None = None
    cms: str | None = None
    published: bool = True
    pool_state: str | None = None
    active: tuple[str, ...] | None = None
    members: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    # the Front End pool through which clients come, and its servers that the inventory knows
    next_hop: str | None = None
    next_hop_servers: tuple[str, ...] = ()
    servers: tuple[Server, ...] = ()
    intent: Intent | None = None
    # why the record that is there cannot be read
    intent_why: str | None = None
    # those of the copy folder only, when the share could not be listed
    logs: tuple[LogBackup, ...] = ()
    # why it could not; None: it could
    logs_why: str | None = None
    # the fork on which a failover of ours opened the backup copy, by our record
    put_to_work: str | None = None
    # what that fork left, and where, by the same record
    put_to_work_left: Left | None = None
    # file name -> by when it was there, by the clock of ``now``
    there_by: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    # names in the copy folder, in lower case
    copied: frozenset[str] = frozenset()
    # "fe-s1 reaches sql-n1": who still reaches the lost primary site
    seen_from: tuple[str, ...] = ()
    # "fe-s1 cannot tell whether it reaches sql-n1": not the same as no
    blind: tuple[str, ...] = ()
    # inventory names of all that could not be read
    unreachable: tuple[str, ...] = ()
    # those of them that answer, and refuse
    refusing: tuple[str, ...] = ()
    # the management host that answers, backup site first
    management: str | None = None
    site: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    # of the primary and the backup pair: declared, and ready
    witnesses: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    # paths of the backups of old copies that failbacks kept on the share of the seeds
    kept: tuple[str, ...] = ()
    # log, seed -> megabytes that are free where that share lies; only what a file server told
    room: t.Mapping[str, int] = dataclasses.field(default_factory=dict)

    # -- who is who now
    @property
    def primary(self) -> Copy:
        """The copy of mgc on the preferred SQL Server of the primary site."""
        return self.copies["primary"]

    @property
    def mirror(self) -> Copy:
        """The copy on the other one."""
        return self.copies["mirror"]

    @property
    def backup(self) -> Copy:
        """The copy of the backup site, which a failover puts to work."""
        return self.copies["backup"]

    @property
    def backup_mirror(self) -> Copy | None:
        """The SQL Server that mirrors the backup copy once it is in use; None: there is none."""
        return self.copies.get("backup_mirror")

    @property
    def switched_backup(self) -> Copy | None:
        """The mirror of the backup copy where it has become the principal: its witness, or an
        administrator, let the two change roles. None as long as they have not.
        """
        there = self.backup_mirror
        if there is None or not there.online or there.role != "PRINCIPAL":
            return None
        return there if self.backup.restoring and self.backup.role == "MIRROR" else None

    @property
    def lonely_backup(self) -> Copy | None:
        """The mirror of the backup copy where it alone holds what the pool writes: the backup SQL
        Server answers and has no copy any more, since it was installed anew, say; or one that waits
        for log on the same history, since it was just being seeded from there.
        """
        there = self.backup_mirror
        if self.pool_state != "FailedOver" or there is None or not there.online:
            return None
        is_missing = self.backup.answers and self.backup.state is None
        return there if is_missing or self._backup_is_of(there) else None

    def _backup_is_of(self, there: Copy) -> bool:
        """All that the backup copy has is in this one, which is in use: whoever opens a copy of its
        own begins a fork, and only a session lets another one go on with it.
        """
        if not self._backup_waits_unstopped or self.backup.fork is None:
            return False
        return (self.backup.family, self.backup.fork) == (there.family, there.fork)

    @property
    def backup_left_behind(self) -> bool:
        """The backup copy waits for log, and the other SQL Server of its site holds, or may hold,
        what the pool wrote last: a principal that is not to be seen, or one whose session was
        removed.
        """
        there = self.backup_mirror
        if self.backup.role == "MIRROR":
            return self.switched_backup is None
        return there is not None and there.online and self._backup_waits_in_vain

    @property
    def backup_vanished(self) -> bool:
        """The pool ran on its backup copy, which waits for log now although no way home stopped it:
        what is at home is older than what was written there.
        """
        return self._backup_waits_in_vain and not self._came_home

    @property
    def _backup_waits_in_vain(self) -> bool:
        """Nothing that is seen could bring it what it lacks."""
        return self._backup_waits_unstopped and self.lonely_backup is None

    @property
    def _backup_waits_unstopped(self) -> bool:
        """The pool is to run on the backup copy, and that waits for log without a tail of ours."""
        waits = self.backup.waits_alone and self.backup.tail is None
        return self.pool_state == "FailedOver" and waits

    @property
    def _came_home(self) -> bool:
        """The copy that is online at home, or waits for the tail there, is of what the pool wrote
        on its backup copy: it was restored from the backup of the failback that is declared, or
        its history goes through the fork on which the backup copy was opened, or goes on where that
        was stopped.
        """
        declared = self.intent
        principal = self.principal
        if declared is None or declared.target != "failback":
            return False
        if principal is None or principal.seed == declared.id:
            return True
        if self.put_to_work in self.forks.path_to(principal.fork or ""):
            return True
        return self._goes_on_from_the_backup(principal)

    def _goes_on_from_the_backup(self, principal: Copy) -> bool:
        """Told by what no clean-up of msdb and no damaged file removes: its next log backup begins
        where the backup copy stands, behind the point where that was opened, and it is on no fork
        of the time before.
        """
        left = self.put_to_work_left
        stopped = self.backup.redo_lsn
        if left is None or stopped is None or stopped <= left.lsn:
            return False
        before = self.forks.path_to(left.fork)
        is_new = principal.fork is not None and principal.fork not in before
        return is_new and principal.last_backup_lsn == stopped

    @functools.cached_property
    def backup_in_use(self) -> Copy:
        """The copy of the backup site on which the pool runs, or would run."""
        return self.switched_backup or self.lonely_backup or self.backup

    @property
    def primary_pair(self) -> tuple[Copy, Copy]:
        """Both copies of the primary site, the preferred one first."""
        return self.primary, self.mirror

    def partner_of(self, copy: Copy) -> Copy:
        """The other one of the primary pair."""
        return self.copies[PARTNERS[copy.slot]]

    @property
    def principal(self) -> Copy | None:
        """The online copy of the primary site, the preferred one first; of two principals the one
        that became it later. A copy that the other one has outlived is none.
        """
        if self.rivals:
            return max(self.rivals, key=lambda copy: copy.role_sequence or 0)
        for copy in self.primary_pair:
            if copy.online and not self._outlived_by_partner(copy):
                return copy
        return None

    def _outlived_by_partner(self, copy: Copy) -> bool:
        """The other copy of the pair was in use later: it is online, or was stopped with its last
        log saved, on a history that left this one's.

        An old principal that comes back when its session was removed meanwhile stays online.
        """
        other = self.partner_of(copy)
        if copy.role is not None and other.role is not None:
            return False
        if other.online or other.stopped_by_tail:
            return self._came_later(other, copy, other.stopped_by_tail)
        return False

    def _came_later(self, other: Copy, copy: Copy, stopped: bool) -> bool:
        """By their forks. Where nobody tells how these belong together, or there is one, the LSNs
        decide between a copy in use and one that was ``stopped``.
        """
        if self.forks.follows(other.fork, copy.fork):
            return True
        if not stopped or self.forks.follows(copy.fork, other.fork):
            return False
        return (copy.last_backup_lsn or 0) < (other.redo_lsn or 0)

    @property
    def living_mirror(self) -> Copy | None:
        """A mirror of the primary pair that answers and holds all that was shipped."""
        for copy in self.primary_pair:
            if copy.answers and copy.role == "MIRROR" and not self.is_behind(copy):
                return copy
        return None

    @property
    def copy_of_clients(self) -> Copy | None:
        """The one to which chat servers connect, by the state of the pool."""
        return self.backup_in_use if self.pool_state == "FailedOver" else self.principal

    @property
    def writable(self) -> bool:
        """Clients can write, as far as can be seen: servers accept them, and the copy that these
        use is open.
        """
        copy = self.copy_of_clients
        return bool(self.active) and copy is not None and copy.takes_messages

    @property
    def next_hop_is_silent(self) -> bool:
        """Nothing comes back from any server of the next hop that the inventory knows."""
        silent = {*self.unreachable} - {*self.refusing}
        return bool(self.next_hop_servers) and silent.issuperset(self.next_hop_servers)

    @property
    def rivals(self) -> tuple[Copy, ...]:
        """Two principals: service was forced while the old one was cut off, and they have not met
        since.
        """
        for copy in self.primary_pair:
            if not copy.online or copy.role != "PRINCIPAL":
                return ()
        return self.primary_pair

    @property
    def lonely_pair(self) -> tuple[Copy, Copy] | None:
        """The copy in use at home and its partner, where the partner answers and they are no
        pair.
        """
        alone = self.principal
        if alone is None:
            return None
        other = self.partner_of(alone)
        paired = alone.role is not None and other.role is not None
        return None if paired or not other.answers else (alone, other)

    @property
    def outlived_in_use(self) -> Copy | None:
        """The preferred copy where it is online in no session, although its partner was in use
        later and is online as well: chat servers connect to the preferred one first, whatever its
        history is.
        """
        later = self.principal
        if later is None or later.slot == "primary" or self.rivals:
            return None
        return self.primary if self.primary.online else None

    @functools.cached_property
    def families(self) -> frozenset[str]:
        """Families of what the pool wrote in its primary site: of the copies there that answer, and
        of the log backups that did not come from the backup.
        """
        known = {copy.family for copy in self.primary_pair if copy.answers}
        known |= {log.family for log in self.logs if self._is_of_primary_site(log)}
        return frozenset(family for family in known if family)

    def _is_of_primary_site(self, log: LogBackup) -> bool:
        return log.error is None and not self.is_of_backup_site(log)

    def is_of_backup_site(self, log: LogBackup) -> bool:
        """A SQL Server of the backup pair wrote it."""
        written_there = {self.backup.server, self.backup_mirror and self.backup_mirror.server}
        return log.server is not None and log.server in written_there

    @functools.cached_property
    def foreign(self) -> bool:
        """The database on the backup SQL Server is known not to descend from the pool's: it was
        installed there, or belongs to somebody else.
        """
        copy = self.backup_in_use
        if not copy.answers or copy.family is None or not self.families:
            return False
        return copy.family not in self.families and not (copy.online and self._is_our_fork)

    @property
    def _is_our_fork(self) -> bool:
        """The backup's copy is on the fork on which a failover of ours opened it."""
        fork = self.backup_in_use.fork
        return fork is not None and fork == self.put_to_work

    @functools.cached_property
    def recovered(self) -> bool:
        """The backup's copy was put to work.

        Our record of the fork says it; else what is declared, or how the pool is set, of a copy of
        the pool's family.
        """
        if not self.backup_in_use.online or self.foreign:
            return False
        if self._is_our_fork or self.pool_state == "FailedOver":
            return True
        return self.intent is not None and not self.outlived

    @property
    def outlived(self) -> bool:
        """There is log of the primary site beyond the point where the backup's online copy left it:
        no failover of ours stopped there.
        """
        copy = self.backup_in_use
        point = copy.fork_point
        if point is None:
            return False
        written = [log for log in self.logs if self._is_of_primary_site(log)]
        return any(log.last_lsn > point for log in written if log.family == copy.family)

    @property
    def stray(self) -> bool:
        """The backup's copy is online, of the pool's family, and nobody says that the pool is to
        run on it: somebody recovered it by hand.
        """
        copy = self.backup_in_use
        return copy.online and not self.recovered and copy.family in self.families

    # -- histories
    @functools.cached_property
    def forks(self) -> Forks:
        """How the recovery forks belong together, by the log backups that can be read, the copies
        in use, and our record.
        """
        recovered = []
        for copy in self.copies.values():
            if copy.online and copy.fork is not None and copy.fork_point is not None:
                recovered.append(Begun(copy.fork, copy.fork_point, copy.fork_left))
        known = Forks.of(self.logs, recovered)
        if self.put_to_work is None or self.put_to_work_left is None:
            return known
        return known.besides(self.put_to_work, self.put_to_work_left)

    @functools.cached_property
    def living_fork(self) -> str | None:
        """The fork on which the pool writes or wrote last; None when nobody can say.

        Without a principal it is the one fork of the log backups from which no other began; after
        a failover only those count that began on the fork on which our record says that the backup
        copy was opened.
        """
        if self.principal is not None:
            return self.principal.fork
        latest = self._latest_of(log.last_fork for log in self.logs if self._tells(log))
        since = [fork for fork in latest if self.put_to_work in self.forks.path_to(fork)]
        found = since or latest
        return found[0] if len(found) == 1 else None

    def _latest_of(self, forks: Iterable[str | None]) -> list[str]:
        """Those of which nobody knows that another one of them, or the one on which our record says
        that the backup copy was opened, began on them.
        """
        known = {fork for fork in forks if fork is not None}
        latest = self.forks.latest({*known, self.put_to_work or ""})
        return [fork for fork in latest if fork in known]

    def _tells(self, log: LogBackup, beyond: int = 0) -> bool:
        readable = log.error is None and log.family in (None, self.backup.family)
        return readable and log.last_lsn > beyond

    @functools.cached_property
    def chain(self) -> Chain | None:
        """What the restoring backup copy can still apply; None when its position or the logs are
        unknown.

        Log backups that are known to be of a history that nobody went on with are left alone.
        """
        if not self.backup.restoring or self.backup.redo_lsn is None:
            return None
        living = self.living_fork
        logs = self.logs
        if living is not None:
            logs = tuple(log for log in logs if log.error or not self.forks.is_dead(log, living))
        chain = follow(self.backup.redo_lsn, self.backup.fork, self.backup.family, logs)
        parted = self._parted(chain)
        if parted is not None:
            return chain.parted_at(parted)
        return dataclasses.replace(chain, astray=self._astray(chain))

    def left_before(self, lsn: int, fork: str | None) -> int | None:
        """Where the pool's history left that of this fork, if it is known to have done so before
        this LSN.
        """
        for living in self._lived_on:
            if fork is not None and self.forks.are_related(fork, living):
                return self.forks.left_before(lsn, fork, living)
        return None

    @property
    def _lived_on(self) -> tuple[str, ...]:
        """Forks on which the pool wrote, the latest one first. Where no log backup leads to that
        one, it was at least on the fork on which our record says that the backup copy was opened.
        """
        opened = self.put_to_work if self.principal is None else None
        return tuple(fork for fork in (self.living_fork, opened) if fork is not None)

    def _parted(self, chain: Chain) -> int | None:
        return self.left_before(chain.reached, chain.fork)

    def _astray(self, chain: Chain) -> bool:
        """The principal is on a fork, or there is later log of one on which the pool may have gone
        on, of which nobody tells where it left the history of this chain.
        """
        fork = chain.fork
        if fork is None:
            return False
        if self.principal is not None:
            may_live = [other for other in (self.principal.fork,) if other is not None]
        else:
            later = {log.last_fork for log in self.logs if self._tells(log, beyond=chain.reached)}
            may_live = self._latest_of(later)
        return any(self._may_have_parted(fork, chain.reached, other) for other in may_live)

    def _may_have_parted(self, fork: str, reached: int, living: str) -> bool:
        try:
            left_at = self.forks.parted(fork, living)
        except UnknownLineage:
            return True
        return left_at is not None and left_at < reached

    def are_strangers(self, copy: Copy, other: Copy) -> bool:
        """Nobody tells how the histories of these two belong together."""
        if copy.fork is None or other.fork is None:
            return False
        return not self.forks.are_related(copy.fork, other.fork)

    def is_behind(self, copy: Copy) -> bool:
        """A restoring copy of the primary site that lacks what the backup copy has, or a tail that
        this one can get, or what its partner went on to, or stands on a history that the pool has
        left: it does not follow the principal, whatever its session says. One that is cut off from
        its partner gets no more: it is behind any log backup, too, that the backup copy can get.
        """
        if not copy.restoring:
            return False
        if self.outruns(self.partner_of(copy), copy):
            return True
        if copy.redo_lsn is None:
            return False
        if self.left_before(copy.redo_lsn, copy.fork) is not None:
            return True
        if self.chain is None or self.backup.redo_lsn is None:
            return False
        cut_off = copy.mirroring == "DISCONNECTED"
        ends = [log.last_lsn for log in self.chain.apply if log.tail or cut_off]
        return copy.redo_lsn < max([self.backup.redo_lsn, *ends])

    def outruns(self, other: Copy, copy: Copy) -> bool:
        """The other partner waits for log in no session, and was in use after the end of this copy:
        the session was removed while this one was away. Only a tail that can be read, or msdb's
        history, tells who stopped it; where it stands is told without them.
        """
        if not other.waits_alone or other.redo_lsn is None:
            return False
        if self.forks.follows(other.fork, copy.fork):
            return True
        return fits(copy.fork, other.fork) and other.redo_lsn > (copy.redo_lsn or 0)

    @property
    def uncopied(self) -> tuple[LogBackup, ...]:
        """Backups that the copy still needs and that are only on the share."""
        chain = self.chain
        if chain is None:
            return ()
        return tuple(log for log in chain.apply if log.place == "share")

    def servers_of(self, site: str) -> tuple[Server, ...]:
        """``site``: primary or backup."""
        return tuple(server for server in self.servers if server.site == site)

    def change(self, slot: str, **facts: t.Any) -> Estate:
        """The same estate with other facts of one copy of mgc."""
        return dataclasses.replace(
            self, copies={**self.copies, slot: dataclasses.replace(self.copies[slot], **facts)}
        )
