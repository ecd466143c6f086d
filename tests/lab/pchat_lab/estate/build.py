"""From an estate file to a World: the physical estate as it is before anything was configured."""

from __future__ import annotations

import importlib
import pathlib
import pkgutil
import typing as t

from ..chat.ledger import Ledger
from ..faults.faults import Faults
from ..lync.deployment import Deployment
from ..sqlserver.server.instance import SqlInstance
from ..world import products, sql_tools
from ..world.clock import Clock
from ..world.machine import Machine, Share
from ..world.network import Account
from ..world.storage import Storage
from ..world.world import World
from .document import MACHINE_DETAILS, SHAPE, SQL, SQL_TOOLS, check_tools, install, read, tools_of
from .shape import check


def build(
    estate: str | pathlib.Path = "default",
    product: str | None = None,
    *,
    tools: list[str] | None = None,
    net: str = "127.30",
    single_address: bool = False,
    first_port: int = 15985,
    clock_runs: bool = True,
) -> World:
    """The world of an estate file (a path) or of one of the lab's own estates (its name).

    ``product`` overrides the file's; ``tools``: the SQL tools of all machines instead of the
    file's, with their own quirks and the PowerShell that they need; ``net``: first two parts of the
    machines' addresses, the others are data centre and number in it.
    ``single_address``: all machines have 127.0.0.1 and differ by port, counted from ``first_port``
    (for systems that have no other address).
    EstateError when the file is not there or not right.
    """
    document = read(estate)
    if product is not None:
        check(product, SHAPE["product!"], "product")
        document["product"] = product
    if tools is not None:
        check(tools, SQL["tools"], "tools")
        install(document, tools)
    check_tools(document)
    world = World(document["name"], Clock(running=clock_runs))
    world.domain = document["domain"]
    world.dns_suffix = document["dns_suffix"]
    world.sites = list(document["sites"])
    world.estate = document
    for account in document["accounts"]:
        made = Account(
            account["name"],
            account.get("password", ""),
            frozenset(account.get("groups", ())),
            interactive="groups" in account,
        )
        world.accounts[made.name.lower()] = made
    for name, spec in document["machines"].items():
        _add_machine(world, name, spec, net)
    for number, machine in enumerate(world.machines.values() if single_address else ()):
        machine.address = "127.0.0.1"
        machine.port = first_port + number
    _hang_in_parts(world)
    return world


def load_cmdlets() -> None:
    """Import what registers cmdlets, T-SQL statements, procedures, views and functions."""
    root = __package__.rpartition(".")[0]
    importlib.import_module(f"{root}.powershell.core_cmdlets")
    importlib.import_module(f"{root}.powershell.provided_cmdlets")
    for package in ("sqlserver", "lync", "windows"):
        found = importlib.import_module(f"{root}.{package}")
        for module in pkgutil.walk_packages(found.__path__, f"{found.__name__}."):
            importlib.import_module(module.name)


def _hang_in_parts(world: World) -> None:

    world.storage = Storage(world)
    world.faults = Faults(world)
    document = world.estate
    sql = {
        name: {**document.get("sql_defaults", {}), **details}
        for name, details in document["sql"].items()
    }
    for name, settings in sql.items():
        spec = {key: value for key, value in settings.items() if key not in SQL_TOOLS}
        agent = spec.pop("agent", "Running")
        instance = SqlInstance(world, world.machine(name), spec.pop("instance", ""), **spec)
        if agent == "Stopped":
            service = instance.agent_service
            service.status = "Stopped"
            service.started_at = None
            service.start_mode = "Disabled" if instance.engine_edition == 4 else "Manual"
    world.lync = Deployment(
        world, document["lync"], {name: spec.get("instance", "") for name, spec in sql.items()}
    )
    world.chat = Ledger(world)
    load_cmdlets()


def _lower(by_name: dict[str, int]) -> dict[str, int]:
    return {name.lower(): value for name, value in by_name.items()}


def _add_machine(world: World, name: str, spec: dict[str, t.Any], net: str) -> None:
    details = {
        **world.estate.get("defaults", {}),
        **{k: v for k, v in spec.items() if k in MACHINE_DETAILS},
    }
    drive_gb = _lower(details.pop("drive_gb", {}))
    site = spec["site"]
    number = 1 + sum(m.site == site for m in world.machines.values())
    details.setdefault("port", 5986 if details.get("tls") else 5985)
    if name in world.estate["sql"]:
        details.update(tools_of(world.estate, name))
    details.setdefault(
        "execution_policy", sql_tools.policy_of(details.get("windows", Machine.windows))
    )
    machine = Machine(
        f"{name}.{world.dns_suffix}".lower(),
        site,
        spec["kind"],
        world.domain,
        address=f"{net}.{world.sites.index(site) + 1}.{number}",
        booted_at=world.clock.now(),
        drives=tuple(dict.fromkeys((*Machine.drives, *drive_gb))),
        drive_gb=drive_gb,
        **details,
    )
    products.install(machine, world.estate["product"], central=spec["kind"] == "front_end")
    for share, detail in spec.get("shares", {}).items():
        machine.shares[share.lower()] = Share(share, detail["path"], dict(detail["rights"]))
    for path in (
        "C:\\Windows",
        "C:\\Windows\\Temp",
        *spec.get("folders", ()),
        *(s.path for s in machine.shares.values()),
    ):
        parts = path.split("\\")
        for count in range(2, len(parts) + 1):
            made = "\\".join(parts[:count])
            machine.folders.add(made.lower())
            machine.shown.setdefault(made.lower(), made)
    world.machines[machine.fqdn] = machine


# --- SQL tools


# --- names that must be known elsewhere in the file
