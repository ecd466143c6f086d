"""What was seen of one pool's estate, as one frozen value.

Unknown is a value of its own, never taken for absent or dead. FOR INTERNAL COLLECTION USE ONLY.

``Estate.of`` takes the document that the module dr_info returns:

    {"estate": <inventory.estate_of>, "now": "2015-06-01T08:00:00Z" | None,
     "hosts": {name: {"answers": bool, "why": str | None,          # why: the sentence when it does
     not answer, or could not be read
                      "sql": None | {server_name, version, utc_now, agent_running, databases: {name:
                      sql_info's facts}, intent: {...} | None,
                                     intent_why: str | None, put_to_work: {fork, family} | None,
                                     shares: {"log": bool, "seed": bool} | absent, logs: {"share":
                                     [backup...] | None, "copied": [...] | None, "why": str | None}
                                     | absent},
                      "pool": None | {store: "central" | "local" | None, why, members, active,
                      pool_state, cms, late: [fqdn]}, "chat": None | {started: bool, started_at: iso
                      | None, stopped: [display names]}, "sees": {host: bool | None}}}}
                      # other machines that this host could, or could not, reach; None: it cannot
                      tell
"""

from __future__ import annotations

import dataclasses
import typing as t

from .chain import Chain, LogBackup, follow
from .tails import tail_of

STORES = ("primary", "mirror", "backup", "backup_mirror")


@dataclasses.dataclass(frozen=True)
class Copy:
    """One instance's copy of a database.

    ``state`` None: no such database; all facts mean something only where ``answers`` is true.

    What decides is what no clean-up of msdb removes: state, LSNs, forks, families. ``seed``,
    ``restored_at`` and ``full`` come from msdb's history and may be None although there was a
    restore or a backup.
    """

    slot: str
    host: str
    answers: bool = False
    why: str | None = None
    # online, and open to administrators only, as a tail or a run that was cut off leave it
    closed: bool = False
    # something answers there, but it cannot be asked: no sign that the host is lost
    refuses: bool = False
    server: str | None = None
    state: str | None = None
    role: str | None = None
    mirroring: str | None = None
    safety: str | None = None
    witness: str | None = None
    redo_lsn: int | None = None
    fork: str | None = None
    # where that fork began, as long as the server tells (until the first log backup on it)
    fork_point: int | None = None
    family: str | None = None
    sessions: int = 0
    seed: str | None = None  # stamp of the newest full restore
    restored_at: str | None = None  # when that was
    # when the backup was begun that brought a restoring copy to where it stands
    began_at: str | None = None
    # stamp of the declared attempt's full backup taken here, else of the newest one
    full: str | None = None
    full_lsn: int | None = None  # where that one ends
    # the attempt whose tail this copy was stopped with, and stands at the end of
    tail: str | None = None
    # stopped by a failback, because it was about to be replaced
    retired: bool = False
    version: tuple[int, ...] | None = None  # major and minor of the SQL Server
    role_sequence: int | None = None  # grows with every switch of roles
    # whether its SQL Server sees the share of the logs, and that of the seeds
    sees_logs: bool | None = None
    sees_seeds: bool | None = None
    last_backup_lsn: int | None = None
    last_backup_at: str | None = None
    # of the newest log backup taken here, as msdb remembers it,
    last_backup_path: str | None = None
    last_backup_end: int | None = None  # and the LSN after its last record
    ships: bool = False  # configured as a primary of log shipping
    ships_enabled: bool = False
    ships_at: str | None = None
    linked: bool = False  # configured as the secondary of log shipping
    copy_job: str | None = None
    agent: bool = False

    @property
    def online(self) -> bool:
        return self.answers and self.state == "ONLINE"

    @property
    def restoring(self) -> bool:
        """It can take more log.

        In STANDBY it can be read between two restores, and is a secondary all the same.
        """
        return self.answers and self.state in ("RESTORING", "STANDBY")


