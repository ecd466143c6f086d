"""An estate of many alike pools, for the lab and for Ansible.

Each pool is stretched over two data centres of its own: a Front End, two chat servers and a
mirrored pair of SQL Servers in each, and a file server: eleven hosts. They share the domain and the
central management store.
"""

from __future__ import annotations

import pathlib
import typing as t

import yaml

DOMAIN = "many.example"
HOSTS_OF_A_POOL = 11
#: Group -> the hosts of a pool in it, by the names that they have there.
GROUPS: dict[str, tuple[str, ...]] = {
    "pchat_management": ("fe-n1", "fe-s1"),
    "pchat_servers": ("chat-n1", "chat-n2", "chat-s1", "chat-s2"),
    "pchat_sql_primary": ("sql-n1",),
    "pchat_sql_mirror": ("sql-n2",),
    "pchat_sql_backup": ("sql-s1",),
    "pchat_sql_backup_mirror": ("sql-s2",),
    "pchat_file_servers": ("fs-s1",),
    "pchat_site_primary": ("fe-n1", "chat-n1", "chat-n2", "sql-n1", "sql-n2"),
    "pchat_site_backup": ("fe-s1", "chat-s1", "chat-s2", "sql-s1", "sql-s2", "fs-s1"),
}
_KINDS = {"fe": "front_end", "chat": "chat_server", "sql": "sql", "fs": "file_server"}
_STORES = {"primary": "n1", "mirror": "n2", "backup": "s1", "backup_mirror": "s2"}
_SERVICE = r"MANY\sqlsvc"
_AGENT = r"MANY\sqlagent"
_ADMINISTRATOR = {
    "name": r"MANY\pchat-admin",
    "password": "Lab-Passw0rd!",
    "groups": ["Domain Admins", "RTCUniversalServerAdmins", "sysadmin"],
}
Document = dict[str, t.Any]
"""Of YAML."""


def names_of(number: int) -> list[str]:
    """The hosts of a pool, without the domain."""
    everywhere = (*GROUPS["pchat_site_primary"], *GROUPS["pchat_site_backup"])
    return [host_of(number, place) for place in everywhere]


def host_of(number: int, place: str) -> str:
    """``fe-n1`` of the third pool is ``fe-p3-n1``."""
    kind, _dash, where = place.partition("-")
    return f"{kind}-p{number}-{where}"


def pool_of(number: int) -> str:
    """The name of a pool."""
    return f"pool{number}.{DOMAIN}"


def estate(pools: int) -> Document:
    """As the lab reads it."""
    numbers = range(1, pools + 1)
    machines: Document = {}
    sites: list[str] = []
    for number in numbers:
        sites += [f"p{number}-north", f"p{number}-south"]
        for name in names_of(number):
            machines[name] = _machine(number, name)
    return {
        "name": f"pools-{pools}",
        "product": "Lync",
        "domain": "MANY",
        "dns_suffix": DOMAIN,
        "accounts": [
            _ADMINISTRATOR,
            {"name": _SERVICE, "password": "not-for-logon"},
            {"name": _AGENT, "password": "not-for-logon"},
        ],
        "sites": sites,
        "defaults": {"windows": "6.3.9600", "powershell": "4.0", "tls": False},
        "machines": machines,
        "sql_defaults": {
            "tools": ["SQLPS 2012"],
            "instance": "",
            "version": "11.0.6020.0",
            "edition": "Standard Edition (64-bit)",
            "service_account": _SERVICE,
            "agent_account": _AGENT,
            "agent": "Running",
        },
        "sql": {name: {} for name in machines if name.startswith("sql-")},
        "lync": {
            "site": "World",
            "cms": host_of(1, "fe-n1"),
            "front_end_pools": _front_end_pools(pools),
            "pools": [_pool(number) for number in numbers],
        },
    }


def _machine(number: int, name: str) -> Document:
    kind, _pool, where = name.split("-")
    side = "north" if where.startswith("n") else "south"
    machine: Document = {
        "site": f"p{number}-{side}",
        "kind": _KINDS[kind],
        "time_zone": "W. Europe Standard Time",
        "utc_offset_minutes": 60,
    }
    if kind == "fe":
        machine["delegation"] = True
    if kind == "fs":
        both = {_SERVICE: "Change", _AGENT: "Change"}
        machine["shares"] = {
            "pchat-logs": {"path": r"D:\shares\pchat-logs", "rights": both},
            "pchat-seed": {"path": r"D:\shares\pchat-seed", "rights": {_SERVICE: "Change"}},
            "pchat-files": {"path": r"D:\shares\pchat-files", "rights": {"Everyone": "Change"}},
        }
    return machine


def _front_end_pools(pools: int) -> list[Document]:
    found = []
    for number in range(1, pools + 1):
        for side in ("n", "s"):
            found.append(
                {
                    "fqdn": f"fepool-p{number}-{side}.{DOMAIN}",
                    "machines": [host_of(number, f"fe-{side}1")],
                }
            )
    return found


def _pool(number: int) -> Document:
    stores = {role: host_of(number, f"sql-{where}") for role, where in _STORES.items()}
    return {
        "fqdn": pool_of(number),
        "next_hop": f"fepool-p{number}-n.{DOMAIN}",
        "machines": [host_of(number, place) for place in GROUPS["pchat_servers"]],
        "active": [],
        "file_store": rf"\\{host_of(number, 'fs-s1')}.{DOMAIN}\pchat-files",
        "compliance": False,
        "stores": stores,
        "mirroring_ports": dict.fromkeys(_STORES, 5022),
    }


def inventory(pools: int, topology: pathlib.Path) -> Document:
    """As Ansible reads it: a group for each pool, with its variables."""
    children: Document = {}
    for number in range(1, pools + 1):
        file_server = f"{host_of(number, 'fs-s1')}.{DOMAIN}"
        children[f"pool_{number}"] = {
            "hosts": {f"{name}.{DOMAIN}": None for name in names_of(number)},
            "vars": {
                "pchat_pool": pool_of(number),
                "stretched_pool_next_hop": f"fepool-p{number}-n.{DOMAIN}",
                "stretched_pool_file_store": file_server,
                "stretched_pool_active_servers": [
                    f"{host_of(number, place)}.{DOMAIN}" for place in ("chat-n1", "chat-n2")
                ],
                "mirror_seed_share": rf"\\{file_server}\pchat-seed",
                "log_shipping_primary_share": rf"\\{file_server}\pchat-logs",
            },
        }
    for group, places in GROUPS.items():
        hosts: dict[str, None] = {}
        for number in range(1, pools + 1):
            hosts |= dict.fromkeys(f"{host_of(number, place)}.{DOMAIN}" for place in places)
        children[group] = {"hosts": hosts}
    variables = {
        "ansible_connection": "psrp",
        "ansible_psrp_protocol": "http",
        "ansible_psrp_auth": "negotiate",
        "pchat_compliance": False,
        "stretched_pool_topology_document": str(topology),
        "log_shipping_secondary_copy_folder": r"D:\pchat-copy",
    }
    return {"all": {"vars": variables, "children": children}}


def write(document: Document, file: pathlib.Path) -> None:
    """As YAML."""
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
