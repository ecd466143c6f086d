"""From an estate file to a World: the physical estate as it is before anything was configured."""

from __future__ import annotations

import importlib
import pathlib
import pkgutil
import re
import typing as t

from ..chat.ledger import Ledger
from ..faults.faults import Faults
from ..lync.deployment import Deployment
from ..sqlserver.server.instance import SqlInstance
from ..world import products, sql_tools
from ..world.clock import Clock
from ..world.identities import LANGUAGES, in_domain_form, well_known_sid
from ..world.machine import Machine, Share
from ..world.network import Account
from ..world.storage import Storage
from ..world.summer import RULES
from ..world.world import World
from .shape import Choice, EstateError, MapOf, Number, Text, check, load

#: Bytes of an estate file.
LARGEST = 1 << 20
ESTATES = pathlib.Path(__file__).resolve().parent.parent / "estates"
STORES = ("primary", "mirror", "witness", "backup", "backup_mirror", "backup_witness")

_NAME = Text(r"\S(.{0,98}\S)?", "a name (no blanks around it, at most 100 characters)")
_DNS = Text(
    r"(?!.{250})[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}))*", "a DNS name"
)
_WINDOWS = Text(r"\d{1,3}\.\d{1,3}\.\d{1,6}", "a version of Windows, as 6.3.9600")
_POWERSHELL = Text(r"\d{1,2}\.\d{1,2}", "a version of PowerShell, as 4.0")
_PORT = Number(1, 65535)
_MACHINE_DETAILS = {
    "time_zone": str,
    "utc_offset_minutes": Number(-14 * 60, 14 * 60),
    "daylight_saving": Choice(*RULES),
    "language": Choice(*LANGUAGES),
    "windows": _WINDOWS,
    "powershell": _POWERSHELL,
    "tls": bool,
    "port": _PORT,
    "delegation": bool,
    "execution_policy": Choice(*sql_tools.POLICIES),
    "session_bits": Choice(32, 64),
}
#: tools: in the order of PSModulePath; quirks: instead of those of the tools themselves
#: (sql_tools.py).
_SQL_TOOLS = {
    "tools": [Choice(*sql_tools.TOOLS)],
    "quirks": [Choice(*sql_tools.QUIRKS)],
    "adds_snap_ins": bool,
    "certificate": Choice("self-signed", "trusted"),
}
_SQL = {
    **_SQL_TOOLS,
    "instance": str,
    "version": str,
    "edition": _NAME,
    "service_account": str,
    "agent_account": str,
    "agent": Choice("Running", "Stopped"),
    "collation": str,
    "sa": str,
    "sa_disabled": bool,
    "server_name": str,
    "data_folder": str,
    "log_folder": str,
}
_RIGHTS = MapOf(Choice("Read", "Change", "Full", "Deny"))
SHAPE: dict[str, t.Any] = {
    "name!": _NAME,
    "product!": Choice(*products.PRODUCTS),
    "domain!": _NAME,
    "dns_suffix!": _DNS,
    "sites!": [_NAME],
    "accounts!": [{"name!": str, "password": str, "groups": [str]}],
    "defaults": _MACHINE_DETAILS,
    "machines!": MapOf(
        {
            "site!": str,
            "kind!": Choice("front_end", "chat_server", "sql", "file_server"),
            **_MACHINE_DETAILS,
            "folders": [str],
            "shares": MapOf({"path!": str, "rights!": _RIGHTS}),
        }
    ),
    "sql_defaults": _SQL,
    "sql!": MapOf(_SQL),
    "lync!": {
        "site!": str,
        "cms!": str,
        "front_end_pools!": [{"fqdn!": _DNS, "machines!": [str]}],
        "pools!": [
            {
                "fqdn!": _DNS,
                "next_hop!": str,
                "machines!": [str],
                "active!": [str],
                "file_store!": str,
                "compliance!": bool,
                "stores!": {"primary!": str, **dict.fromkeys(STORES[1:], str)},
                "mirroring_ports!": dict.fromkeys(STORES, _PORT),
            }
        ],
    },
}


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
        check(tools, _SQL["tools"], "tools")
        _install(document, tools)
    _check_tools(document)
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


def read(estate: str | pathlib.Path) -> dict[str, t.Any]:
    """The validated document of an estate file. EstateError says what is wrong with it."""
    path = pathlib.Path(estate)
    if path.suffix not in (".yml", ".yaml"):
        path = ESTATES / f"{estate}.yml"
    text = _text_of(path, str(estate))
    try:
        document = load(text)
    except EstateError as error:
        raise EstateError(f"{path.name}: {error}") from error
    check(document, SHAPE, path.name)
    _check_names(document, path.name)
    return t.cast("dict[str, t.Any]", document)


def _text_of(path: pathlib.Path, asked: str) -> str:
    """EstateError for no file, or for one that nobody would write as an estate."""
    try:
        if path.exists() and (not path.is_file() or path.stat().st_size > LARGEST):
            raise EstateError(f"{asked!r} is no file of at most {LARGEST >> 20} MB")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise EstateError(f"{asked!r}: byte {error.start} is no text in UTF-8") from error
    except EstateError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL
        known = ", ".join(sorted(p.stem for p in ESTATES.glob("*.yml")))
        why = error.strerror if isinstance(error, OSError) else error
        raise EstateError(
            f"there is no estate {asked[:100]!r}: {why} (the lab's own: {known})"
        ) from error


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
        spec = {key: value for key, value in settings.items() if key not in _SQL_TOOLS}
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


