"""Two data centres with one Persistent Chat pool: what is there and what clients do.

Nothing here knows the planner.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import random

from .logs import Database, Fork, FullBackup, LogFile
from .mirroring import MirrorSession, refresh

EPOCH = dt.datetime(2015, 6, 1, 8, tzinfo=dt.UTC)
SLOTS = ("primary", "mirror", "backup", "backup_mirror")
PARTNER = {
    "primary": "mirror",
    "mirror": "primary",
    "backup": "backup_mirror",
    "backup_mirror": "backup",
}
SQL_HOSTS = {"primary": "sql-n1", "mirror": "sql-n2", "backup": "sql-s1", "backup_mirror": "sql-s2"}
SITE = {
    "sql-n1": "primary",
    "sql-n2": "primary",
    "fe-n1": "primary",
    "chat-n1": "primary",
    "sql-s1": "backup",
    "sql-s2": "backup",
    "fe-s1": "backup",
    "chat-s1": "backup",
}
POOL = "chat.contoso.example"
#: Who accepts clients normally, and after a failover.
HOME = ("chat-n1",)
AWAY = ("chat-s1",)


@dataclasses.dataclass
class Intent:
    """What somebody declared that he is about to do."""

    target: str
    id: str
    operator: str
    at: str


@dataclasses.dataclass(frozen=True)
class Done:
    """A line of msdb's history.

    ``kind``: D or L. ``began``: when the backup was begun.
    """

    kind: str
    at: str
    stamp: str
    uuid: str
    last: int
    fork: str
    name: str = ""
    began: str = ""


@dataclasses.dataclass
class Instance:
    """A SQL Server with its copy of mgc.

    ``skew``: seconds that its clock is ahead. ``ships``: None for no primary of log shipping; else
    whether its backup job is enabled. ``linked``: whether it is a secondary of log shipping.
    """

    slot: str
    host: str
    skew: int
    db: Database = dataclasses.field(default_factory=Database)
    session: MirrorSession | None = None
    agent: bool = True
    ships: bool | None = None
    shipped_at: str | None = None
    linked: bool = False
    restored: list[Done] = dataclasses.field(default_factory=list)
    taken: list[Done] = dataclasses.field(default_factory=list)

    @property
    def role(self) -> str | None:
        if self.session is None:
            return None
        return "PRINCIPAL" if self.session.principal is self else "MIRROR"


@dataclasses.dataclass
class Config:
    """What Lync knows of the pool: in the central store, and in each machine's replica of it."""

    pool_state: str = "Normal"
    active: tuple[str, ...] = HOME


@dataclasses.dataclass
class ChatServer:
    """``started``: true time at which its service was started last."""

    host: str
    skew: int
    started: float
    replica: Config = dataclasses.field(default_factory=Config)