@dataclasses.dataclass(frozen=True)
class Intent:
    """Which way an operator is going: failover or failback. One record, on the backup SQL Server;
    it says nothing about progress.
    """

    target: str
    id: str
    operator: str
    at: str

    def as_dict(self) -> dict[str, str]:
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Server:
    """A chat server.

    ``started_at``: of its Persistent Chat service, None when it does not run or nobody knows.
    """

    fqdn: str
    host: str
    site: str
    answers: bool = False
    started: bool = False
    started_at: str | None = None
    # display names of its chat services that do not run
    stopped: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Estate:
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

    # -- who is who now
    # ------------------------------------------------------------
    @property
    def primary(self) -> Copy:
        return self.copies["primary"]

    @property
    def mirror(self) -> Copy:
        return self.copies["mirror"]

    @property
    def backup(self) -> Copy:
        return self.copies["backup"]

    @property
    def backup_mirror(self) -> Copy | None:
        return self.copies.get("backup_mirror")

    @property
    def primary_pair(self) -> tuple[Copy, Copy]:
        return self.primary, self.mirror

    @property
    def principal(self) -> Copy | None:
        """The online copy of the primary site, the preferred one first; of two principals the one
        that became it later.
        """
        if self.rivals:
            return max(self.rivals, key=lambda copy: copy.role_sequence or 0)
        return next((c for c in self.primary_pair if c.online), None)

    @property
    def rivals(self) -> tuple[Copy, ...]:
        """Two principals: service was forced while the old one was cut off, and they have not met
        since.
        """
        both = tuple(c for c in self.primary_pair if c.online and c.role == "PRINCIPAL")
        return both if len(both) > 1 else ()

    @property
    def families(self) -> frozenset[str]:
        """Families of what the pool wrote in its primary site: of the copies there that answer, and
        of the log backups that did not come from the backup.
        """
        copies = {c.family for c in self.primary_pair if c.answers and c.family}
        return frozenset(
            copies
            | {
                b.family
                for b in self.logs
                if b.error is None and b.family and b.server != self.backup.server
            }
        )

    @property
    def foreign(self) -> bool:
        """The database on the backup SQL Server is known not to descend from the pool's: it was
        installed there, or belongs to somebody else.
        """
        copy = self.backup
        ours = copy.online and copy.fork is not None and copy.fork == self.put_to_work
        return (
            copy.answers
            and copy.family is not None
            and bool(self.families)
            and copy.family not in self.families
            and not ours
        )

    @property
    def recovered(self) -> bool:
        """The backup's copy was put to work.

        Our record of the fork says it; else what is declared, or how the pool is set, of a copy of
        the pool's family.
        """
        if not self.backup.online or self.foreign:
            return False
        if self.backup.fork is not None and self.backup.fork == self.put_to_work:
            return True
        return self.pool_state == "FailedOver" or (self.intent is not None and not self.outlived)

    @property
    def outlived(self) -> bool:
        """There is log of the primary site beyond the point where the backup's online copy left it:
        no failover of ours stopped there.
        """
        point = self.backup.fork_point
        return point is not None and any(
            b.error is None
            and b.last_lsn > point
            and b.server != self.backup.server
            and b.family == self.backup.family
            for b in self.logs
        )

    @property
    def stray(self) -> bool:
        """The backup's copy is online, of the pool's family, and nobody says that the pool is to
        run on it: somebody recovered it by hand.
        """
        return self.backup.online and not self.recovered and self.backup.family in self.families

    @property
    def chain(self) -> Chain | None:
        """What the restoring backup copy can still apply; None when its position or the logs are
        unknown.
        """
        if not self.backup.restoring or self.backup.redo_lsn is None:
            return None
        return follow(self.backup.redo_lsn, self.backup.fork, self.backup.family, self.logs)

    def is_behind(self, copy: Copy) -> bool:
        """A restoring copy of the primary site that lacks what was shipped already: it does not
        follow the principal, whatever its session says.
        """
        return (
            copy.restoring
            and self.backup.restoring
            and None not in (copy.redo_lsn, self.backup.redo_lsn)
            and (copy.redo_lsn or 0) < (self.backup.redo_lsn or 0)
        )

    @property
    def uncopied(self) -> tuple[LogBackup, ...]:
        """Backups that the copy still needs and that are only on the share."""
        chain = self.chain
        return tuple(b for b in chain.apply if b.place == "share") if chain else ()

    def servers_of(self, site: str) -> tuple[Server, ...]:
        return tuple(s for s in self.servers if s.site == site)

    def change(self, slot: str, **facts: t.Any) -> Estate:
        """The same estate with other facts of one copy of mgc."""
        return dataclasses.replace(
            self, copies={**self.copies, slot: dataclasses.replace(self.copies[slot], **facts)}
        )

    # -- from what was read
    # ------------------------------------------------------------
    @classmethod
    def of(cls, document: t.Mapping[str, t.Any]) -> Estate:
        declared = document["estate"]
        hosts = document["hosts"]
        slots = {slot: name for slot, name in declared["sql"].items() if name and slot in STORES}
        backup = (hosts.get(slots["backup"]) or {}).get("sql") or {}
        logs = backup.get("logs") or {}
        pool, manager = _pool(declared, hosts)
        attempt = str((backup.get("intent") or {}).get("id") or "")
        listed = tuple(
            LogBackup(**b) for b in [*(logs.get("share") or ()), *(logs.get("copied") or ())]
        )
        linked = ((backup.get("databases") or {}).get("mgc") or {}).get(
            "log_shipping_secondary"
        ) or {}
        return cls(
            pool=declared["pool"],
            now=backup.get("utc_now") or document.get("now"),
            copies={
                slot: _copy(slot, name, hosts.get(name) or {}, "mgc", attempt, listed)
                for slot, name in slots.items()
            },
            compliance={
                slot: _copy(slot, name, hosts.get(name) or {}, "mgccomp", attempt, ())
                for slot, name in slots.items()
                if "mgccomp" in (((hosts.get(name) or {}).get("sql") or {}).get("databases") or {})
            },
            store=pool.get("store"),
            store_why=pool.get("why"),
            cms=pool.get("cms"),
            published=bool(pool.get("published", True)),
            pool_state=pool.get("pool_state"),
            active=None if pool.get("active") is None else tuple(pool["active"]),
            members=tuple(pool.get("members") or ()),
            late=tuple(pool.get("late") or ()),
            servers=tuple(
                _server(declared, hosts, site, name)
                for site in ("primary", "backup")
                for name in declared["servers"][site]
            ),
            intent=Intent(**backup["intent"]) if backup.get("intent") else None,
            intent_why=backup.get("intent_why"),
            logs=listed,
            put_to_work=(backup.get("put_to_work") or {}).get("fork"),
            there_by=_there_by(linked),
            logs_why=logs.get("why") if logs.get("share") is None else None,
            copied=frozenset(
                b["path"].rpartition("\\")[2].lower() for b in logs.get("copied") or ()
            ),
            seen_from=_seen_from(hosts),
            blind=_blind(hosts),
            refusing=tuple(n for n in declared["hosts"] if _refuses(hosts.get(n) or {})),
            unreachable=tuple(
                n for n in declared["hosts"] if not (hosts.get(n) or {}).get("answers")
            ),
            management=manager,
            site=declared["site"],
            witnesses={
                pair: name
                for pair, name in (
                    ("primary", declared["sql"].get("witness")),
                    ("backup", declared["sql"].get("backup_witness")),
                )
                if name and _ready(hosts.get(name))
            },
        )


