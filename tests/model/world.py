"""Two data centres with one Persistent Chat pool: what is there, what clients do, and what happens
to it. Nothing here knows the planner.
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
HOME, AWAY = ("chat-n1",), ("chat-s1",)  # who accepts clients normally, and after a failover


@dataclasses.dataclass
class Intent:
    target: str
    id: str
    operator: str
    at: str


@dataclasses.dataclass(frozen=True)
class Done:
    """A line of msdb's history. ``kind``: D or L."""

    kind: str
    at: str
    stamp: str
    uuid: str
    last: int
    fork: str
    name: str = ""
    began: str = ""  # when the backup was begun


@dataclasses.dataclass
class Instance:
    slot: str
    host: str
    skew: int  # seconds that its clock is ahead
    db: Database = dataclasses.field(default_factory=Database)
    session: MirrorSession | None = None
    agent: bool = True
    ships: bool | None = None  # None: no primary of log shipping; else whether its job is enabled
    shipped_at: str | None = None
    linked: bool = False  # a secondary of log shipping
    restored: list[Done] = dataclasses.field(default_factory=list)
    taken: list[Done] = dataclasses.field(default_factory=list)

    @property
    def role(self) -> str | None:
        return (
            None
            if self.session is None
            else "PRINCIPAL"
            if self.session.principal is self
            else "MIRROR"
        )


@dataclasses.dataclass
class Config:
    """What Lync knows of the pool: in the central store, and in each machine's replica of it."""

    pool_state: str = "Normal"
    active: tuple[str, ...] = HOME


@dataclasses.dataclass
class ChatServer:
    host: str
    skew: int
    started: float
    replica: Config = dataclasses.field(default_factory=Config)


