"""The switch of principals by Lync's own cmdlet. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...._engine.errors import Refused
from ...._engine.model import LATER, ArgumentSpec, Facts, Resource, Session, Settle, Step
from ...calls import lync
from ._pool import pool_scope
from ._stores import DATABASE_OPTION, Sides, read_sides

#: What a session says that becomes synchronized by itself, e.g. after a switch a moment ago.
_ON_THE_WAY = "synchronizing"
MIRROR_PRINCIPAL_SPEC: ArgumentSpec = {
    "pool": {"type": "str", "required": True},
    "database": DATABASE_OPTION,
    "principal": {"type": "str", "choices": ["primary", "mirror"], "required": True},
    "primary_sql": {"type": "str"},
    "mirror_sql": {"type": "str"},
    "expect_mirrored": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "timeout": {"type": "int", "default": 300},
}


class MirrorPrincipalOptions(t.TypedDict):
    """``principal``: the slot that is to be it. ``primary_sql``, ``mirror_sql``: FQDNs of the two
    partners, for what a check run predicts of them. ``expect_mirrored``: earlier tasks of this
    check run would have mirrored the database. ``wait``: until the partners are synchronized again.
    ``timeout``: seconds.
    """

    pool: str
    database: str
    principal: str
    primary_sql: str | None
    mirror_sql: str | None
    expect_mirrored: bool
    force: bool
    wait: bool
    timeout: int


class MirrorPrincipal(Resource[MirrorPrincipalOptions, Sides]):
    """Which of the two partners is principal now, switched by Invoke-CsDatabaseFailover."""

    def __init__(self, options: MirrorPrincipalOptions, host: str) -> None:
        self.options = options
        self.database = options["database"]
        self.scope = f"{pool_scope(options['pool'])}/{options['database']}"

    @property
    def wanted(self) -> str:
        """The slot that is to be principal: primary or mirror."""
        return self.options["principal"]

    def read(self, session: Session) -> Sides:
        return read_sides(session, self.options["pool"], self.options["database"])

    def plan(self, current: Sides) -> list[Step[Sides]]:
        # Only a check run says expect_mirrored (the role passes ansible_check_mode): earlier tasks
        # of it would have mirrored the database.
        is_expected = current["principal"] is None
        if is_expected and not self.options["expect_mirrored"]:
            raise Refused(
                f"{self.database} of {self.options['pool']} is not mirrored, or neither partner"
                " answers; there are no roles to switch.",
                code="not_mirrored",
            )
        principal = current["principal"] or "primary"
        if principal == self.wanted:
            return []
        if not is_expected:
            self._require_synchronized(current)
        return [self._switch(principal, current)]

    def _require_synchronized(self, current: Sides) -> None:
        if current["synchronized"] or self.options["force"] or _is_on_the_way(current):
            return
        raise Refused(
            f"{self.database} of {self.options['pool']} is not synchronized"
            f" ({', '.join(current['status']) or 'unknown'}); a switch would lose data or fail."
            " Wait until it is, or, if the principal is lost, force it.",
            code="not_synchronized",
            status=current["status"],
        )

    def _switch(self, principal: str, current: Sides) -> Step[Sides]:
        wanted = self.wanted
        pool = self.options["pool"]
        forced = self.options["force"] and not current["synchronized"]
        leaves_it = forced or not self.options["wait"]
        return Step(
            name="switch_principal",
            why=f"The {principal} is principal of {self.database}, and the {wanted} is to be.",
            sets={
                "principal": wanted,
                "synchronized": LATER if leaves_it else True,
                "status": LATER if leaves_it else ["synchronized"],
            },
            calls=(lync.fail_over_database(pool, self.database, wanted, forced),),
            one_way=forced,
            also=self._partners_afterwards(),
            awaits=() if forced else self._awaited(current),
            settles=self._is_over(leaves_it),
        )

    def _awaited(self, current: Sides) -> tuple[Settle[Sides], ...]:
        """What a switch without loss needs and a session comes to by itself."""
        if current["synchronized"] or not _is_on_the_way(current):
            return ()
        return (
            Settle(
                until="the partners are synchronized",
                holds=_is_synchronized,
                timeout=float(self.options["timeout"]),
            ),
        )

    def _is_over(self, leaves_it: bool) -> Settle[Sides]:
        until = f"the {self.wanted} is principal"
        return Settle(
            until=until if leaves_it else f"{until} and synchronized",
            holds=self._is_wanted if leaves_it else self._is_wanted_and_synchronized,
            timeout=float(self.options["timeout"]),
        )

    def _is_wanted(self, sides: Sides) -> bool:
        return sides["principal"] == self.wanted

    def _is_wanted_and_synchronized(self, sides: Sides) -> bool:
        return self._is_wanted(sides) and _is_synchronized(sides)

    def _partners_afterwards(self) -> dict[str, Facts]:
        """What a check run may plan on; nothing when the inventory did not name both."""
        new = self.options["primary_sql"]
        old = self.options["mirror_sql"]
        if self.wanted == "mirror":
            new = self.options["mirror_sql"]
            old = self.options["primary_sql"]
        if not new or not old:
            return {}
        return {
            f"sql/{new}/{self.database}": {
                "database_state": "ONLINE",
                "mirroring_role": "PRINCIPAL",
                "recovery_model": "FULL",
            },
            f"sql/{old}/{self.database}": {
                "database_state": "RESTORING",
                "mirroring_role": "MIRROR",
            },
        }


def _is_synchronized(sides: Sides) -> bool:
    return sides["synchronized"]


def _is_on_the_way(sides: Sides) -> bool:
    return _ON_THE_WAY in sides["status"]
