"""A stretched pool written into the topology document. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...._engine.errors import Refused
from ...._engine.model import ArgumentSpec, Resource, Session, Step
from ...calls import lync
from ...documents.pool import DefinedPool
from ._pool import pool_scope, read_pool, require_pool, stores_of
from ._work_order import BOXES, WantedPool, work_order

POOL_DEFINITION_SPEC: ArgumentSpec = {
    "pool": {"type": "str", "required": True},
    "members": {"type": "list", "elements": "str", "required": True},
    "stores": {"type": "dict", "required": True},
    "compliance": {"type": "bool", "default": False},
    "compliance_stores": {"type": "dict"},
    "next_hop": {"type": "str"},
    "file_store": {"type": "str"},
}


class PoolDefinitionOptions(t.TypedDict):
    """Stores: slot -> ``host[\\instance]``. ``compliance_stores`` None: those of the pool."""

    pool: str
    members: list[str]
    stores: dict[str, str | None]
    compliance: bool
    compliance_stores: dict[str, str | None] | None
    next_hop: str | None
    file_store: str | None


class PoolDefinition(Resource[PoolDefinitionOptions, DefinedPool]):
    """The published pool compared with the declared one; never changes anything."""

    def __init__(self, options: PoolDefinitionOptions, host: str) -> None:
        self.pool = options["pool"]
        self.scope = pool_scope(options["pool"])
        slots = {*options["stores"], *(options["compliance_stores"] or {})}
        unknown = sorted(slots - BOXES.keys())
        if unknown:
            raise Refused(
                f"stores has the slots {', '.join(unknown)}, which a pool does not have; there are"
                f" {', '.join(BOXES)}.",
                code="bad_slot",
            )
        self.wanted = WantedPool(
            members=frozenset(member.lower() for member in options["members"]),
            stores=options["stores"],
            compliance=options["compliance"],
            compliance_stores=options["compliance_stores"] or options["stores"],
            next_hop=options["next_hop"],
            file_store=options["file_store"],
        )

    def read(self, session: Session) -> DefinedPool:
        services, states = session.read(lync.chat_services(), lync.pool_states())
        return {**read_pool(self.pool, services, states), **stores_of(services, self.pool)}

    def plan(self, current: DefinedPool) -> list[Step[DefinedPool]]:
        require_pool(current, self.pool)
        # published by an earlier step of a check run: its stores can be compared only afterwards
        if current["stores"] is None:
            return []
        order = work_order(current, self.wanted)
        if not order:
            return []
        numbered = " ".join(f"({number}) {line}" for number, line in enumerate(order, start=1))
        raise Refused(
            f"The pool {self.pool} is not defined as declared, and only Topology Builder can"
            f" change that. Work order: {numbered} Then publish, and run again.",
            code="work_order",
            work_order=order,
        )
