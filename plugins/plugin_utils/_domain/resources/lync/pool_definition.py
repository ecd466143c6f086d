"""A stretched pool written into the topology document. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import Resource, Session, State, Step
from ...calls import lync
from ...documents.pool import DefinedPool
from ._pool import pool_scope, read_pool, require_pool, stores_of
from .topology import _BOXES, work_order

POOL_DEFINITION_SPEC: State = {
    "pool": {"type": "str", "required": True},
    "members": {"type": "list", "elements": "str", "required": True},
    "stores": {"type": "dict", "required": True},
    "compliance": {"type": "bool", "default": False},
    "compliance_stores": {"type": "dict"},
    "next_hop": {"type": "str"},
    "file_store": {"type": "str"},
}


class PoolDefinition(Resource[State, DefinedPool]):
    """The published pool compared with the declared one; never changes anything."""

    def __init__(self, options: State, host: str) -> None:
        self.pool = options["pool"]
        self.scope = pool_scope(options["pool"])
        unknown = sorted(
            {*options["stores"], *(options["compliance_stores"] or {})} - _BOXES.keys()
        )
        if unknown:
            raise Refused(
                f"stores has the slots {', '.join(unknown)}, which a pool does not have; there are"
                f" {', '.join(_BOXES)}.",
                code="bad_slot",
            )
        self.wanted = {
            **options,
            "members": [m.lower() for m in options["members"]],
            "compliance_stores": options["compliance_stores"] or options["stores"],
        }

    def read(self, session: Session) -> DefinedPool:
        services, states = session.read(lync.chat_services(), lync.pool_states())
        return {**read_pool(self.pool, services, states), **stores_of(services, self.pool)}

    def plan(self, current: DefinedPool) -> list[Step[DefinedPool]]:
        require_pool(current, self.pool)
        # published by an earlier step of a check run: its stores can be compared only afterwards
        if current["stores"] is None:
            return []
        order = work_order(current, self.wanted)
        if order:
            raise Refused(
                f"The pool {self.pool} is not defined as declared, and only Topology Builder can"
                " change that. Work order: "
                + " ".join(f"({n}) {line}" for n, line in enumerate(order, start=1))
                + " Then publish, and run again.",
                code="work_order",
                work_order=order,
            )
        return []