def _there_by(linked: t.Mapping[str, t.Any]) -> dict[str, str]:
    """By when log shipping had copied or restored its newest file, by the clock of its own
    server.
    """
    found: dict[str, str] = {}
    for kind in ("copied", "restored"):
        path = linked.get(f"last_{kind}_file")
        at = linked.get(f"last_{kind}_at")
        name = str(path or "").rpartition("\\")[2].lower()
        if name and at:
            found[name] = min(at, found.get(name, at))
    return found


def _copy(
    slot: str,
    name: str,
    seen: t.Mapping[str, t.Any],
    database: str,
    attempt: str,
    listed: t.Sequence[LogBackup],
) -> Copy:
    sql = seen.get("sql")
    if not seen.get("answers") or sql is None:
        return Copy(
            slot, name, why=seen.get("why") or "it was not looked at", refuses=_refuses(seen)
        )
    d = (sql.get("databases") or {}).get(database) or {}
    primary = d.get("log_shipping_primary")
    secondary = d.get("log_shipping_secondary")
    last = d.get("last_log_backup") or {}
    full = d.get("last_full_backup") or {}
    follows = d.get("database_state") in ("RESTORING", "STANDBY")
    redo = _number(d.get("redo_lsn")) if follows else None
    file = (
        tail_of(redo, d.get("family"), d.get("recovery_fork"), sql.get("server_name"), listed)
        if d.get("mirroring_role") is None
        else None
    )
    stopped = follows and _stopped_by(last, redo)
    tail = (
        file.attempt
        if file is not None
        else _stamp(last.get("stamp"), "-tail")
        if stopped
        else None
    )
    # what a tail stopped was put to work before
    taken_here = file.last_fork if file is not None else last.get("fork") if stopped else None
    shares = sql.get("shares") or {}
    return Copy(
        slot,
        name,
        True,
        server=sql.get("server_name"),
        state=d.get("database_state"),
        closed=d.get("database_state") == "ONLINE"
        and d.get("user_access") not in (None, "MULTI_USER"),
        role=d.get("mirroring_role"),
        mirroring=d.get("mirroring_state"),
        safety=d.get("mirroring_safety"),
        witness=(
            (d.get("mirroring_witness_state") or "UNKNOWN") if d.get("mirroring_witness") else None
        ),
        redo_lsn=redo,
        fork_point=_number(d.get("fork_point_lsn")),
        fork=d.get("recovery_fork") or taken_here or d.get("restored_fork"),
        family=d.get("family"),
        sessions=int(d.get("sessions") or 0),
        seed=_stamp(d.get("restored_stamp")),
        restored_at=d.get("restored_at"),
        began_at=(
            d.get("restored_began_at")
            if redo is not None and _number(d.get("restored_last_lsn")) == redo
            else None
        ),
        full=_full(d, full, attempt),
        full_lsn=_number(full.get("last_lsn")),
        tail=tail,
        retired=stopped and _stamp(last.get("stamp"), "-old") is not None,
        version=_version(sql.get("version")),
        role_sequence=_number(d.get("mirroring_role_sequence")),
        sees_logs=shares.get("log"),
        sees_seeds=shares.get("seed"),
        last_backup_lsn=_number(d.get("last_log_backup_lsn")),
        last_backup_at=last.get("started_at"),
        last_backup_path=last.get("path"),
        last_backup_end=_number(last.get("last_lsn")),
        ships=primary is not None,
        ships_enabled=bool(primary and primary["enabled"]),
        ships_at=primary.get("last_backup_at") if primary else None,
        linked=secondary is not None,
        copy_job=secondary.get("copy_job") if secondary else None,
        agent=bool(sql.get("agent_running")),
    )


