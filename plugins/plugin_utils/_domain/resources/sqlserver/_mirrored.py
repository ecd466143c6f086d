"""Mirroring facts of a database as one instance sees them. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...._engine.model import Session
from ...calls.tsql import catalog
from ._instance import database_row


class MirroringFacts(t.TypedDict):
    """Words as the views have them (sys.databases, sys.database_mirroring); ``mirroring_...`` all
    None without a session. ``mirroring_timeout`` in seconds.
    """

    database_state: str | None
    recovery_model: str | None
    mirroring_role: str | None
    mirroring_state: str | None
    mirroring_partner: str | None
    mirroring_safety: str | None
    mirroring_witness: str | None
    mirroring_witness_state: str | None
    mirroring_timeout: int | None


def mirroring_only(facts: MirroringFacts) -> dict[str, object]:
    """Without those of the database itself."""
    return {name: value for name, value in facts.items() if name.startswith("mirroring_")}


#: What is predicted of a database whose session is removed.
NO_SESSION: dict[str, None] = {
    "mirroring_role": None,
    "mirroring_state": None,
    "mirroring_partner": None,
    "mirroring_safety": None,
    "mirroring_witness": None,
    "mirroring_witness_state": None,
    "mirroring_timeout": None,
}


def told_state(state: MirroringFacts) -> str:
    """How far a wait is, for who waits."""
    return f"it is {state['mirroring_state']}"


def is_connected(state: MirroringFacts) -> bool:
    """The copies see each other."""
    return state["mirroring_state"] != "DISCONNECTED"


def is_synchronized(state: MirroringFacts) -> bool:
    """The mirror has everything that the principal committed."""
    return state["mirroring_state"] == "SYNCHRONIZED"


def has_witness(state: MirroringFacts) -> bool:
    """The witness sees this partner."""
    return state["mirroring_witness_state"] == "CONNECTED"


def has_become_mirror(state: MirroringFacts) -> bool:
    """A role switch is over at the former principal."""
    return state["mirroring_role"] == "MIRROR" and is_synchronized(state)


def has_become_principal(state: MirroringFacts) -> bool:
    """A role switch is over at the former mirror."""
    return state["mirroring_role"] == "PRINCIPAL"


def why_never_synchronized(state: MirroringFacts) -> str | None:
    """A sentence when nobody needs to wait any longer for SYNCHRONIZED."""
    if state["mirroring_role"] is None:
        return "the session is gone"
    if state["mirroring_state"] == "SUSPENDED":
        return "the session is SUSPENDED"
    return None


def read_database(session: Session, database: str) -> MirroringFacts:
    """The mirroring facts of one database; all None when there is no such database."""
    row = database_row(session.read(catalog.databases([database]))[0], database)
    return {
        "database_state": row["database_state"],
        "recovery_model": row["recovery_model"],
        "mirroring_role": row["mirroring_role"],
        "mirroring_state": row["mirroring_state"],
        "mirroring_partner": row["mirroring_partner"],
        "mirroring_safety": row["mirroring_safety"],
        "mirroring_witness": row["mirroring_witness"],
        "mirroring_witness_state": row["mirroring_witness_state"],
        "mirroring_timeout": row["mirroring_timeout"],
    }
