"""Breaking things so that they can be mended: faults may overlap, and a thing is whole again when
the last one lets go.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from collections.abc import Callable, Hashable

from ..world.machine import Machine
from ..world.services import ServiceError
from .fault import Fault

if t.TYPE_CHECKING:
    from ..sqlserver.server.instance import SqlInstance
    from ..world.world import World


class Breaker:
    """What the kinds of faults break things with.

    ``over`` is told when a fault's time has passed.
    """

    def __init__(self, world: World, over: Callable[[Fault], None]) -> None:
        self.world = world
        self._over = over
        self._holds: Counter[Hashable] = Counter()

    # --- what a fault names. KeyError("machine x") for what there is not

    def machine(self, name: str) -> Machine:
        """By FQDN or computer name."""
        try:
            return self.world.machine(name)
        except KeyError:
            raise KeyError(f"machine {name!r}") from None

    def host(self, fault: Fault) -> Machine:
        """The machine that the fault names as its host."""
        return self.machine(fault.spec["host"])

    def sql_host(self, fault: Fault) -> Machine:
        """The same, where SQL Server must be on it."""
        machine = self.host(fault)
        if not machine.instances:
            raise KeyError(f"SQL Server on {machine.fqdn}")
        return machine

    def instance(self, fault: Fault) -> SqlInstance:
        """The instance that the fault names, or the first one of its host."""
        machine = self.host(fault)
        wanted = fault.spec["instance"]
        if wanted is not None:
            found = machine.instances.get(wanted.lower())
        else:
            found = next(iter(machine.instances.values()), None)
        if found is None:
            raise KeyError(f"such SQL Server instance on {machine.fqdn}")
        return found

    # --- breaking

    def hold(
        self, fault: Fault, key: Hashable, on: Callable[[], t.Any], off: Callable[[], t.Any]
    ) -> None:
        """Break something that is whole; mend it when the last fault lets go."""
        if not self._holds[key]:
            on()
        self._holds[key] += 1

        def release() -> None:
            self._holds[key] -= 1
            if not self._holds[key]:
                off()

        fault.undo.append(release)

    def hold_flag(self, fault: Fault, thing: t.Any, flag: str, key: Hashable) -> None:
        """A flag of something is True as long as a fault holds it."""
        self.hold(
            fault, key, lambda: setattr(thing, flag, True), lambda: setattr(thing, flag, False)
        )

    def hold_member(self, fault: Fault, members: set[t.Any], member: t.Any, key: Hashable) -> None:
        """Something belongs to a set as long as a fault holds it."""
        self.hold(fault, key, lambda: members.add(member), lambda: members.discard(member))

    def set_until_cleared(self, fault: Fault, machine: Machine, name: str, value: t.Any) -> None:
        """A setting of a machine is another one until the fault is cleared."""
        before = getattr(machine, name)
        setattr(machine, name, value)
        fault.undo.append(lambda: setattr(machine, name, before))
        fault.fired = True

    def power_off(self, fault: Fault, machine: Machine) -> None:
        """The machine loses power."""
        self.hold(
            fault,
            ("power", machine.fqdn),
            lambda: self.world.power_off(machine),
            lambda: self.world.power_on(machine),
        )

    def cut(self, fault: Fault, pair: frozenset[str]) -> None:
        """Two sites, or two machines, do not reach each other."""
        self.hold_member(fault, self.world.network.cut_links, pair, ("cut", pair))

    def break_service(self, fault: Fault, machine: Machine, name: str, mode: str) -> None:
        """``stopped``: now, with what depends on it; ``fails_to_start``: from the next start on."""
        service = machine.services.get(name.lower())
        if service is None:
            raise KeyError(f"service {name!r} on {machine.fqdn}")
        fault.fired = True
        if mode == "fails_to_start":
            self.hold_flag(fault, service, "fails_to_start", ("fails", machine.fqdn, service.name))
            return
        running = [each for each in machine.services.values() if each.status == "Running"]
        self.world.stop_service(machine, service)
        stopped = [each for each in running if each.status != "Running"]

        def again() -> None:
            if not machine.up:
                return
            for each in stopped:
                self._try_to_start(machine, each.name)

        fault.undo.append(again)

    def _try_to_start(self, machine: Machine, name: str) -> None:
        try:
            self.world.start_service(machine, machine.services[name.lower()])
        except ServiceError:
            return  # as on a real machine: the fault is over, and the service has its own reasons

    def end_by_itself(self, fault: Fault) -> None:
        """After the lab seconds that it names, if it names any."""
        fault.fired = True
        if fault.spec["seconds"] is not None:
            self.world.clock.after(fault.spec["seconds"], lambda: self._over(fault))