class World:
    """The healthy estate that site.yml leaves."""

    def __init__(self, seed: int, off: frozenset[str] = frozenset()) -> None:
        self.rng = random.Random(seed)
        self.off = off
        self.now = 0.0
        self.serial = 0
        #: A third of the estates have SQL tools that execute a failed batch once more. Drawn apart,
        #: so that the other histories stay as they are.
        self.again = _drawn_apart("again", seed, 3, 0)
        #: A batch may be broken off before its last statement. Drawn apart as well.
        self.breaking: random.Random | None = random.Random(f"{seed} broken off")
        self.witness = self.rng.random() < 0.5
        #: Whether a restoring copy tells its recovery fork (the manual leaves that open).
        self.knows_fork = self.rng.random() < 0.5
        self.up = dict.fromkeys(SITE, True)
        #: The controller does not reach the primary site, everybody else does.
        self.cut = False
        #: SQL Servers whose WinRM answers nobody; they serve all the same.
        self.deaf: set[str] = set()
        #: When that happens, on some estates. Drawn apart.
        self.deafness = _drawn_apart("deaf", seed, 9, 7)
        #: When the partners of the backup site change roles, on some estates. Drawn apart.
        self.changing = _drawn_apart("roles", seed, 13, 5)
        #: When somebody sets a copy read-only, on some estates. Drawn apart.
        self.setting = _drawn_apart("set", seed, 17, 3)
        #: When the backup SQL Server is installed anew behind that, on some estates. Drawn apart.
        self.losing = _drawn_apart("anew", seed, 13, 5)
        self.share = True
        #: The file server is full: what is there can be read, nothing more is taken.
        self.full = False
        #: When that happens, and what is as rare, on some estates. Drawn apart.
        self.rare = _drawn_apart("rare", seed, 7, 2)
        self.files: list[LogFile] = []
        self.fulls: list[FullBackup] = []
        self.intent: Intent | None = None
        #: The fork on which a failover opened the backup copy: the record beside the intent.
        self.put_to_work: str | None = None
        #: What that fork left, and at which LSN; None in the records of earlier versions.
        self.put_to_work_left: tuple[str, int] | None = None
        #: Whether our records tell it. Drawn apart as well.
        self.tells_left = "record" not in off and random.Random(f"{seed} record").random() < 0.7
        self.cms = "fe-n1"
        self.config = Config()
        #: What the list says; the same as an empty list, unless that safeguard is switched off.
        self.fenced = False
        self.replicas = {name: Config() for name in ("fe-n1", "fe-s1")}
        self.acked: dict[int, tuple[float, int]] = {}
        self.declared: set[int] = set()
        self.sql = {slot: Instance(slot, host, self._skew()) for slot, host in SQL_HOSTS.items()}
        self.chat = {name: ChatServer(name, self._skew(), 100.0) for name in (*HOME, *AWAY)}
        self._build()

    def _skew(self) -> int:
        return self.rng.randint(-150, 150)

    def _build(self) -> None:
        self.now = 60.0
        seed = self._seed()
        for slot in ("mirror", "backup"):
            self.restore_full(self.sql[slot], seed)
        # The services were restarted after the mirror was made.
        self.now = 600.0
        for server in self.chat.values():
            server.started = self.now
        primary = self.sql["primary"]
        mirror = self.sql["mirror"]
        MirrorSession(primary, mirror, witness=self.witness)
        primary.ships = True
        mirror.ships = True
        self.sql["backup"].linked = True
        self.now = 3600.0

    def _seed(self) -> FullBackup:
        primary = self.sql["primary"]
        primary.db.state = "ONLINE"
        primary.db.end = 1000
        primary.db.forks = (Fork("F0", 0),)
        primary.db.next_backup = 1000
        return self.full_backup(primary, "secondary_seed")

    # Time and names

    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @property
    def takes_backups(self) -> bool:
        """A backup to the share succeeds."""
        return self.share and not self.full

    def clock(self, skew: int, now: float | None = None) -> str:
        """What a machine's clock shows now, or at another true time."""
        seconds = self.now if now is None else now
        shown = EPOCH + dt.timedelta(seconds=seconds + skew)
        return shown.strftime("%Y-%m-%dT%H:%M:%SZ")

    def fresh(self, letter: str) -> str:
        """A name that nothing else has."""
        self.serial += 1
        return f"{letter}{self.serial}"

    def first_execution(self) -> str:
        """How far a batch gets before it fails and is executed once more.

        ``all`` (it does not fail), ``whole`` (at its very end), ``broken off``.
        """
        if self.again is None or self.again.random() > 0.1:
            return "all"
        return self.again.choice(("whole", "broken off"))

    def breaks_off(self) -> bool:
        """Whether the server loses this batch before its last statement."""
        return self.breaking is not None and self.breaking.random() < 0.3

    # Clients

    def store_of(self, server: ChatServer) -> Instance | None:
        """The copy that this chat server gives its clients; None when it serves nobody."""
        if not self.up[server.host] or server.host not in server.replica.active:
            return None
        pair = ("backup", "backup_mirror")
        if server.replica.pool_state == "Normal":
            pair = ("primary", "mirror")
        for slot in pair:
            instance = self.sql[slot]
            if self.serves(instance):
                is_shut = instance.db.closed or instance.db.read_only
                return None if is_shut else instance
        return None

    def serves(self, instance: Instance) -> bool:
        """Whether it answers queries."""
        return self.up[instance.host] and instance.db.state == "ONLINE"

    def stores(self) -> list[Instance]:
        """The copy of each chat server that serves anybody; the same one may come twice."""
        found = []
        for server in self.chat.values():
            store = self.store_of(server)
            if store is not None:
                found.append(store)
        return found

    def serving(self) -> list[Instance]:
        """The copies that clients get, each once."""
        return list({store.slot: store for store in self.stores()}.values())

    def post(self) -> bool:
        """One message, acknowledged when it is hardened where it has to be."""
        stores = self.stores()
        if not stores:
            return False
        store = self.rng.choice(stores)
        refresh(self)
        message = len(self.acked) + 1
        lsn = store.db.write(message, self.rng.randint(1, 5))
        if store.session is not None:
            store.session.follow()
        self.acked[message] = (self.now, lsn)
        return True

    # What SQL Server does when it is told

    def full_backup(self, instance: Instance, stamp: str) -> FullBackup:
        """WITH INIT: there is one file for each name."""
        db = instance.db
        first = db.write(0)
        if instance.session is not None:
            instance.session.follow()
        full = FullBackup(
            stamp=stamp,
            uuid=self.fresh("U"),
            slot=instance.slot,
            first=first,
            last=db.end,
            forks=db.forks,
            records=tuple(db.records),
            at=self.clock(instance.skew),
            taken=self.now,
            family=db.family,
            read_only=db.read_only,
        )
        others = [one for one in self.fulls if (one.stamp, one.slot) != (stamp, instance.slot)]
        self.fulls = [*others, full]
        line = Done(
            kind="D",
            at=full.at,
            stamp=f"pchat {stamp}",
            uuid=full.uuid,
            last=full.last,
            fork=db.forks[-1].id,
        )
        instance.taken.append(line)
        return full

    def restore_full(self, instance: Instance, full: FullBackup) -> None:
        """WITH REPLACE, NORECOVERY."""
        instance.db = Database()
        instance.db.load(full)
        line = Done(
            kind="D",
            at=self.clock(instance.skew),
            stamp=f"pchat {full.stamp}",
            uuid=full.uuid,
            last=full.last,
            fork=full.forks[-1].id,
            began=full.at,
        )
        instance.restored.append(line)

    def log_backup(
        self,
        instance: Instance,
        tail: str | None = None,
        beside: bool = False,
        elsewhere: bool = False,
    ) -> LogFile:
        """The log since the last backup of it, as a file.

        ``tail``: the attempt whose tail it is. ``beside``: not into log shipping's folder.
        ``elsewhere``: by somebody else, to where nobody looks.
        """
        db = instance.db
        at = self.clock(instance.skew)
        name = f"mgc_{tail}-tail.trn" if tail else self._name_of_log(at)
        file = LogFile(
            name=name,
            uuid=self.fresh("U"),
            first=db.next_backup,
            last=db.end,
            forks=tuple(fork for fork in db.forks if fork.start <= db.end),
            records=tuple(record for record in db.records if record.lsn >= db.next_backup),
            server=instance.host,
            at=at,
            began=self.now,
            tail=tail,
            share="good",
            read_only=db.read_only,
        )
        if not beside and not elsewhere:
            self.files = [one for one in self.files if one.name != name]
            self.files.append(file)
        db.next_backup = db.end
        if instance.session is not None:
            instance.session.follow()
        instance.taken.append(_line_of_log(file, beside))
        return file

    def _name_of_log(self, at: str) -> str:
        """Named after the second, or the next one that no file has yet."""
        names = {file.name for file in self.files}
        number = int("".join(letter for letter in at if letter.isdigit()))
        while f"mgc_{number}.trn" in names:
            number += 1
        return f"mgc_{number}.trn"

    def restore_log(self, instance: Instance, file: LogFile) -> None:
        """WITH NORECOVERY."""
        instance.db.apply(file)
        line = Done(
            kind="L",
            at=self.clock(instance.skew),
            stamp="",
            uuid=file.uuid,
            last=file.last,
            fork=file.last_fork,
            name=file.name,
            began=file.at,
        )
        instance.restored.append(line)

    # Configuration

    def replicate(self, *hosts: str) -> None:
        """Replicas follow the central store, as long as both are up."""
        if not self.up[self.cms]:
            return
        for host in hosts:
            if not self.up[host]:
                continue
            if host in self.chat:
                self.chat[host].replica = dataclasses.replace(self.config)
            else:
                self.replicas[host] = dataclasses.replace(self.config)

    # Machines

    def power(self, hosts: tuple[str, ...], on: bool) -> None:
        """Machines that come up serve nobody before the central store has told them what holds.

        That is assumed: services start long after replication does. A data centre that comes up
        while the store is away knows only what it knew, and no playbook can reach it there; whoever
        brings it up then has to keep its chat services stopped.
        """
        self.up.update(dict.fromkeys(hosts, on))
        refresh(self)
        for host in hosts:
            if on and host in self.chat:
                self.chat[host].started = self.now
                self.chat[host].replica = Config(active=())
        if on:
            with_replicas = {*self.chat, *self.replicas}
            self.replicate(*(host for host in hosts if host in with_replicas))

    def hosts_of(self, site: str) -> tuple[str, ...]:
        """``site``: primary or backup."""
        return tuple(host for host, its_site in SITE.items() if its_site == site)


def _drawn_apart(what: str, seed: int, of: int, on: int) -> random.Random | None:
    """When something happens, on one estate of so many; None on the others."""
    return random.Random(f"{seed} {what}") if seed % of == on else None


def _line_of_log(file: LogFile, beside: bool) -> Done:
    """What msdb remembers of a log backup.

    Only a tail has a stamp; that of an old copy, which is kept beside the others, has its own.
    """
    stamp = ""
    if file.tail is not None:
        stamp = f"pchat {file.tail}-old" if beside else f"pchat {file.tail}-tail"
    return Done(
        kind="L",
        at=file.at,
        stamp=stamp,
        uuid=file.uuid,
        last=file.last,
        fork=file.last_fork,
        name=file.name,
    )
