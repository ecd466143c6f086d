"""Stored procedures of msdb with the parameters that their reference pages document."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable

from ..language.registry import ProcedureRun, procedure

PARAMETERS: dict[str, dict[str, str]] = json.loads(
    pathlib.Path(__file__).with_name("procedures_data.json").read_text(encoding="utf-8")
)


def documented_procedure(
    name: str, *, writes: bool = True
) -> Callable[[ProcedureRun], ProcedureRun]:
    """``registry.procedure`` with the parameters that the procedure's reference page documents."""
    entry = PARAMETERS[name]
    return procedure(
        name, database=entry["database"], parameters=entry["parameters"], writes=writes
    )
