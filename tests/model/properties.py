"""What must hold after every event, judged from outside.

By what was acknowledged, not by what anybody planned.
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
    """``losses``: for each recovery with loss the minutes lost and the minutes announced."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._before: dict[str, tuple[str | None, str]] = {}
        self.losses: list[tuple[float, int | None]] = []

    def violation(self, rule: str, text: str) -> None:
        """Raises Violation."""
        raise Violation(rule, text)

    # After every event

    def check(self) -> None:
        """One copy serves, it lacks nothing, and nothing is lost that nobody declared."""
        world = self.world
        serving = world.serving()
        if len(serving) > 1:
            self.violation("two copies serve", " and ".join(one.host for one in serving))
        owed = set(world.acked) - world.declared
        for instance in serving:
            missing = owed - instance.db.messages()
            if missing:
                self.violation(
                    "a copy that lacks messages serves", f"{instance.host} lacks {_some(missing)}"
                )
        lost = owed - self._held_by_anybody()
        if lost:
            self.violation("lost undeclared", f"nobody holds {_some(lost)}")

    def _held_by_anybody(self) -> set[int]:
        """Messages in any copy and any file that can be read."""
        held: set[int] = set()
        for instance in self.world.sql.values():
            held |= instance.db.messages()
        for file in self.world.files:
            if "good" in (file.share, file.copied):
                held.update(record.message for record in file.records)
        return held

    # Doors

    def in_sight(self) -> frozenset[int]:
        """Messages that the backup copy need not lose at this moment.

        Some copy in reach of anybody holds them, or files that lead there.
        """
        world = self.world
        held: set[int] = set()
        for slot in ("primary", "mirror"):
            instance = world.sql[slot]
            if world.up[instance.host] and instance.db.state is not None:
                held |= instance.db.messages()
        backup = world.sql["backup"]
        if world.up[backup.host]:
            held |= self._brought_up(backup.db).messages()
        return frozenset(held)

    def can_follow(self) -> bool:
        """Whether the log backups that can be read bring the backup copy up to the principal.

        To where its next log backup begins, on the history that the principal is on.
        """
        pair = (self.world.sql["primary"], self.world.sql["mirror"])
        principal = next(instance for instance in pair if instance.db.state == "ONLINE")
        best = self._brought_up(self.world.sql["backup"].db)
        return best.end >= principal.db.next_backup and best.same_path(principal.db.forks)

    def _brought_up(self, backup: Database) -> Database:
        """What a restoring copy becomes by all logs that can be read."""
        best = backup.clone()
        if backup.state != "RESTORING":
            return best
        readable = [file for file in self.world.files if file.readable(self.world.share)]
        for _unused in readable:
            fits = [file for file in readable if best.obstacle(file) is None]
            if not fits:
                break
            best.apply(max(fits, key=lambda file: file.last))
        return best

    def before(self, run: Run, move: dict[str, t.Any]) -> None:
        """How the copies stood before a move, or a write of it."""
        for slot, instance in self.world.sql.items():
            self._before[slot] = (instance.db.state, _fork(instance))

    def after(self, run: Run, move: dict[str, t.Any]) -> None:
        """A copy that this move put to work may lack only what was announced."""
        for slot, instance in self.world.sql.items():
            stands = (instance.db.state, _fork(instance))
            if instance.db.state == "ONLINE" and self._before[slot] != stands:
                self._opened(run, move, instance)
        self.before(run, move)

    def _opened(self, run: Run, move: dict[str, t.Any], instance: Instance) -> None:
        world = self.world
        lost = set(world.acked) - world.declared - instance.db.messages()
        if not lost:
            return
        if move["name"] not in ("recover_database", "force_service"):
            # Nobody declares anything here; serving it, or losing the rest, would be seen.
            return
        needless = lost & run.in_sight
        if needless:
            self.violation(
                "lost needlessly", f"{_some(needless)} were in reach when {run.order} looked last"
            )
        if move["name"] == "recover_database":
            self._as_announced(run, lost)
        world.declared |= lost

    def _as_announced(self, run: Run, lost: set[int]) -> None:
        loss = run.agreed["loss"]
        acked = self.world.acked
        if loss["lsn"] is not None:
            early = {message for message in lost if acked[message][1] < int(loss["lsn"])}
            if early:
                self.violation(
                    "lost more than announced",
                    f"{_some(early)} were written before LSN {loss['lsn']}: {loss['sentence']}",
                )
        times = [acked[message][0] for message in lost]
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
    numbers = [str(message) for message in sorted(messages)]
    shown = ", ".join(numbers[:6])
    if len(numbers) > 6:
        shown += " ..."
    return f"message {shown} ({len(numbers)})"
