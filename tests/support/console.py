"""Somebody else at the console of a lab's host: plain pypsrp, no code of the collection."""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Iterator

import yaml
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from support.labs import Lab

from .replay import wsman_arguments


@contextlib.contextmanager
def console(
    lab: Lab, host: str, configuration: str = "Microsoft.PowerShell"
) -> Iterator[t.Callable[..., list[t.Any]]]:
    """A function ``run(cmdlet, **parameters)`` on one host.

    It raises AssertionError with the error records when a cmdlet fails.
    """
    inventory = yaml.safe_load(lab.connection_file.read_text(encoding="utf-8"))["all"]
    short = host.partition(".")[0]
    (variables,) = (
        variables
        for name, variables in inventory["hosts"].items()
        if name.partition(".")[0] == short
    )
    connection = WSMan(**wsman_arguments(inventory["vars"], variables))
    with RunspacePool(connection, configuration_name=configuration) as pool:

        def run(cmdlet: str, **parameters: t.Any) -> list[t.Any]:
            shell = PowerShell(pool).add_cmdlet(cmdlet)
            for key, value in parameters.items():
                shell.add_parameter(key, value)
            output = shell.invoke()
            assert not shell.streams.error, [str(error) for error in shell.streams.error]
            return list(output)

        yield run


def sql(lab: Lab, host: str, text: str, instance: str = "") -> list[t.Any]:
    """T-SQL on a host's own instance."""
    with console(lab, host) as run:
        return run(
            "Invoke-Sqlcmd",
            ServerInstance=f".\\{instance}" if instance else ".",
            Database="master",
            Query=text,
            ErrorAction="Stop",
        )
