"""Convert-UrnToPath of the modules SQLPS and SqlServer (their reference): the address of a
management object as a path of the drive SQLSERVER:.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable

from ..powershell.errors import LabGap
from ..powershell.registry import Invocation, Parameter, Source, cmdlet, signature
from ..world import sql_tools

if t.TYPE_CHECKING:
    from ..world.machine import Machine

_SIGNATURE = signature(
    "Default: [Urn]!", types={"Urn": Parameter("Urn", position=0, pipeline=True)}
)
_SERVER = re.compile(r"Server\[@Name='([^'\\]+)(?:\\([^'\\]+))?'\]")


def _sources(machine: Machine) -> list[Source]:
    return [
        Source(
            tool.name,
            tool.module,
            tool.version,
            _SIGNATURE,
            sql_tools.loads(machine, tool),
            "SQLSERVER:" if "location_moves" in sql_tools.quirks_of(machine, tool) else "",
        )
        for tool in sql_tools.found_on(machine)
    ]


@cmdlet("Convert-UrnToPath", _SIGNATURE, module="SQLPS", sources=_sources)
def convert_urn_to_path(call: Invocation) -> Iterable[t.Any]:
    """Of servers only; nothing else is needed here."""
    for urn in call.inputs or [call.params["Urn"]]:
        found = _SERVER.fullmatch(str(urn))
        if found is None:
            raise LabGap(f"Convert-UrnToPath of {urn!r}: only Server[@Name='...'] is known")
        yield f"SQLSERVER:\\SQL\\{found[1]}\\{found[2] or 'DEFAULT'}"
