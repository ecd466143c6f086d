"""A machine has other SQL tools, or another execution policy."""

from __future__ import annotations

from ..world.sql_tools import powershell_for
from .breaker import Breaker
from .fault import Fault, strikes


@strikes("sql_tools")
def sql_tools(breaker: Breaker, fault: Fault) -> None:
    """Other tools, with the PowerShell that they need."""
    machine = breaker.sql_host(fault)
    tools = fault.spec["tools"]
    breaker.set_until_cleared(fault, machine, "sql_tools", tuple(tools))
    breaker.set_until_cleared(
        fault, machine, "powershell", powershell_for(tools, machine.powershell)
    )


@strikes("sql_quirk")
def sql_quirk(breaker: Breaker, fault: Fault) -> None:
    """One more quirk of Invoke-Sqlcmd."""
    machine = breaker.sql_host(fault)
    quirk = fault.spec["quirk"]
    breaker.hold_member(fault, machine.more_quirks, quirk, ("quirk", machine.fqdn, quirk))
    fault.fired = True


@strikes("execution_policy")
def execution_policy(breaker: Breaker, fault: Fault) -> None:
    """Another execution policy."""
    breaker.set_until_cleared(fault, breaker.host(fault), "execution_policy", fault.spec["policy"])
