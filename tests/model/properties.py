"""What must hold after every event, judged from outside: by what was acknowledged, not by what
anybody planned.
"""

from __future__ import annotations

import typing as t

from .logs import Database
from .world import Instance, World

if t.TYPE_CHECKING:
    from .operators import Run

#: Clocks differ by up to five minutes in the world, and announced minutes are whole ones.
SLACK_MINUTES = 6


class Violation(AssertionError):
    """``rule``: which property broke."""

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(f"{rule}: {text}")
        self.rule = rule


class Judge:
    def __init__(self, world: World) -> None:
        self.world = world
        self._before: dict[str, tuple[str | None, str]] = {}
        self.losses: list[
            tuple[float, int | None]
        ] = []  # minutes that were lost, minutes that were announced

    def violation(self, rule: str, text: str) -> None:
        raise Violation(rule, text)

    # -- after every event
    # ---------------------------------------------------------------------------------------------------------------
    def check(self) -> None:
        world = self.world
        serving = world.serving()
        if len(serving) > 1:
            self.violation("two copies serve", " and ".join(i.host for i in serving))
        owed = set(world.acked) - world.declared
        for instance in serving:
            missing = owed - instance.db.messages()
            if missing:
                self.violation(
                    "a copy that lacks messages serves", f"{instance.host} lacks {_some(missing)}"
                )
        held = {m for i in world.sql.values() for m in i.db.messages()}
        held |= {r.message for f in world.files if "good" in (f.share, f.copied) for r in f.records}
        if owed - held:
            self.violation("lost undeclared", f"nobody holds {_some(owed - held)}")

    # -- doors
    # ---------------------------------------------------------------------------------------------------------------------------
    def in_sight(self) -> frozenset[int]:
        """Messages that the backup copy need not lose at this moment: some copy in reach of anybody
        holds them, or files that lead there.
        """
        world = self.world
        held: set[int] = set()
        for instance in world.sql.values():
            if (
                world.up[instance.host]
                and instance.slot in ("primary", "mirror")
                and instance.db.state is not None
            ):
                held |= instance.db.messages()
        return frozenset(
            held | self._restorable(world.sql["backup"].db)
            if world.up[world.sql["backup"].host]
            else held
        )

    def can_follow(self) -> bool:
        """Whether the log backups that can be read bring the backup copy to where the principal's
        next one begins.
        """
        principal = next(
            i
            for i in self.world.sql.values()
            if i.slot in ("primary", "mirror") and i.db.state == "ONLINE"
        )
        return self._brought_up(self.world.sql["backup"].db).end >= (principal.db.next_backup or 0)

    def _restorable(self, backup: Database) -> set[int]:
        return self._brought_up(backup).messages()

    def _brought_up(self, backup: Database) -> Database:
        best = backup.clone()
        for _unused in range(len(self.world.files)):
            fits = [
                f
                for f in self.world.files
                if f.readable(self.world.share) and best.obstacle(f) is None
            ]
            if backup.state != "RESTORING" or not fits:
                break
            best.apply(max(fits, key=lambda f: f.last))
        return best

    def before(self, run: Run, move: dict[str, t.Any]) -> None:
        self._before = {i.slot: (i.db.state, _fork(i)) for i in self.world.sql.values()}

    def after(self, run: Run, move: dict[str, t.Any]) -> None:
        """A copy that this move put to work may lack only what was announced."""
        for instance in self.world.sql.values():
            if instance.db.state == "ONLINE" and self._before[instance.slot] != (
                "ONLINE",
                _fork(instance),
            ):
                self._opened(run, move, instance)
        self.before(run, move)

    def _opened(self, run: Run, move: dict[str, t.Any], instance: Instance) -> None:
        world = self.world
        lost = set(world.acked) - world.declared - instance.db.messages()
        if not lost:
            return
        doors = {"recover_database": "recovered", "force_service": "forced"}
        if move["name"] not in doors:
            return  # nobody declares anything here; serving it, or losing the rest, would be seen
        if move["name"] == "recover_database":
            needless = lost & run.in_sight
            if needless:
                self.violation(
                    "lost needlessly",
                    f"{_some(needless)} were in reach when {run.order} looked last",
                )
            self._as_announced(run, lost)
        world.declared |= lost

    def _as_announced(self, run: Run, lost: set[int]) -> None:
        loss, acked = run.agreed["loss"], self.world.acked
        if loss["lsn"] is not None:
            early = {m for m in lost if acked[m][1] < int(loss["lsn"])}
            if early:
                self.violation(
                    "lost more than announced",
                    f"{_some(early)} were written before LSN {loss['lsn']}: {loss['sentence']}",
                )
        times = [acked[m][0] for m in lost]
        span = (max(times) - min(times)) / 60
        if loss["minutes"] is not None and span > loss["minutes"] + SLACK_MINUTES:
            self.violation(
                "lost more than announced",
                f"{span:.0f} minutes are lost, {_some(lost)}: {loss['sentence']}",
            )
        self.losses.append((span, loss["minutes"]))


def _fork(instance: Instance) -> str:
    return instance.db.forks[-1].id if instance.db.forks else ""


def _some(messages: t.Collection[int]) -> str:
    shown = sorted(messages)
    return (
        f"message {', '.join(map(str, shown[:6]))}{' ...' if len(shown) > 6 else ''} ({len(shown)})"
    )
