"""Runs as a callback is told of them: one function each, whose lines ``golden/NAME.txt`` has.

``python -m unit.domain.terminal.runs`` writes those files anew.
"""

from __future__ import annotations

import pathlib
import typing as t
from collections.abc import Iterator

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.terminal.night import (
    Night,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.terminal.told import (
    Begun,
    Line,
    Recap,
    Told,
)

FOLDER = pathlib.Path(__file__).with_name("golden")
COORDINATOR = "fe-s1.contoso.example"
BACKUP = "sql-s1.contoso.example"
LOST = "What was written from LSN 200 on is lost, about 15 minutes."
MOVES: list[dict[str, t.Any]] = [
    {"name": "fence", "host": COORDINATOR, "why": "Nobody may write.", "one_way": False},
    {"name": "recover_database", "host": BACKUP, "why": "All is applied.", "one_way": True},
    {"name": "set_active_servers", "host": COORDINATOR, "why": "Let them in.", "one_way": False},
]
LOST_SITE = {"name": "PrimaryLost", "text": "No SQL Server of the primary pair answers."}
FAILED_OVER = {"name": "FailedOver", "text": "The pool runs on its backup copy."}


class Teller:
    """Tells a ``Night`` what happens, and keeps its lines. The clock is turned by hand."""

    def __init__(self, check: bool = False) -> None:
        self.now = 0.0
        self.night = Night(lambda: self.now, check)
        self.lines: list[Line] = []
        self._done: list[t.Any] = []

    def keep(self, lines: Iterator[Line]) -> None:
        self.lines += lines

    def text(self) -> str:
        return "".join(f"{line.text}\n" for line in self.lines)

    def task(self, name: str, result: t.Any, host: str = COORDINATOR, **how: t.Any) -> None:
        """One that ends well; ``action``, ``speaks`` and ``seconds`` as wanted."""
        action = how.get("action", "")
        self.keep(self.night.begins(host, Begun(name, name, action, how.get("move"))))
        self.now += how.get("seconds", 0)
        told = Told(host, name, action, result, speaks=how.get("speaks", False))
        self.keep(self.night.ends_well(told))
        self.keep(self.night.task_over())

    def look(self, moves: list[t.Any], situation: t.Any, **more: t.Any) -> None:
        self.task("outage : Look at every host at the same time", {}, action="dr_info", seconds=4)
        lost = {"minutes": 15, "lsn": "200", "sentence": LOST} if moves else {"minutes": 0}
        result = {
            "target": "failover",
            "pool": "chat.contoso.example",
            "situation": situation,
            "moves": moves,
            "loss": lost,
            "lines": [f"{situation['name']}: {situation['text']}", f"Plan, {len(moves)} moves:"],
            **more,
        }
        self.task("outage : Decide", result, action="dr_plan")

    def begin(self, moves: list[t.Any]) -> None:
        self.remember(None)
        self.look(moves, LOST_SITE)

    def remember(self, move: t.Any) -> None:
        self._done = [*self._done, move] if move else []
        if not move:
            self.task("Begin anew", {"ansible_facts": {"outage_so_far": {"done": []}}})
            return
        told = {"done": self._done}
        self.task("Remember what was done", told, move=move, action="operation_record")

    def move(self, move: t.Any, seconds: float) -> None:
        steps = [{"name": "do_it", "why": "It is to be.", "one_way": False}]
        result = {"changed": True, "host": move["host"], "steps": steps}
        self.task("Take the step", result, move=move, seconds=seconds, action="active_servers")
        self.remember(move)

    def end(self, changed: int = 0, failed: str = "", silent: str = "") -> str:
        recap = Recap(1, changed, tuple(failed.split()), tuple(silent.split()))
        self.keep(self.night.over(recap))
        return self.text()


def nothing_changed() -> str:
    run = Teller()
    run.task("facts : Read what the hosts are", {}, action="members_info", seconds=3)
    run.task("mirror : Have an endpoint", {"changed": False, "steps": []}, action="mirroring")
    run.task("status : Tell", {"lines": ["Pool chat: Healthy."]}, action="pool_status")
    return run.end()


def built() -> str:
    run = Teller()
    steps = [
        {"name": "back_up_database", "why": "There is no backup.", "one_way": False},
        {"name": "restore_database", "why": "It is replaced.", "one_way": True},
    ]
    result = {"changed": True, "host": BACKUP, "steps": steps}
    run.task("mirror : Seed it", result, action="database_restore", seconds=95)
    run.task("copy : Write a file", {"changed": True}, host="localhost")
    return run.end(changed=2)


def failed_over_with_loss() -> str:
    run = Teller()
    run.begin(MOVES)
    run.move(MOVES[0], 3)
    run.look(MOVES[1:], LOST_SITE)
    run.move(MOVES[1], 12.4)
    run.move(MOVES[2], 2)
    unwritable = {"seconds": 17, "sentence": "Nobody could write for 17 s."}
    kept = "The old copies are in sql-n1."
    run.look([], FAILED_OVER, unwritable=unwritable, left_behind=[kept])
    said = {"msg": [unwritable["sentence"], kept]}
    run.task("outage : Say what is left behind", said, speaks=True)
    return run.end(changed=3)


def a_plan_that_grew_on_the_way() -> str:
    run = Teller()
    run.begin(MOVES[:1])
    run.move(MOVES[0], 3)
    run.look(MOVES[2:], LOST_SITE)
    run.move(MOVES[2], 3)
    run.look([], FAILED_OVER, unwritable=None)
    return run.end(changed=2)


def refused() -> str:
    run = Teller()
    run.remember(None)
    sentence = "The loss is too great: 90 minutes."
    result = {
        "msg": sentence,
        "code": "loss_too_great",
        "target": "failover",
        "pool": "chat.contoso.example",
        "situation": LOST_SITE,
        "lines": ["PrimaryLost: No SQL Server answers.", f"Refused: {sentence}"],
    }
    run.keep(run.night.fails(Told(COORDINATOR, "outage : Decide", "dr_plan", result)))
    return run.end(failed=COORDINATOR)


def not_confirmed() -> str:
    run = Teller()
    run.begin(MOVES)
    result = {"msg": "Not confirmed, so nothing was changed."}
    run.keep(run.night.fails(Told(COORDINATOR, "outage : Go on only when told to", "", result)))
    return run.end(failed=COORDINATOR)


def stopped_in_a_move() -> str:
    run = Teller()
    run.begin(MOVES)
    run.move(MOVES[0], 3)
    run.look(MOVES[1:], LOST_SITE)
    run.keep(run.night.begins(COORDINATOR, Begun("x", "Take it", "x", MOVES[1])))
    run.now += 61
    result = {
        "host": BACKUP,
        "msg": "SQL Server refused the batch: 3013.",
        "code": "sql_failed",
        "failed_step": "recover_database",
        "done": ["use_alone"],
        "pending": ["open_it"],
    }
    run.keep(run.night.fails(Told(COORDINATOR, "outage : Take it", "database_recovery", result)))
    return run.end(changed=1, failed=COORDINATOR)


def the_same_failure_of_many_hosts() -> str:
    run = Teller()
    for number in range(1, 5):
        result = {"msg": "Nobody answers on port 5985.", "code": "unreachable"}
        run.keep(run.night.silent(Told(f"chat-{number}", "Look", "host_info", result)))
    run.keep(run.night.task_over())
    other = {"msg": "The logon is refused.", "code": "host_refuses"}
    run.keep(run.night.silent(Told("sql-n1", "Look", "host_info", other)))
    again = Told("chat-1", "Stop", "", {"msg": "Nobody answers on port 5985."})
    run.keep(run.night.fails(again))
    hidden = {"censored": "hidden by no_log", "msg": "hunter2"}
    run.keep(run.night.fails(Told("sql-n2", "Log on", "", hidden), ignored=True))
    return run.end(failed="chat-1", silent="chat-2 chat-3 chat-4 sql-n1")


def refused_before_a_build() -> str:
    run = Teller()
    findings = [
        {"host": "sql-n1", "code": "agent_stopped", "text": "its SQL Server Agent does not run"},
        {"host": "sql-s1", "code": "disk_full", "text": "there is no room"},
    ]
    sentence = "2 findings before anything was changed: one | other"
    result = {"msg": sentence, "code": "preflight", "findings": findings}
    run.keep(run.night.fails(Told("fe-n1", "preflight : Judge", "preflight", result)))
    run.keep(run.night.task_over())
    run.keep(run.night.fails(Told("fe-n1", "Stop", "", {"msg": sentence})))
    return run.end(failed="fe-n1")


def checked() -> str:
    run = Teller(check=True)
    run.begin(MOVES)
    for move in MOVES:
        run.move(move, 1)
    return run.end(changed=3)


RUNS = (
    nothing_changed,
    built,
    failed_over_with_loss,
    a_plan_that_grew_on_the_way,
    refused,
    not_confirmed,
    stopped_in_a_move,
    the_same_failure_of_many_hosts,
    refused_before_a_build,
    checked,
)

if __name__ == "__main__":
    for told in RUNS:
        (FOLDER / f"{told.__name__}.txt").write_text(told(), encoding="utf-8")
