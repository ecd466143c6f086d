"""What is broken at the moment, and what is going to break at a certain write or call. Everything that can be undone is, by ``clear``.

Faults may overlap (a host is down, and so is its site): a thing is whole again when the last fault that holds it has ended.
"""
from __future__ import annotations

import dataclasses
import re
import typing as t
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

from ..powershell.registry import CMDLETS
from ..world import sql_tools
from ..world.journal import Entry
from ..world.machine import Machine
from ..world.services import ServiceError
from . import specs
from .answers import NEEDS_TLS
from .deeds import add_backup_job, back_up_log, run_sql
from .deviations import renamed
from .specs import KINDS, BadFault

if t.TYPE_CHECKING:
    from ..sqlserver.server.instance import SqlInstance
    from ..world.world import World

__all__ = ["KINDS", "BadFault", "Fault", "Faults"]
Undo = Callable[[], None]
_RUNS_AGAIN = ("twice", "half_way")


@dataclasses.dataclass
class Fault:
    """``fired``: it did what it was for (write, cmdlet: was met; the others: at once). ``seen``: writes or calls counted so far."""

    id: str
    spec: dict[str, t.Any]
    undo: list[Undo] = dataclasses.field(default_factory=list)
    fired: bool = False
    seen: int = 0
    counted: set[int] = dataclasses.field(default_factory=set)     # numbers of the journal entries counted


