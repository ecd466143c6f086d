"""The estate of many pools is one that the lab accepts, and its inventory names the same hosts."""

from __future__ import annotations

import pathlib

import pytest

from dev.bench import estate_of_pools
from pchat_lab.estate.build import build


@pytest.mark.parametrize("pools", [1, 3, 48])
def test_the_lab_and_the_inventory_know_the_same_hosts(tmp_path, pools):
    file = tmp_path / "estate.yml"
    estate_of_pools.write(estate_of_pools.estate(pools), file)
    world = build(file)
    hosts = set()
    groups = estate_of_pools.inventory(pools, pathlib.Path("topology.xml"))["all"]["children"]
    for group in groups.values():
        hosts |= group["hosts"].keys()
    assert {machine.fqdn for machine in world.machines.values()} == hosts
    assert len(hosts) == pools * estate_of_pools.HOSTS_OF_A_POOL
    addresses = {machine.address for machine in world.machines.values()}
    assert len(addresses) == len(hosts)
    document = world.lync.wanted_document()
    assert all(estate_of_pools.pool_of(number) in document for number in range(1, pools + 1))
