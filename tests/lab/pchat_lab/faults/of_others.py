"""What somebody else does on a server. These are deeds: nothing undoes them."""

from __future__ import annotations

from .breaker import Breaker
from .deeds import add_backup_job, back_up_log, run_sql, write_much
from .fault import Fault, strikes


@strikes("foreign_log_backup")
def foreign_log_backup(breaker: Breaker, fault: Fault) -> None:
    """Somebody else's tool takes a log backup, once."""
    spec = fault.spec
    back_up_log(breaker.instance(fault), spec["database"], spec["path"], spec["way"])
    fault.fired = True


@strikes("backup_job")
def backup_job(breaker: Breaker, fault: Fault) -> None:
    """Somebody else installs a job that backs up logs."""
    add_backup_job(breaker.instance(fault), fault.spec)
    fault.fired = True


@strikes("bulk_write")
def bulk_write(breaker: Breaker, fault: Fault) -> None:
    """Clients write much."""
    write_much(breaker.instance(fault), fault.text("database"), fault.number("megabytes"))
    fault.fired = True


@strikes("operator")
def operator(breaker: Breaker, fault: Fault) -> None:
    """Somebody else changes the estate: now, or in the middle of what is going on."""
    instance = breaker.instance(fault)
    if fault.spec["number"] is None:
        run_sql(instance, fault.spec["database"], fault.spec["sql"])
        fault.fired = True