class World:
    """The healthy estate that site.yml leaves."""

    def __init__(self, seed: int, off: frozenset[str] = frozenset()) -> None:
        self.rng, self.off, self.now, self.serial = random.Random(seed), off, 0.0, 0
        #: A third of the estates have SQL tools that execute a failed batch once more. Drawn apart,
        #: so that the other histories stay as they are.
        self.again = random.Random(f"{seed} again") if seed % 3 == 0 else None
        self.witness = self.rng.random() < 0.5
        self.knows_fork = (
            self.rng.random() < 0.5
        )  # whether a restoring copy tells its recovery fork (the manual leaves that open)
        self.up = dict.fromkeys(SITE, True)
        self.cut = False  # the controller does not reach the primary site, everybody else does
        self.share = True
        self.files: list[LogFile] = []
        self.fulls: list[FullBackup] = []
        self.intent: Intent | None = None
        self.put_to_work: str | None = (
            None  # the fork on which a failover opened the backup copy: the record beside the intent
        )
        self.cms = "fe-n1"
        self.config = Config()
        self.fenced = False  # what the list says; the same as an empty list, unless that safeguard is switched off
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
        self.now = 600.0  # the services were restarted after the mirror was made
        for server in self.chat.values():
            server.started = self.now
        primary, mirror, backup = (self.sql[s] for s in ("primary", "mirror", "backup"))
        MirrorSession(primary, mirror, witness=self.witness)
        primary.ships = mirror.ships = True
        backup.linked = True
        self.now = 3600.0

    def _seed(self) -> FullBackup:
        db = self.sql["primary"].db
        db.state, db.end, db.forks, db.next_backup = "ONLINE", 1000, (Fork("F0", 0),), 1000
        return self.full_backup(self.sql["primary"], "secondary_seed")

    # -- time and names
    # ----------------------------------------------------------------------------------------------------------
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    def clock(self, skew: int, now: float | None = None) -> str:
        return (EPOCH + dt.timedelta(seconds=(self.now if now is None else now) + skew)).strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        )

    def fresh(self, letter: str) -> str:
        self.serial += 1
        return f"{letter}{self.serial}"

    def first_execution(self) -> str:
        """How far a batch gets before it fails and is executed once more: ``all`` (it does not
        fail), ``whole`` (at its very end), ``broken off``.
        """
        if self.again is None or self.again.random() > 0.1:
            return "all"
        return self.again.choice(("whole", "broken off"))

    # -- clients
    # -----------------------------------------------------------------------------------------------------------------
    def store_of(self, server: ChatServer) -> Instance | None:
        """The copy that this chat server gives its clients; None when it serves nobody."""
        if not self.up[server.host] or server.host not in server.replica.active:
            return None
        pair = (
            ("primary", "mirror")
            if server.replica.pool_state == "Normal"
            else ("backup", "backup_mirror")
        )
        return next((self.sql[s] for s in pair if self.serves(self.sql[s])), None)

    def serves(self, instance: Instance) -> bool:
        return self.up[instance.host] and instance.db.state == "ONLINE"

    def serving(self) -> list[Instance]:
        return list(
            {i.slot: i for i in map(self.store_of, self.chat.values()) if i is not None}.values()
        )

    def post(self) -> bool:
        """One message, acknowledged when it is hardened where it has to be."""
        stores = [i for i in map(self.store_of, self.chat.values()) if i is not None]
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

    # -- what SQL Server does when it is told
    # ----------------------------------------------------------------------------------------
    def full_backup(self, instance: Instance, stamp: str) -> FullBackup:
        db = instance.db
        first = db.write(0)
        if instance.session is not None:
            instance.session.follow()
        full = FullBackup(
            stamp,
            self.fresh("U"),
            instance.slot,
            first,
            db.end,
            db.forks,
            tuple(db.records),
            self.clock(instance.skew),
            self.now,
            db.family,
        )
        self.fulls = [f for f in self.fulls if (f.stamp, f.slot) != (stamp, instance.slot)] + [
            full
        ]  # WITH INIT: one file for each name
        instance.taken.append(
            Done("D", full.at, f"pchat {stamp}", full.uuid, full.last, fork_of_end(db))
        )
        return full

    def restore_full(self, instance: Instance, full: FullBackup) -> None:
        instance.db = Database()
        instance.db.load(full)
        instance.restored.append(
            Done(
                "D",
                self.clock(instance.skew),
                f"pchat {full.stamp}",
                full.uuid,
                full.last,
                full.forks[-1].id,
                began=full.at,
            )
        )

    def log_backup(
        self,
        instance: Instance,
        tail: str | None = None,
        beside: bool = False,
        elsewhere: bool = False,
    ) -> LogFile:
        """``beside``: not into log shipping's folder. ``elsewhere``: by somebody else, to where
        nobody looks.
        """
        db, at = instance.db, self.clock(instance.skew)
        digits = "".join(c for c in at if c.isdigit())
        while any(f.name == f"mgc_{digits}.trn" for f in self.files):
            digits = str(int(digits) + 1)
        name = f"mgc_{tail}-tail.trn" if tail else f"mgc_{digits}.trn"
        file = LogFile(
            name,
            self.fresh("U"),
            db.next_backup,
            db.end,
            tuple(f for f in db.forks if f.start <= db.end),
            tuple(r for r in db.records if r.lsn >= db.next_backup),
            instance.host,
            at,
            self.now,
            tail,
            share="good",
        )
        if not beside and not elsewhere:
            self.files = [f for f in self.files if f.name != name] + [file]
        db.next_backup = db.end
        if instance.session is not None:
            instance.session.follow()
        kind = "old" if beside else "tail"
        instance.taken.append(
            Done(
                "L",
                at,
                f"pchat {tail}-{kind}" if tail else "",
                file.uuid,
                file.last,
                file.last_fork,
                name,
            )
        )
        return file

    def restore_log(self, instance: Instance, file: LogFile) -> None:
        instance.db.apply(file)
        instance.restored.append(
            Done(
                "L",
                self.clock(instance.skew),
                "",
                file.uuid,
                file.last,
                file.last_fork,
                file.name,
                file.at,
            )
        )

    # -- configuration
    # ---------------------------------------------------------------------------------------------------------------
    def replicate(self, *hosts: str) -> None:
        """Replicas follow the central store, as long as both are up."""
        if self.up[self.cms]:
            for host in hosts:
                if self.up[host]:
                    if host in self.chat:
                        self.chat[host].replica = dataclasses.replace(self.config)
                    else:
                        self.replicas[host] = dataclasses.replace(self.config)

    # -- machines
    # --------------------------------------------------------------------------------------------------------------------
    def power(self, hosts: tuple[str, ...], on: bool) -> None:
        """Machines that come up again serve nobody before the central store has told them what
        holds now.

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
            self.replicate(*(h for h in hosts if h in self.chat or h in self.replicas))

    def hosts_of(self, site: str) -> tuple[str, ...]:
        return tuple(h for h, s in SITE.items() if s == site)


def fork_of_end(db: Database) -> str:
    return db.forks[-1].id
