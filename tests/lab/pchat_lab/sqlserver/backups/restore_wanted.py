"""What a RESTORE statement asks for."""

from __future__ import annotations

import dataclasses
import typing as t

from ...powershell.errors import LabGap
from ..language.errors import SqlError
from ..language.parser import Node
from ..language.statements import value_of
from ..language.values import as_text

if t.TYPE_CHECKING:
    from ..language.session import SqlSession


_SIMPLE = frozenset(
    {
        "Recovery",
        "NoRecovery",
        "Replace",
        "Restart",
        "Checksum",
        "NoChecksum",
        "StopOnError",
        "ContinueAfterError",
        "RestrictedUser",
        "Rewind",
        "NoRewind",
        "Unload",
        "NoUnload",
        "KeepReplication",
        "EnableBroker",
        "NewBroker",
        "LoadHistory",
    }
)


_VALUED = frozenset(
    {
        "File",
        "Standby",
        "StopAt",
        "Stats",
        "BlockSize",
        "BufferCount",
        "MaxTransferSize",
        "MediaName",
    }
)


@dataclasses.dataclass
class Wanted:
    """What a RESTORE statement asks for."""

    options: dict[str, t.Any]
    moves: dict[str, str]  # logical name in lower case -> new path

    @property
    def position(self) -> int | None:
        return int(self.options["File"]) if "File" in self.options else None

    @property
    def recovery(self) -> bool:
        return not (self.options.get("NoRecovery") or "Standby" in self.options)


def read_wanted(session: SqlSession, node: Node) -> Wanted:
    options: dict[str, t.Any] = {}
    moves: dict[str, str] = {}
    for option in node.Options:
        if option.kind == "MoveRestoreOption":
            moves[as_text(value_of(session, option.LogicalFileName)).lower()] = as_text(
                value_of(session, option.OSFileName)
            )
        elif (
            option.kind in ("ScalarExpressionRestoreOption", "StopRestoreOption")
            and option.OptionKind in _VALUED
        ):
            options[option.OptionKind] = value_of(session, option.Value)
        elif option.kind == "RestoreOption" and option.OptionKind in _SIMPLE | {"Stats"}:
            options[option.OptionKind] = True
        else:
            raise LabGap(f"RESTORE option {option.text}")
    if options.get("Recovery") and (options.get("NoRecovery") or "Standby" in options):
        raise SqlError(
            3031,
            "Option 'norecovery' conflicts with option(s) 'recovery'. Remove the conflicting "
            "option and reissue the statement.",
        )
    return Wanted(options, moves)
