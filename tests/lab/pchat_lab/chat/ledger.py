"""Clients that post numbered messages, and the account of what was acknowledged to them: "nothing
lost" is counted, not claimed.

A message is acknowledged only after the database that the chat server reached had hardened it.
Afterwards every copy of the database in the estate can be asked which of the acknowledged numbers
it holds.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from ..sqlserver.language.errors import SqlError

if t.TYPE_CHECKING:
    from ..lync.document import Pool
    from ..sqlserver.server.instance import SqlInstance
    from ..world.world import World

DATABASE = "mgc"


@dataclasses.dataclass(frozen=True)
class Posted:
    """An acknowledged message: the copy that took it, through which server, when (UTC)."""

    number: int
    at: dt.datetime
    server: str
    instance: str  # host FQDN, with the instance name behind a backslash if it has one
    lsn: int


class Ledger:
    def __init__(self, world: World) -> None:
        self._world = world
        self._next: dict[str, int] = {}  # pool -> number of the next message
        self._acknowledged: dict[str, list[Posted]] = {}  # pool -> in order
        self._refused: dict[str, int] = {}
        self._turn: dict[str, int] = {}
        self._per_minute: dict[str, float] = {}
        self._traffic_round = 0
        self.impossible: list[str] = []  # states that must never be, as they were seen

    def post(
        self, count: int = 1, pool: str | None = None, server: str | None = None
    ) -> dict[str, t.Any]:
        """Post this many messages; ``pool``: default all pools in turn; ``server``: default the
        pool's servers in turn.

        Returns ``{"acknowledged": n, "refused": n, "reasons": {reason: n}, "first": number, "last":
        number}`` (numbers of the last pool).
        ValueError for a pool or server that is not defined.
        """
        pools = self._pools() if pool is None else [self._pool(pool)]
        answer: dict[str, t.Any] = {
            "acknowledged": 0,
            "refused": 0,
            "reasons": {},
            "first": None,
            "last": None,
        }
        for each in pools:
            servers = sorted(name.lower() for name in each.machines)
            if server is not None:
                fqdn = self._world.machine(server).fqdn if self._known(server) else server.lower()
                if fqdn not in servers:
                    if pool is None:
                        continue
                    raise ValueError(f"{server} is not a server of {each.fqdn}")
                servers = [fqdn]
            for _unused in range(count):
                self._post_one(each, servers, answer)
        if server is not None and answer["first"] is None and count > 0:
            raise ValueError(f"{server} is not a server of any pool")
        return answer

    def verify(self) -> dict[str, t.Any]:
        """What became of the acknowledged messages, by pool and for all:

        ``{"acknowledged", "present", "refused", "lost", "impossible", "pools": {fqdn:
        {"acknowledged", "refused", "present", "lost": [numbers], "database_in_use", "copies":
        {instance: {"state", "held", "newest", "missing"}}, "impossible": [texts]}}}``.
        A message is present when the copy in use holds it; without a copy in use nothing is present
        and nothing counted as lost: ``lost`` then is what no copy of the estate holds any more.
        """
        pools = {pool.fqdn.lower(): self._verify_pool(pool) for pool in self._pools()}
        for name in self._acknowledged.keys() - pools.keys():
            pools[name] = {
                "acknowledged": len(self._acknowledged[name]),
                "refused": self._refused.get(name, 0),
                "present": 0,
                "lost": [],
                "database_in_use": None,
                "copies": {},
                "impossible": ["the pool is not defined any more"],
            }
        total = {}
        for key in ("acknowledged", "present", "refused"):
            total[key] = sum(pool[key] for pool in pools.values())
        return {
            **total,
            "lost": sum(len(p["lost"]) for p in pools.values()),
            "impossible": bool(self.impossible) or any(p["impossible"] for p in pools.values()),
            "pools": pools,
        }

    def traffic(self, per_minute: float, pool: str | None = None) -> dict[str, float]:
        """From now on post this many messages a minute of lab time (0: stop); what is set now, by
        pool.
        """
        if per_minute < 0:
            raise ValueError("messages per minute: a number from 0")
        for each in self._pools() if pool is None else [self._pool(pool)]:
            self._per_minute[each.fqdn.lower()] = float(per_minute)
        self._traffic_round += 1  # timers of earlier calls end
        for name, rate in self._per_minute.items():
            if rate > 0:
                self._later(name, 60.0 / rate, self._traffic_round)
        return {name: rate for name, rate in self._per_minute.items() if rate > 0}

    def acknowledged(self, pool: str) -> list[Posted]:
        """Everything acknowledged in a pool, in order."""
        return list(self._acknowledged.get(pool.lower(), ()))

    # --- posting

    def _post_one(self, pool: Pool, servers: list[str], answer: dict[str, t.Any]) -> None:
        name = pool.fqdn.lower()
        number = self._next.get(name, 1)
        self._next[name] = number + 1
        answer["first"] = number if answer["first"] is None else answer["first"]
        answer["last"] = number
        reason = self._try_servers(pool, servers, number)
        if reason is None:
            answer["acknowledged"] += 1
            return
        self._refused[name] = self._refused.get(name, 0) + 1
        answer["refused"] += 1
        answer["reasons"][reason] = answer["reasons"].get(reason, 0) + 1

    def _try_servers(self, pool: Pool, servers: list[str], number: int) -> str | None:
        """Post through the first server that takes it, starting after the one that had the last
        turn; the reason when none does.
        """
        name = pool.fqdn.lower()
        reasons: dict[str, None] = {}
        start = self._turn.get(name, 0)
        for step in range(len(servers)):
            machine = self._world.machines[servers[(start + step) % len(servers)]]
            where = self._world.lync.serving_instance(machine)
            if isinstance(where, str):
                reasons[where] = None
                continue
            self._watch(pool)
            try:
                lsn = where.database(DATABASE).append(
                    {
                        "pool": name,
                        "number": number,
                        "server": machine.fqdn,
                        "at": self._world.clock.now().isoformat(),
                    }
                )
            except SqlError as error:
                reasons[error.message] = None
                continue
            self._turn[name] = start + step + 1
            self._acknowledged.setdefault(name, []).append(
                Posted(number, self._world.clock.now(), machine.fqdn, _label(where), lsn)
            )
            return None
        # "not active" is the least telling reason: it is given only when it is the only one
        telling = [r for r in reasons if r != "it is not active"]
        return "; ".join(telling or reasons) or "the pool has no servers"

    def _later(self, name: str, seconds: float, round_: int) -> None:
        def tick() -> None:
            if round_ != self._traffic_round:
                return
            pool = self._world.lync.pools.get(name)
            if pool is not None:
                self.post(1, name)
            self._later(name, seconds, round_)

        self._world.clock.after(seconds, tick)

    # --- verifying

    def _verify_pool(self, pool: Pool) -> dict[str, t.Any]:
        name = pool.fqdn.lower()
        posted = self._acknowledged.get(name, [])
        numbers = {message.number for message in posted}
        copies: dict[str, t.Any] = {}
        held: dict[str, set[int]] = {}
        for instance in self._copies(pool):
            database = instance.databases[DATABASE]
            mine = {p["number"] for p in database.payloads() if p.get("pool") == name}
            held[_label(instance)] = mine
            copies[_label(instance)] = {
                "state": database.state,
                "held": len(mine),
                "newest": max(mine, default=None),
                "missing": len(numbers - mine),
            }
        used = self._in_use(pool)
        kept = held.get(used, set()) if used else set().union(*held.values())
        problems = [text for text in self.impossible if text.startswith(f"{name}: ")]
        strangers = sorted(set().union(*held.values()) - set(range(1, self._next.get(name, 1))))
        if strangers:
            problems.append(f"{name}: a copy holds numbers that were never posted: {strangers[:5]}")
        self._watch(pool)
        return {
            "acknowledged": len(numbers),
            "refused": self._refused.get(name, 0),
            "present": len(numbers & held.get(used, set())) if used else 0,
            "lost": sorted(numbers - kept),
            "database_in_use": used,
            "copies": copies,
            "impossible": problems,
        }

    def _copies(self, pool: Pool) -> list[SqlInstance]:
        """Every instance of the pool's stores with a copy of the database."""
        found = []
        for slot, where in pool.stores.items():
            if "witness" not in slot:
                instance = self._world.lync.instance(where)
                if DATABASE in instance.databases:
                    found.append(instance)
        return found

    def _in_use(self, pool: Pool) -> str | None:
        """The copy that a client's message would reach now through any server; without one, the
        online copy of the pool's state.
        """
        for fqdn in sorted(name.lower() for name in pool.machines):
            where = self._world.lync.serving_instance(self._world.machines[fqdn])
            if not isinstance(where, str):
                return _label(where)
        lync = self._world.lync
        for instance in lync.database_in_use(pool, lync.state(pool.fqdn)):
            database = instance.databases.get(DATABASE)
            if database is not None and database.serves_programs():
                return _label(instance)
        return None

    def _watch(self, pool: Pool) -> None:
        """Two servers of a pool that write to two different copies at the same time: what every
        procedure here exists to prevent.
        """
        taking = set()
        for fqdn in pool.machines:
            where = self._world.lync.serving_instance(self._world.machines[fqdn.lower()])
            if not isinstance(where, str):
                taking.add(_label(where))
        if len(taking) > 1:
            text = (
                f"{pool.fqdn.lower()}: servers write to {len(taking)} copies at once: "
                f"{', '.join(sorted(taking))}"
            )
            if text not in self.impossible:
                self.impossible.append(text)

    def _pools(self) -> list[Pool]:
        return [pool for _unused, pool in sorted(self._world.lync.pools.items())]

    def _pool(self, name: str) -> Pool:
        found = self._world.lync.pools.get(name.lower())
        if found is None:
            raise ValueError(
                f"there is no pool {name!r} (known: "
                f"{', '.join(sorted(self._world.lync.pools)) or 'none yet'})"
            )
        return found

    def _known(self, machine: str) -> bool:
        try:
            self._world.machine(machine)
        except KeyError:
            return False
        return True


def _label(instance: SqlInstance) -> str:
    return instance.machine.fqdn + (f"\\{instance.name}" if instance.name else "")
