"""Faults of machines, of what is between them, and of their services."""

from __future__ import annotations

from collections.abc import Sequence

from ..world.machine import Machine
from .answers import NEEDS_TLS
from .breaker import Breaker
from .fault import Fault, strikes
from .specs import BadFault


@strikes("host")
def host(breaker: Breaker, fault: Fault) -> None:
    """A machine is down, hangs, is slow, or cannot be managed."""
    _strike(breaker, fault, [breaker.host(fault)])


@strikes("site")
def site(breaker: Breaker, fault: Fault) -> None:
    """All machines of a site are struck, or it is cut off from the others."""
    name = fault.spec["site"]
    machines = breaker.world.machines.values()
    here = [machine for machine in machines if machine.site == name]
    if not here:
        raise KeyError(f"site {name!r}")
    if fault.mode != "isolated":
        _strike(breaker, fault, here)
        return
    for other in sorted({machine.site for machine in machines} - {name}):
        breaker.cut(fault, frozenset((name, other)))
    breaker.end_by_itself(fault)


#: mode -> flag of a machine.
_FLAGS = {"hang": "hangs", "deaf": "deaf", "unseen": "unseen"}


def _strike(breaker: Breaker, fault: Fault, machines: Sequence[Machine]) -> None:
    fault.fired = True
    if fault.mode == "slow":
        return
    for machine in machines:
        if fault.mode == "down":
            breaker.power_off(fault, machine)
        else:
            flag = _FLAGS[fault.mode]
            breaker.hold_flag(fault, machine, flag, (flag, machine.fqdn))
    breaker.end_by_itself(fault)


@strikes("answer")
def answer(breaker: Breaker, fault: Fault) -> None:
    """A listener refuses, or answers something else (wire/refusals.py gives it)."""
    machine = breaker.host(fault)
    if fault.mode in NEEDS_TLS and not machine.tls:
        raise BadFault(
            f"answer: {machine.fqdn} listens for plain HTTP, where no TLS can fail; "
            "the estate low_bandwidth has hosts with TLS"
        )
    if fault.spec["seconds"] is None:
        fault.spec["seconds"] = 1.0
    fault.fired = True


@strikes("link")
def link(breaker: Breaker, fault: Fault) -> None:
    """The network knows pairs of sites and pairs of machines; a machine cut from a site is cut from
    each machine there.
    """
    machines = breaker.world.machines.values()
    sites = {machine.site for machine in machines}
    one, other = (
        end if end in sites else breaker.machine(end).fqdn for end in fault.spec["between"]
    )
    if one == other:
        raise BadFault("link.between: a link has two different ends")
    fault.fired = True
    if (one in sites) == (other in sites):
        breaker.cut(fault, frozenset((one, other)))
        return
    name, fqdn = (one, other) if one in sites else (other, one)
    for machine in machines:
        if machine.site == name and machine.fqdn != fqdn:
            breaker.cut(fault, frozenset((fqdn, machine.fqdn)))


@strikes("service")
def service(breaker: Breaker, fault: Fault) -> None:
    """A service is stopped, or does not start."""
    breaker.break_service(fault, breaker.host(fault), fault.spec["service"], fault.mode)


@strikes("hidden_forks")
def hidden_forks(breaker: Breaker, fault: Fault) -> None:
    """Its SQL Server does not tell the fork of a database that waits for log."""
    breaker.set_until_cleared(fault, breaker.sql_host(fault), "hides_forks", True)


@strikes("sql_agent")
def sql_agent(breaker: Breaker, fault: Fault) -> None:
    """SQL Server Agent of each instance is stopped."""
    machine = breaker.sql_host(fault)
    for instance in machine.instances.values():
        breaker.break_service(fault, machine, instance.agent_service_name, "stopped")


@strikes("clock")
def clock(breaker: Breaker, fault: Fault) -> None:
    """A clock is ahead, or behind."""
    machine = breaker.host(fault)
    skew = fault.spec["skew_seconds"]
    machine.clock_skew_seconds += skew

    def back() -> None:
        machine.clock_skew_seconds -= skew

    fault.undo.append(back)
    fault.fired = True


@strikes("cms")
def cms(breaker: Breaker, fault: Fault) -> None:
    """The central management store cannot be read."""
    breaker.hold_flag(fault, breaker.world.lync, "cms_down", "cms")
    fault.fired = True
