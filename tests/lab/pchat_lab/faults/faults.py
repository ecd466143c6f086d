"""What is broken at the moment, and what is going to break at a certain write or call.

Everything that can be undone is, by ``clear``.

What each kind does when it is added stands in the files ``of_*.py``, which register in fault.py.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Sequence

from ..world.journal import Entry, command_line
from ..world.machine import Machine
from . import of_commands, of_files, of_machines, of_others, of_tools, specs
from .breaker import Breaker
from .deeds import run_sql
from .deviations import renamed
from .fault import STRIKES, Fault
from .specs import KINDS, BadFault

if t.TYPE_CHECKING:
    from ..world.world import World

__all__ = ["KINDS", "BadFault", "Fault", "Faults"]
#: They register what each kind does.
KIND_FILES = (of_commands, of_files, of_machines, of_others, of_tools)
_RUNS_AGAIN = ("twice", "half_way")


class Faults:
    """The faults of one world: what is asked to break, and what the wire asks at each call."""

    def __init__(self, world: World) -> None:
        self._active: dict[str, Fault] = {}
        self._number = 0
        self._breaker = Breaker(world, self._over)

    # --- steering

    def add(self, spec: dict[str, t.Any]) -> str:
        """``{"kind": ..., fields}`` as in ``specs.KINDS``; the fault's id.

        BadFault for kinds, fields, values and names that there are not.
        """
        complete = specs.read(spec)
        self._number += 1
        fault = Fault(f"f{self._number}", complete)
        try:
            STRIKES[complete["kind"]](self._breaker, fault)
        except KeyError as error:
            self._undo(fault)
            raise BadFault(f"{complete['kind']}: there is no {error.args[0]}") from error
        except BadFault:
            self._undo(fault)
            raise
        self._active[fault.id] = fault
        return fault.id

    def clear(self, which: str = "all") -> list[str]:
        """End one fault, or all; the ids that ended. BadFault when there is no such fault."""
        ended = [i for i in self._active if which in ("all", i)]
        if not ended and which != "all":
            raise BadFault(f"there is no fault {which!r}")
        for identity in reversed(ended):
            self._undo(self._active.pop(identity))
        return ended

    def list(self) -> list[dict[str, t.Any]]:
        """The active faults, oldest first: id, the complete specification, and whether it has
        fired.
        """
        found = []
        for fault in self._active.values():
            given = {name: value for name, value in fault.spec.items() if value is not None}
            found.append({"id": fault.id, **given, "fired": fault.fired})
        return found

    # --- hooks of the wire

    def before_write(self, entry: Entry) -> str | None:
        """``drop`` (no answer, the connection is cut), ``hang`` (no answer ever),
        ``fail:<message>``, or None. For a call that is about to write.
        """
        return self._at_write(entry, "before")

    def after_write(self, entry: Entry) -> str | None:
        """The same after it wrote.

        A write that was not announced to ``before_write`` (T-SQL is recognised while it runs) is
        counted here.
        """
        return self._at_write(entry, "after")

    def cmdlet_failure(self, name: str, machine: Machine) -> str | None:
        """The message with which this call is to fail, if it is.

        Call it once per call of any cmdlet.
        """
        for fault in self._of("cmdlet"):
            host = fault.host
            if (
                fault.spec["name"].lower() == name.lower()
                and fault.seen < fault.spec["times"]
                and (host is None or self._breaker.machine(host) is machine)
            ):
                fault.seen = fault.seen + 1
                fault.fired = True
                return str(fault.spec["message"])
        return None

    def deviated(self, name: str, output: Sequence[t.Any]) -> Sequence[t.Any]:
        """What a cmdlet returned, as deviations change it."""
        for fault in self._of("deviation"):
            if fault.spec["cmdlet"].lower() == name.lower():
                output = [
                    renamed(value, fault.spec["property"], fault.spec["becomes"])
                    for value in output
                ]
        return output

    def lost_of_batch(self, text: str, machine: Machine) -> str | None:
        """What Invoke-Sqlcmd loses of this batch on this machine, as in ``sql_batch.loses``.

        Call it once per batch.
        """
        for fault in self._of("sql_batch"):
            host = fault.host
            times = fault.spec["times"]
            if (
                (times is None or fault.seen < times)
                and (host is None or self._breaker.machine(host) is machine)
                and re.search(fault.spec["pattern"], text)
            ):
                fault.seen = fault.seen + 1
                fault.fired = True
                return str(fault.spec["loses"])
        return None

    def latency(self, machine: Machine) -> float:
        """Real seconds by which everything on this machine takes longer."""
        return sum(
            f.spec["seconds"] or 1.0
            for f in self._active.values()
            if f.spec.get("mode") == "slow"
            and (
                f.spec.get("site") == machine.site
                or ("host" in f.spec and self._breaker.host(f) is machine)
            )
        )

    def answer(self, machine: Machine) -> tuple[str, float] | None:
        """How this machine's listener answers instead of with WS-Management: a mode of
        ``answers.ANSWERS``, and its real seconds. The newest counts.
        """
        found = [f for f in self._of("answer") if self._breaker.host(f) is machine]
        return (found[-1].mode, found[-1].spec["seconds"]) if found else None

    def _at_write(self, entry: Entry, when: str) -> str | None:
        action: str | None = None
        self._others_act(entry, when)
        for fault in self._of("write"):
            if fault.fired or not self._is_about(fault, entry):
                continue
            if entry.number not in fault.counted:
                fault.counted.add(entry.number)
                fault.seen += 1
            if fault.seen == fault.spec["number"] and fault.spec["action"] in _RUNS_AGAIN:
                self._run_again(fault, entry)
            # Of a write that was not announced, "before" is the moment before its answer: the
            # earliest one left.
            elif fault.seen == fault.spec["number"] and (
                when == fault.spec["when"] or when == "after"
            ):
                fault.fired = True
                action = action or self._write_action(fault, entry)
        return action

    def _is_about(self, fault: Fault, entry: Entry) -> bool:
        """Whether a fault of kind write counts this one."""
        host = fault.host
        if host is not None and self._breaker.machine(host).fqdn != entry.host.lower():
            return False
        pattern = fault.spec["pattern"]
        return pattern is None or bool(
            re.search(pattern, command_line(entry.name, entry.parameters))
        )

    def _others_act(self, entry: Entry, when: str) -> None:
        """Another operator waits for a certain write of ours, and acts right after it."""
        for fault in self._of("operator"):
            if fault.fired or when != "after" or entry.number in fault.counted:
                continue
            fault.counted.add(entry.number)
            fault.seen += 1
            if fault.seen == fault.spec["number"]:
                fault.fired = True
                run_sql(self._breaker.instance(fault), fault.spec["database"], fault.spec["sql"])

    def _run_again(self, fault: Fault, entry: Entry) -> None:
        """Invoke-Sqlcmd looks for it in its notes when the batch has begun."""
        fault.fired = True
        entry.notes["run_again"] = {
            "after_writes": fault.spec["statements"] if fault.spec["action"] == "half_way" else 0
        }

    def _write_action(self, fault: Fault, entry: Entry) -> str:
        action = str(fault.spec["action"])
        if action == "power_off":
            self._breaker.power_off(fault, self._breaker.machine(entry.host))
            return "drop"
        return f"fail:{fault.spec['message']}" if action == "fail" else action

    # --- helpers

    def _of(self, kind: str) -> t.Iterator[Fault]:
        return (f for f in tuple(self._active.values()) if f.spec["kind"] == kind)

    def _over(self, fault: Fault) -> None:
        if self._active.get(fault.id) is fault:
            self.clear(fault.id)

    def _undo(self, fault: Fault) -> None:
        for undo in reversed(fault.undo):
            undo()
        fault.undo.clear()
