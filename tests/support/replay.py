"""A bare pypsrp program: replays the commands of a lab's journal, one session per host.

The floor that ./run bench compares with.
It knows nothing of plans, checks or Ansible; it opens a runspace on each host when it first needs
it, sends every pipeline of the journal with the same cmdlets and parameters in the same order, and
closes the runspaces.
"""

from __future__ import annotations

import itertools
import json
import pathlib
import sys
import time
import typing as t

import yaml
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.serializer import TaggedValue
from pypsrp.wsman import WSMan

#: Of an Int32.
_LARGEST = 2**31 - 1


def replay(connection_file: pathlib.Path, journal: list[dict[str, t.Any]]) -> float:
    """Wall time in seconds for sending all pipelines of ``journal``."""
    inventory = yaml.safe_load(connection_file.read_text(encoding="utf-8"))["all"]
    pools: dict[str, RunspacePool] = {}
    started = time.monotonic()
    pipelines = itertools.groupby(journal, key=lambda entry: (entry["host"], entry["pipeline"]))
    for (host, _pipeline), entries in pipelines:
        if host not in pools:
            arguments = wsman_arguments(inventory["vars"], inventory["hosts"][host])
            pools[host] = RunspacePool(WSMan(**arguments))
            pools[host].open()
        shell = PowerShell(pools[host])
        for number, entry in enumerate(entries):
            if number:
                shell.add_statement()
            shell.add_cmdlet(entry["name"])
            for name, value in entry["parameters"].items():
                shell.add_parameter(name, _as_sent(value))
        shell.invoke()
    for pool in pools.values():
        pool.close()
    return time.monotonic() - started


def _as_sent(value: t.Any) -> t.Any:
    """A journal's value for pypsrp, which takes every whole number for an Int32."""
    if isinstance(value, list):
        return [_as_sent(one) for one in value]
    if isinstance(value, int) and abs(value) > _LARGEST:
        return TaggedValue("I64", value)
    return value


def wsman_arguments(common: dict[str, t.Any], host: dict[str, t.Any]) -> dict[str, t.Any]:
    """How to reach a host of a connection file, whose variables for all are ``common``."""
    tls = int(host["ansible_port"]) == 5986
    return {
        "server": host["ansible_host"],
        "port": host["ansible_port"],
        "username": common["ansible_user"],
        "password": common["ansible_password"],
        "ssl": tls,
        "auth": "negotiate",
        "cert_validation": common.get("ansible_psrp_ca_cert", True) if tls else True,
    }


def main() -> int:
    """Connection file and journal are the arguments; prints the seconds."""
    connection_file, journal_file = (pathlib.Path(argument) for argument in sys.argv[1:])
    journal = json.loads(journal_file.read_text(encoding="utf-8"))
    print(f"{replay(connection_file, journal):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
