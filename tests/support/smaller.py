"""An estate with half its chat servers, for tests that are not about their number: a look asks a
quarter fewer hosts, and a restart of all servers takes half.
"""

from __future__ import annotations

import contextlib
import pathlib
import re
import shutil
import typing as t
from collections.abc import Iterator

import yaml

from pchat_lab.estate.document import ESTATES
from support import labs

INVENTORY = labs.ROOT / "inventories" / "default"
#: Two of each site stay.
_LEFT_OUT = re.compile(r"chat-[ns][34]\b")
_RANGE = re.compile(r"(chat-[ns])\[1:4\]")


class Pool(t.TypedDict):
    machines: list[str]


class Lync(t.TypedDict):
    pools: list[Pool]


class Estate(t.TypedDict):
    """What is read here of an estate file of the lab."""

    machines: dict[str, object]
    lync: Lync


class Group(t.TypedDict):
    hosts: dict[str, None]


class All(t.TypedDict):
    children: dict[str, Group]


class Inventory(t.TypedDict):
    """Of YAML, as Ansible reads it."""

    all: All


@contextlib.contextmanager
def running(estate: str, folder: pathlib.Path) -> Iterator[labs.Lab]:
    """A lab of such an estate, which the inventory in that folder describes. ``estate``: one that
    the inventory of the default estate describes.
    """
    inventory = folder / "smaller"
    shutil.copytree(INVENTORY, inventory)
    file = folder / "estate.yml"
    file.write_text(yaml.safe_dump(_estate(ESTATES / f"{estate}.yml")), encoding="utf-8")
    hosts = yaml.safe_dump(_hosts(INVENTORY / "hosts.yml"))
    (inventory / "hosts.yml").write_text(hosts, encoding="utf-8")
    up = ("--estate", str(file))
    with labs.running(f"smaller-{estate}", up=up, inventory=str(inventory)) as lab:
        told: dict[str, str] = lab.chatlab("document")
        topology = inventory / "files" / "topology.xml"
        topology.write_text(told["document"], encoding="utf-8")
        yield lab


def _estate(file: pathlib.Path) -> Estate:
    whole: Estate = yaml.safe_load(file.read_text(encoding="utf-8"))
    machines = whole["machines"]
    whole["machines"] = {name: machines[name] for name in machines if _stays(name)}
    for pool in whole["lync"]["pools"]:
        pool["machines"] = [name for name in pool["machines"] if _stays(name)]
    return whole


def _hosts(file: pathlib.Path) -> Inventory:
    whole: Inventory = yaml.safe_load(file.read_text(encoding="utf-8"))
    for group in whole["all"]["children"].values():
        hosts = group["hosts"]
        group["hosts"] = {_RANGE.sub(r"\1[1:2]", name): None for name in hosts if _stays(name)}
    return whole


def _stays(name: str) -> bool:
    return _LEFT_OUT.match(name) is None