def _refuses(seen: t.Mapping[str, t.Any]) -> bool:
    """It was asked, and there was an answer, but none that tells anything."""
    return not seen.get("answers") and seen.get("silent") is False


def _ready(seen: t.Mapping[str, t.Any] | None) -> bool:
    """A SQL Server that answers and has a mirroring endpoint."""
    return bool(seen and seen.get("answers") and (seen.get("sql") or {}).get("endpoint"))


def _number(value: t.Any) -> int | None:
    return None if value is None else int(value)


def _stamp(name: t.Any, ending: str = "") -> str | None:
    """Backups of the collection are named ``pchat <stamp>``."""
    text = str(name or "")
    return (
        text[6:].removesuffix(ending)
        if text.startswith("pchat ") and text.endswith(ending)
        else None
    )


def _version(text: t.Any) -> tuple[int, ...] | None:
    """Databases go from a lower one of these to a higher one, and never back."""
    return tuple(int(part) for part in str(text).split(".")[:2]) if text else None


def _full(
    database: t.Mapping[str, t.Any], newest: t.Mapping[str, t.Any], attempt: str
) -> str | None:
    """The stamp of this attempt's full backup, however many were taken since (a mirror's seed,
    say); else the newest one's.
    """
    mine = next(
        (
            s
            for s in map(_stamp, database.get("full_stamps") or ())
            if attempt and s and s.startswith(attempt)
        ),
        None,
    )
    return mine or _stamp(newest.get("stamp"))


def _stopped_by(backup: t.Mapping[str, t.Any], redo_lsn: int | None) -> bool:
    """A log backup taken here after which nothing was written or applied: the copy stands where it
    ends. By LSN, never by times.
    """
    return redo_lsn is not None and _number(backup.get("last_lsn")) == redo_lsn


def _server(
    declared: t.Mapping[str, t.Any], hosts: t.Mapping[str, t.Any], site: str, name: str
) -> Server:
    seen = hosts.get(name) or {}
    chat = seen.get("chat") or {}
    compliance = any(
        "mgccomp" in ((h.get("sql") or {}).get("databases") or {}) for h in hosts.values()
    )
    stopped = tuple(
        s for s in chat.get("stopped") or () if compliance or "compliance" not in s.lower()
    )
    return Server(
        declared["fqdn"][name],
        name,
        site,
        bool(seen.get("answers")),
        bool(chat.get("started")),
        chat.get("started_at"),
        stopped,
    )


def _pool(
    declared: t.Mapping[str, t.Any], hosts: t.Mapping[str, t.Any]
) -> tuple[t.Mapping[str, t.Any], str | None]:
    """What the best witness says of the pool: one that reaches the central store, else one with a
    replica; of the backup site first.
    """
    names = sorted(declared["management"], key=lambda name: declared["site"][name] != "backup")
    seen = [
        (hosts[n]["pool"], n)
        for n in names
        if (hosts.get(n) or {}).get("answers") and hosts[n].get("pool")
    ]
    for store in ("central", "local"):
        for pool, name in seen:
            if pool.get("store") == store:
                return pool, name
    return {
        "store": None,
        "why": (
            "; ".join(f"{n}: {hosts[n]['why']}" for n in names if (hosts.get(n) or {}).get("why"))
            or None
        ),
    }, None


def _blind(hosts: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    """Of those that do not answer the controller."""
    found = []
    for name, seen in hosts.items():
        for other, reaches in (seen.get("sees") or {}).items():
            if reaches is None and not (hosts.get(other) or {}).get("answers"):
                found.append(f"{name} cannot tell whether it reaches {other}")
    return tuple(found)


def _seen_from(hosts: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    """Vantage points besides the controller: unreachable is not dead while somebody else reaches
    it.
    """
    found = []
    for name, seen in hosts.items():
        for other, reaches in (seen.get("sees") or {}).items():
            if reaches and not (hosts.get(other) or {}).get("answers"):
                found.append(f"{name} reaches {other}")
    return tuple(found)