class Faults:
    def __init__(self, world: World) -> None:
        self._world = world
        self._active: dict[str, Fault] = {}
        self._number = 0
        self._holds: Counter[Hashable] = Counter()

    # --- steering

    def add(self, spec: dict[str, t.Any]) -> str:
        """``{"kind": ..., fields}`` as in ``specs.KINDS``; the fault's id. BadFault for kinds, fields, values and names that there are not."""
        complete = specs.read(spec)
        self._number += 1
        fault = Fault(f"f{self._number}", complete)
        try:
            getattr(self, f"_{complete['kind']}")(fault)
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
        """The active faults, oldest first: id, the complete specification, and whether it has fired."""
        return [{"id": f.id, **{k: v for k, v in f.spec.items() if v is not None}, "fired": f.fired} for f in self._active.values()]

    # --- hooks of the wire

    def before_write(self, entry: Entry) -> str | None:
        """``drop`` (no answer, the connection is cut), ``hang`` (no answer ever), ``fail:<message>``, or None. For a call that
        is about to write."""
        return self._at_write(entry, "before")

    def after_write(self, entry: Entry) -> str | None:
        """The same after it wrote. A write that was not announced to ``before_write`` (T-SQL is recognised while it runs) is counted here."""
        return self._at_write(entry, "after")

    def cmdlet_failure(self, name: str, machine: Machine) -> str | None:
        """The message with which this call is to fail, if it is. Call it once per call of any cmdlet."""
        for fault in self._of("cmdlet"):
            host = fault.spec["host"]
            if fault.spec["name"].lower() == name.lower() and fault.seen < fault.spec["times"] and (host is None or self._machine(host) is machine):
                fault.seen, fault.fired = fault.seen + 1, True
                return str(fault.spec["message"])
        return None

    def deviated(self, name: str, output: Sequence[t.Any]) -> Sequence[t.Any]:
        """What a cmdlet returned, as deviations change it."""
        for fault in self._of("deviation"):
            if fault.spec["cmdlet"].lower() == name.lower():
                output = [renamed(value, fault.spec["property"], fault.spec["becomes"]) for value in output]
        return output

    def lost_of_batch(self, text: str, machine: Machine) -> str | None:
        """What Invoke-Sqlcmd loses of this batch on this machine, as in ``sql_batch.loses``. Call it once per batch."""
        for fault in self._of("sql_batch"):
            host, times = fault.spec["host"], fault.spec["times"]
            if (times is None or fault.seen < times) and (host is None or self._machine(host) is machine) and re.search(fault.spec["pattern"], text):
                fault.seen, fault.fired = fault.seen + 1, True
                return str(fault.spec["loses"])
        return None

    def latency(self, machine: Machine) -> float:
        """Real seconds by which everything on this machine takes longer."""
        return sum(f.spec["seconds"] or 1.0 for f in self._active.values() if f.spec.get("mode") == "slow"
                   and (f.spec.get("site") == machine.site or ("host" in f.spec and self._machine(f.spec["host"]) is machine)))

    def answer(self, machine: Machine) -> tuple[str, float] | None:
        """How this machine's listener answers instead of with WS-Management: a mode of ``answers.ANSWERS``, and its real seconds. The newest counts."""
        found = [f for f in self._of("answer") if self._machine(f.spec["host"]) is machine]
        return (found[-1].spec["mode"], found[-1].spec["seconds"]) if found else None

    def _at_write(self, entry: Entry, when: str) -> str | None:
        action: str | None = None
        self._others_act(entry, when)
        for fault in self._of("write"):
            if fault.fired or not (fault.spec["host"] is None or self._machine(fault.spec["host"]).fqdn == entry.host.lower()):
                continue
            if entry.number not in fault.counted:
                fault.counted.add(entry.number)
                fault.seen += 1
            if fault.seen == fault.spec["number"] and fault.spec["action"] in _RUNS_AGAIN:
                self._run_again(fault, entry)
            # Of a write that was not announced, "before" is the moment before its answer: the earliest one left.
            elif fault.seen == fault.spec["number"] and (when == fault.spec["when"] or when == "after"):
                fault.fired = True
                action = action or self._write_action(fault, entry)
        return action

    def _others_act(self, entry: Entry, when: str) -> None:
        """Another operator waits for a certain write of ours, and acts right after it."""
        for fault in self._of("operator"):
            if fault.fired or when != "after" or entry.number in fault.counted:
                continue
            fault.counted.add(entry.number)
            fault.seen += 1
            if fault.seen == fault.spec["number"]:
                fault.fired = True
                run_sql(self._instance_of(fault), fault.spec["database"], fault.spec["sql"])

    def _run_again(self, fault: Fault, entry: Entry) -> None:
        """Invoke-Sqlcmd looks for it in its notes when the batch has begun."""
        fault.fired = True
        entry.notes["run_again"] = {"after_writes": fault.spec["statements"] if fault.spec["action"] == "half_way" else 0}

    def _write_action(self, fault: Fault, entry: Entry) -> str:
        action = str(fault.spec["action"])
        if action == "power_off":
            self._power(fault, self._machine(entry.host))
            return "drop"
        return f"fail:{fault.spec['message']}" if action == "fail" else action

    # --- kinds: each registers what undoes it. KeyError("machine x") for what there is not

    def _host(self, fault: Fault) -> None:
        self._strike(fault, [self._machine(fault.spec["host"])])

    def _site(self, fault: Fault) -> None:
        site = fault.spec["site"]
        machines = [m for m in self._world.machines.values() if m.site == site]
        if not machines:
            raise KeyError(f"site {site!r}")
        if fault.spec["mode"] == "isolated":
            for other in sorted({m.site for m in self._world.machines.values()} - {site}):
                self._cut(fault, frozenset((site, other)))
            self._ends_by_itself(fault)
        else:
            self._strike(fault, machines)

    def _strike(self, fault: Fault, machines: t.Sequence[Machine]) -> None:
        fault.fired = True
        if fault.spec["mode"] == "slow":
            return
        for machine in machines:
            if fault.spec["mode"] == "down":
                self._power(fault, machine)
            else:
                self._hold(fault, ("hang", machine.fqdn), lambda m=machine: setattr(m, "hangs", True),     # type: ignore[misc]
                           lambda m=machine: setattr(m, "hangs", False))                                    # type: ignore[misc]
        self._ends_by_itself(fault)

    def _ends_by_itself(self, fault: Fault) -> None:
        fault.fired = True
        if fault.spec["seconds"] is not None:
            self._world.clock.after(fault.spec["seconds"], lambda: self._over(fault))

    def _over(self, fault: Fault) -> None:
        if self._active.get(fault.id) is fault:
            self.clear(fault.id)

    def _answer(self, fault: Fault) -> None:
        machine, mode = self._machine(fault.spec["host"]), fault.spec["mode"]
        if mode in NEEDS_TLS and not machine.tls:
            raise BadFault(f"answer: {machine.fqdn} listens for plain HTTP, where no TLS can fail; the estate low_bandwidth has hosts with TLS")
        if fault.spec["seconds"] is None:
            fault.spec["seconds"] = 1.0
        fault.fired = True

    def _link(self, fault: Fault) -> None:
        sites = {m.site for m in self._world.machines.values()}
        one, other = (end if end in sites else self._machine(end).fqdn for end in fault.spec["between"])
        if one == other:
            raise BadFault("link.between: a link has two different ends")
        # The network knows pairs of sites and pairs of machines; a machine cut from a site is cut from each machine there.
        if (one in sites) != (other in sites):
            site, fqdn = (one, other) if one in sites else (other, one)
            for machine in self._world.machines.values():
                if machine.site == site and machine.fqdn != fqdn:
                    self._cut(fault, frozenset((fqdn, machine.fqdn)))
        else:
            self._cut(fault, frozenset((one, other)))
        fault.fired = True

    def _service(self, fault: Fault) -> None:
        machine = self._machine(fault.spec["host"])
        self._break_service(fault, machine, fault.spec["service"], fault.spec["mode"])

    def _sql_agent(self, fault: Fault) -> None:
        machine = self._sql_host(fault)
        for instance in machine.instances.values():
            self._break_service(fault, machine, instance.agent_service_name, "stopped")

    def _break_service(self, fault: Fault, machine: Machine, name: str, mode: str) -> None:
        service = machine.services.get(name.lower())
        if service is None:
            raise KeyError(f"service {name!r} on {machine.fqdn}")
        fault.fired = True
        if mode == "fails_to_start":
            self._hold(fault, ("fails", machine.fqdn, service.name), lambda: setattr(service, "fails_to_start", True),
                       lambda: setattr(service, "fails_to_start", False))
            return
        running = [s for s in machine.services.values() if s.status == "Running"]
        self._world.stop_service(machine, service)
        stopped = [s for s in running if s.status != "Running"]

        def again() -> None:
            for each in stopped if machine.up else ():
                self._try_to_start(machine, each.name)
        fault.undo.append(again)

    def _share(self, fault: Fault) -> None:
        machine, share, mode = self._machine(fault.spec["host"]), fault.spec["share"].lower(), fault.spec["mode"]
        if share not in machine.shares:
            raise KeyError(f"share {share!r} on {machine.fqdn}")
        before = machine.share_faults.get(share)
        machine.share_faults[share] = mode
        fault.fired = True

        def whole() -> None:
            if before is None:
                machine.share_faults.pop(share, None)
            else:
                machine.share_faults[share] = before
        fault.undo.append(whole)

    def _write(self, fault: Fault) -> None:
        if fault.spec["host"] is not None:
            self._machine(fault.spec["host"])

    def _cmdlet(self, fault: Fault) -> None:
        if fault.spec["name"].lower() not in CMDLETS:
            raise KeyError(f"cmdlet {fault.spec['name']!r}")
        self._write(fault)

    def _deviation(self, fault: Fault) -> None:
        if fault.spec["cmdlet"].lower() not in CMDLETS:
            raise KeyError(f"cmdlet {fault.spec['cmdlet']!r}")
        fault.fired = True

    def _cms(self, fault: Fault) -> None:
        self._hold(fault, "cms", lambda: setattr(self._world.lync, "cms_down", True), lambda: setattr(self._world.lync, "cms_down", False))
        fault.fired = True

    def _clock(self, fault: Fault) -> None:
        machine = self._machine(fault.spec["host"])
        skew = fault.spec["skew_seconds"]
        machine.clock_skew_seconds += skew
        fault.undo.append(lambda: setattr(machine, "clock_skew_seconds", machine.clock_skew_seconds - skew))
        fault.fired = True

    def _foreign_log_backup(self, fault: Fault) -> None:
        """Somebody else's tool takes a log backup, once. It is a deed: nothing undoes it."""
        spec = fault.spec
        instance = self._instance_of(fault)
        back_up_log(instance, spec["database"], spec["path"], spec["way"])
        fault.fired = True

    def _backup_job(self, fault: Fault) -> None:
        """Somebody else installs a job that backs up logs. It is a deed: nothing undoes it."""
        spec = fault.spec
        add_backup_job(self._instance_of(fault), spec["name"], spec["tool"], spec["databases"], spec["folder"], spec["every"])
        fault.fired = True

    def _operator(self, fault: Fault) -> None:
        """Somebody else changes the estate, now or in the middle of what is going on. It is a deed: nothing undoes it."""
        instance = self._instance_of(fault)
        if fault.spec["number"] is None:
            run_sql(instance, fault.spec["database"], fault.spec["sql"])
            fault.fired = True

    def _instance_of(self, fault: Fault) -> SqlInstance:
        machine, wanted = self._machine(fault.spec["host"]), fault.spec["instance"]
        instance = machine.instances.get(wanted.lower()) if wanted is not None else next(iter(machine.instances.values()), None)
        if instance is None:
            raise KeyError(f"such SQL Server instance on {machine.fqdn}")
        return instance

    def _file(self, fault: Fault) -> None:
        machine, key = self._machine(fault.spec["host"]), fault.spec["path"].lower()
        file = machine.files.get(key)
        if file is None:
            raise KeyError(f"file {key!r} on {machine.fqdn} (a local path of that machine is needed)")
        fault.fired = True
        if fault.spec["mode"] == "missing":
            del machine.files[key]

            def back() -> None:
                machine.files.setdefault(key, file)
            fault.undo.append(back)
        else:
            self._hold(fault, ("damaged", machine.fqdn, key), lambda: setattr(file, "damaged", True), lambda: setattr(file, "damaged", False))

    def _disk_full(self, fault: Fault) -> None:
        machine, folder = self._machine(fault.spec["host"]), fault.spec["folder"].lower().rstrip("\\")
        if folder not in machine.folders and folder not in machine.drives:
            raise KeyError(f"folder {folder!r} on {machine.fqdn}")
        self._hold(fault, ("full", machine.fqdn, folder), lambda: machine.disk_full.add(folder), lambda: machine.disk_full.discard(folder))
        fault.fired = True

    def _sql_tools(self, fault: Fault) -> None:
        machine = self._sql_host(fault)
        tools = tuple(fault.spec["tools"])
        self._set(fault, machine, "sql_tools", tools)
        self._set(fault, machine, "powershell", sql_tools.powershell_for(fault.spec["tools"], machine.powershell))

    def _sql_quirk(self, fault: Fault) -> None:
        machine, quirk = self._sql_host(fault), fault.spec["quirk"]
        self._hold(fault, ("quirk", machine.fqdn, quirk), lambda: machine.more_quirks.add(quirk), lambda: machine.more_quirks.discard(quirk))
        fault.fired = True

    def _execution_policy(self, fault: Fault) -> None:
        self._set(fault, self._machine(fault.spec["host"]), "execution_policy", fault.spec["policy"])

    def _sql_batch(self, fault: Fault) -> None:
        if fault.spec["host"] is not None:
            self._sql_host(fault)

    def _sql_host(self, fault: Fault) -> Machine:
        machine = self._machine(fault.spec["host"])
        if not machine.instances:
            raise KeyError(f"SQL Server on {machine.fqdn}")
        return machine

    # --- helpers

    def _set(self, fault: Fault, machine: Machine, name: str, value: t.Any) -> None:
        """A setting of a machine is another one until the fault is cleared."""
        before = getattr(machine, name)
        setattr(machine, name, value)
        fault.undo.append(lambda: setattr(machine, name, before))
        fault.fired = True

    def _machine(self, name: str) -> Machine:
        try:
            return self._world.machine(name)
        except KeyError:
            raise KeyError(f"machine {name!r}") from None

    def _of(self, kind: str) -> t.Iterator[Fault]:
        return (f for f in tuple(self._active.values()) if f.spec["kind"] == kind)

    def _power(self, fault: Fault, machine: Machine) -> None:
        self._hold(fault, ("power", machine.fqdn), lambda: self._world.power_off(machine), lambda: self._world.power_on(machine))

    def _cut(self, fault: Fault, pair: frozenset[str]) -> None:
        links = self._world.network.cut_links
        self._hold(fault, ("cut", pair), lambda: links.add(pair), lambda: links.discard(pair))

    def _hold(self, fault: Fault, key: Hashable, on: Callable[[], t.Any], off: Callable[[], t.Any]) -> None:
        """Break something, unless another fault has already; mend it when the last fault lets go."""
        if not self._holds[key]:
            on()
        self._holds[key] += 1

        def release() -> None:
            self._holds[key] -= 1
            if not self._holds[key]:
                off()
        fault.undo.append(release)

    def _try_to_start(self, machine: Machine, name: str) -> None:
        try:
            self._world.start_service(machine, machine.services[name.lower()])
        except ServiceError:
            return                             # as on a real machine: the fault is over, and the service has its own reasons

    def _undo(self, fault: Fault) -> None:
        for undo in reversed(fault.undo):
            undo()
        fault.undo.clear()
