"""Mirroring facts of a database as one instance sees them. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.model import Session, State
from ...calls.tsql import catalog
from ._instance import database_row

FACTS = (
    "database_state",
    "recovery_model",
    "mirroring_role",
    "mirroring_state",
    "mirroring_partner",
    "mirroring_safety",
    "mirroring_witness",
    "mirroring_witness_state",
    "mirroring_timeout",
)


def mirroring_state(state: State) -> str:
    return f"it is {state['mirroring_state']}"


def read_database(session: Session, database: str) -> State:
    """The mirroring facts of one database; all None when there is no such database."""
    row = database_row(session.read(catalog.databases([database]))[0], database) or {}
    return {fact: row.get(fact) for fact in FACTS}
