"""Faults that commands meet when they come: nothing is broken before (faults.py asks for them)."""

from __future__ import annotations

from ..powershell.registry import CMDLETS
from .breaker import Breaker
from .fault import Fault, strikes


@strikes("write")
def write(breaker: Breaker, fault: Fault) -> None:
    """The n-th write from now meets it."""
    if fault.host is not None:
        breaker.host(fault)


@strikes("cmdlet")
def cmdlet(breaker: Breaker, fault: Fault) -> None:
    """The next calls of a cmdlet meet it."""
    _require_cmdlet(fault.spec["name"])
    write(breaker, fault)


@strikes("deviation")
def deviation(breaker: Breaker, fault: Fault) -> None:
    """Whatever a cmdlet returns meets it."""
    _require_cmdlet(fault.spec["cmdlet"])
    fault.fired = True


@strikes("sql_batch")
def sql_batch(breaker: Breaker, fault: Fault) -> None:
    """Batches in which its pattern is found meet it."""
    if fault.host is not None:
        breaker.sql_host(fault)


def _require_cmdlet(name: str) -> None:
    if name.lower() not in CMDLETS:
        raise KeyError(f"cmdlet {name!r}")