def _add_machine(world: World, name: str, spec: dict[str, t.Any], net: str) -> None:
    details = {
        **world.estate.get("defaults", {}),
        **{k: v for k, v in spec.items() if k in _MACHINE_DETAILS},
    }
    site = spec["site"]
    number = 1 + sum(m.site == site for m in world.machines.values())
    details.setdefault("port", 5986 if details.get("tls") else 5985)
    if name in world.estate["sql"]:
        details.update(_tools_of(world.estate, name))
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


def _tools_of(document: dict[str, t.Any], name: str) -> dict[str, t.Any]:
    """The fields of a Machine that say what its Invoke-Sqlcmd is.

    Without a setting: the tools that came with SQL Server 2012.
    """
    spec = {**document.get("sql_defaults", {}), **document["sql"][name]}
    quirks = spec.get("quirks")
    return {
        "sql_tools": tuple(spec.get("tools", ["SQLPS 2012"])),
        "sql_quirks": None if quirks is None else frozenset(quirks),
        "adds_snap_ins": spec.get("adds_snap_ins", False),
        "sql_certificate": spec.get("certificate", "self-signed"),
    }


def _install(document: dict[str, t.Any], tools: list[str]) -> None:
    """These tools on every machine with SQL Server, set up so that they can be used at all."""
    for name, spec in document["sql"].items():
        details = {**document.get("defaults", {}), **document["machines"][name]}
        spec.update(tools=tools, adds_snap_ins=True, quirks=None)
        document["machines"][name].update(
            powershell=sql_tools.powershell_for(tools, details["powershell"]),
            execution_policy="RemoteSigned",
        )


def _check_tools(document: dict[str, t.Any]) -> None:
    for name in document["sql"]:
        details = {**document.get("defaults", {}), **document["machines"][name]}
        installed = list(_tools_of(document, name)["sql_tools"])
        given = details.get("powershell", Machine.powershell)
        needed = sql_tools.powershell_for(installed, given)
        if needed != given:
            raise EstateError(
                f"sql.{name}.tools: {', '.join(installed)} cannot be imported by Windows "
                f"PowerShell {given}; the oldest that can is {needed}"
            )


# --- names that must be known elsewhere in the file


def _check_names(document: dict[str, t.Any], file: str) -> None:
    machines = document["machines"]
    domain = document["domain"]

    def known(name: str, where: str, *kinds: str) -> None:
        if name not in machines:
            raise EstateError(f"{file}: {where}: there is no machine {name!r}")
        if machines[name]["kind"] not in kinds:
            raise EstateError(
                f"{file}: {where}: {name} is a {machines[name]['kind']}, not a {' or '.join(kinds)}"
            )

    for name, spec in machines.items():
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,14}", name):
            raise EstateError(
                f"{file}: machines: {name!r} is no computer name (lower case letters, digits, "
                "hyphens, at most 15)"
            )
        if spec["site"] not in document["sites"]:
            raise EstateError(f"{file}: machines.{name}: there is no site {spec['site']!r}")
    for account in document["accounts"]:
        if not account["name"].lower().startswith(f"{domain.lower()}\\"):
            raise EstateError(f"{file}: accounts: {account['name']} is not of the domain {domain}")
    for name, spec in document["sql"].items():
        known(name, "sql", "sql")
        _check_sql({**document.get("sql_defaults", {}), **spec}, document, f"{file}: sql.{name}")
    lync = document["lync"]
    known(lync["cms"], "lync.cms", "front_end")
    for pool in lync["front_end_pools"]:
        for name in pool["machines"]:
            known(name, f"lync.front_end_pools.{pool['fqdn']}", "front_end")
    for pool in lync["pools"]:
        _check_pool(pool, document, known, f"lync.pools.{pool['fqdn']}", file)


def _check_sql(spec: dict[str, t.Any], document: dict[str, t.Any], where: str) -> None:
    accounts = {a["name"].lower() for a in document["accounts"]}
    for key in ("service_account", "agent_account"):
        account = spec.get(key)
        if (
            account is None
            or well_known_sid(account) is not None
            or account.lower() == "localsystem"
        ):
            continue
        if in_domain_form(
            account, document["domain"]
        ).lower() not in accounts and not account.upper().startswith(("NT SERVICE\\", ".\\")):
            raise EstateError(f"{where}.{key}: there is no account {account!r}")
    if not re.fullmatch(r"\d+\.\d+\.\d+\.\d+", spec.get("version", "")):
        raise EstateError(f"{where}.version: four numbers, as 11.0.6020.0")


def _check_pool(
    pool: dict[str, t.Any],
    document: dict[str, t.Any],
    known: t.Callable[..., None],
    where: str,
    file: str,
) -> None:
    for name in pool["machines"]:
        known(name, where, "chat_server")
    if not set(pool["active"]) <= set(pool["machines"]):
        raise EstateError(f"{file}: {where}.active: not all are members of the pool")
    if pool["next_hop"] not in {p["fqdn"] for p in document["lync"]["front_end_pools"]}:
        raise EstateError(
            f"{file}: {where}.next_hop: there is no front end pool {pool['next_hop']!r}"
        )
    for slot, name in pool["stores"].items():
        known(name, f"{where}.stores.{slot}", "sql")
        if name not in document["sql"]:
            raise EstateError(f"{file}: {where}.stores.{slot}: {name} has no SQL Server instance")
        if slot not in pool["mirroring_ports"]:
            raise EstateError(f"{file}: {where}.mirroring_ports: none for {slot}")
