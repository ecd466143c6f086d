"""The estate file: what may stand in it, and reading it."""

from __future__ import annotations

import pathlib
import re
import typing as t

from ..world import products, sql_tools
from ..world.identities import LANGUAGES, in_domain_form, well_known_sid
from ..world.machine import Machine
from ..world.summer import RULES
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


MACHINE_DETAILS = {
    "time_zone": str,
    "utc_offset_minutes": Number(-14 * 60, 14 * 60),
    "daylight_saving": Choice(*RULES),
    "language": Choice(*LANGUAGES),
    "windows": _WINDOWS,
    "powershell": _POWERSHELL,
    "tls": bool,
    "port": _PORT,
    "delegation": bool,
    "firewall": bool,
    "execution_policy": Choice(*sql_tools.POLICIES),
    "session_bits": Choice(32, 64),
    "drive_gb": MapOf(Number(1, 65536)),
}


#: tools: in the order of PSModulePath; quirks: instead of those of the tools themselves
#: (sql_tools.py).
SQL_TOOLS = {
    "tools": [Choice(*sql_tools.TOOLS)],
    "quirks": [Choice(*sql_tools.QUIRKS)],
    "adds_snap_ins": bool,
    "certificate": Choice("self-signed", "trusted"),
}


SQL = {
    **SQL_TOOLS,
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
    "defaults": MACHINE_DETAILS,
    "machines!": MapOf(
        {
            "site!": str,
            "kind!": Choice("front_end", "chat_server", "sql", "file_server"),
            **MACHINE_DETAILS,
            "folders": [str],
            "shares": MapOf({"path!": str, "rights!": _RIGHTS}),
        }
    ),
    "sql_defaults": SQL,
    "sql!": MapOf(SQL),
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


def tools_of(document: dict[str, t.Any], name: str) -> dict[str, t.Any]:
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


def install(document: dict[str, t.Any], tools: list[str]) -> None:
    """These tools on every machine with SQL Server, set up so that they can be used at all."""
    for name, spec in document["sql"].items():
        details = {**document.get("defaults", {}), **document["machines"][name]}
        spec.update(tools=tools, adds_snap_ins=True, quirks=None)
        document["machines"][name].update(
            powershell=sql_tools.powershell_for(tools, details["powershell"]),
            execution_policy="RemoteSigned",
        )


def check_tools(document: dict[str, t.Any]) -> None:
    for name in document["sql"]:
        details = {**document.get("defaults", {}), **document["machines"][name]}
        installed = list(tools_of(document, name)["sql_tools"])
        given = details.get("powershell", Machine.powershell)
        needed = sql_tools.powershell_for(installed, given)
        if needed != given:
            raise EstateError(
                f"sql.{name}.tools: {', '.join(installed)} cannot be imported by Windows "
                f"PowerShell {given}; the oldest that can is {needed}"
            )


def _check_names(document: dict[str, t.Any], file: str) -> None:
    machines = document["machines"]

    def known(name: str, where: str, *kinds: str) -> None:
        if name not in machines:
            raise EstateError(f"{file}: {where}: there is no machine {name!r}")
        if machines[name]["kind"] not in kinds:
            raise EstateError(
                f"{file}: {where}: {name} is a {machines[name]['kind']}, not a {' or '.join(kinds)}"
            )

    _check_machines(document, file)
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


def _check_machines(document: dict[str, t.Any], file: str) -> None:
    """Names of machines, their sites, and the domain of the accounts."""
    domain = document["domain"]
    _check_drives(document.get("defaults", {}), f"{file}: defaults")
    for name, spec in document["machines"].items():
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,14}", name):
            raise EstateError(
                f"{file}: machines: {name!r} is no computer name (lower case letters, digits, "
                "hyphens, at most 15)"
            )
        _check_drives(spec, f"{file}: machines.{name}")
        if spec["site"] not in document["sites"]:
            raise EstateError(f"{file}: machines.{name}: there is no site {spec['site']!r}")
    for account in document["accounts"]:
        if not account["name"].lower().startswith(f"{domain.lower()}\\"):
            raise EstateError(f"{file}: accounts: {account['name']} is not of the domain {domain}")


def _check_drives(spec: dict[str, t.Any], where: str) -> None:
    for drive in spec.get("drive_gb", {}):
        if not re.fullmatch(r"[C-Zc-z]:", drive):
            raise EstateError(f"{where}.drive_gb: {drive!r} is no drive, as 'D:'")


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
