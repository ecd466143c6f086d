"""A published pool in service, made by hand: the tests of the ledger are not about the cmdlets that
do it.
"""

from __future__ import annotations

import copy

from pchat_lab.lync import document
from pchat_lab.world.world import World

POOL = "chat.contoso.example"


def serve(world: World, *active: str, state: str = "Normal") -> None:
    """Publish what the operator wants, make mgc on the store in use, and start the chat service
    everywhere that can.
    """
    topology = document.read(world.lync.wanted_document())
    pool = next(p for p in topology.pools if p.fqdn == POOL)
    pool.active = [world.machine(name).fqdn for name in active]
    world.lync.change(topology=topology, enabled=True)
    world.clock.advance(10)
    slot = "primary" if state == "Normal" else "backup"
    instance = world.lync.instance(pool.stores[slot])
    if "mgc" not in instance.databases:
        instance.create_database("mgc", recovery_model="FULL")
    start_chat(world)


def start_chat(world: World) -> None:
    for machine in world.machines.values():
        if machine.kind == "chat_server" and machine.up:
            world.start_service(machine, machine.services["rtcchat"])


def set_active(world: World, *active: str) -> None:
    topology = copy.deepcopy(world.lync.settings.topology)
    next(p for p in topology.pools if p.fqdn == POOL).active = [
        world.machine(name).fqdn for name in active
    ]
    world.lync.change(topology=topology)
    world.clock.advance(10)
