"""What stands where, how it is protected and what a failover now would lose: one document for
machines, lines for people. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t

from ..._engine.model import State
from ..documents.declared import Declared
from ..documents.look import IntentRecord, Look, host_seen
from ..documents.plan import SituationDocument
from ..documents.status import (
    FindingStatus,
    HostStatus,
    Seen,
    ServerStatus,
    Status,
    StoreStatus,
)
from ..estate.estate_info import MAX_ACTIVE, site_of
from ..outage.estate import Estate, Server
from ..outage.seen import estate_seen
from ..outage.situation import classify
from .advice import advice
from .clocks import clock_ahead
from .copies import database_status, names_of_databases
from .failover_now import failover_now
from .finding import Finding
from .findings import findings
from .logins import missing_logins
from .shipping import shipping_status

POOL_STATUS_SPEC: State = {
    "document": {"type": "dict", "required": True},
    "active_normal": {"type": "list", "elements": "str", "default": []},
    "active_failed_over": {"type": "list", "elements": "str", "default": []},
    "query": {"type": "str", "default": ""},
    "fail_when": {"type": "str", "default": ""},
    "quiet": {"type": "bool", "default": False},
}


class Asked(t.TypedDict):
    """Of ``POOL_STATUS_SPEC`` what the document is made from. ``active_...``: FQDNs of the chat
    servers that are to be active in each state of the pool.
    """

    document: Look
    active_normal: list[str]
    active_failed_over: list[str]


def status_of(asked: Asked) -> Status:
    """The document: what was seen, what leads on from there, and what deserves a look.

    Unknown is null, never 0. Minutes are by the clock of the backup SQL Server, times ISO 8601 in
    UTC.
    """
    look = asked["document"]
    declared = look["estate"]
    estate = estate_seen(look)
    seen = _seen(estate, look, asked["active_failed_over"])
    ways = advice(
        estate,
        seen["situation"]["name"],
        asked["active_failed_over"],
        asked["active_normal"],
        declared["fqdn"].get(estate.backup.host, estate.backup.host),
    )
    found = findings(estate, seen, _wanted(estate, asked), MAX_ACTIVE)
    return {
        **seen,
        "advice": [way.as_dict() for way in ways],
        "findings": [_finding(finding) for finding in found],
        "warnings": [finding.text for finding in found if finding.urgency != "note"],
    }


def shape_of(document: Status) -> State:
    """What of the document is the same for two estates that are built alike: no times, LSNs or
    ages.
    """
    shipping = document["log_shipping"]
    shares = {slot: backup["share"] for slot, backup in shipping["backups"].items()}
    return {
        "situation": document["situation"],
        "pool_state": document["pool_state"],
        "active": document["active"],
        "standby": document["standby"],
        "unreachable": document["unreachable"],
        "intent": document["intent"],
        "databases": _shape_of_databases(document),
        "linked": shipping["linked"],
        "jobs": shipping["jobs"],
        "shares": shares,
        "servers": _shape_of_servers(document),
    }


def _shape_of_databases(document: Status) -> State:
    found: State = {}
    for name, database in document["databases"].items():
        copies: State = {}
        for slot, copy in database["copies"].items():
            copies[slot] = {
                "database_state": copy["database_state"],
                "recovery_model": copy["recovery_model"],
                "closed_by": copy["closed_by"],
                "mirroring_role": copy["mirroring_role"],
                "mirroring_safety": copy["mirroring_safety"],
                "mirroring_witness": copy["mirroring_witness"],
            }
        found[name] = {"principal": database["principal"], "copies": copies}
    return found


def _shape_of_servers(document: Status) -> State:
    found: State = {}
    for fqdn, server in document["servers"].items():
        found[fqdn] = {
            "answers": server["answers"],
            "started": server["started"],
            "active": server["active"],
        }
    return found


def _seen(estate: Estate, look: Look, active_failed_over: list[str]) -> Seen:
    """The document without what is concluded from it."""
    names = names_of_databases(look)
    return {
        "pool": estate.pool,
        "at": estate.now,
        "situation": _situation(estate),
        "pool_state": estate.pool_state,
        "active": None if estate.active is None else list(estate.active),
        "standby": _standby(estate),
        "central_management_store": _store(estate, look["estate"]),
        "replication_late": list(estate.late),
        "unreachable": list(estate.unreachable),
        "intent": _intent(estate),
        "hosts": {name: _host(look, name) for name in look["hosts"]},
        "servers": {server.fqdn: _server(estate, server) for server in estate.servers},
        "databases": {name: database_status(look, name) for name in names},
        "log_shipping": shipping_status(estate, look),
        "failover_now": failover_now(estate, active_failed_over),
        "logins_missing": missing_logins(look),
    }


def _situation(estate: Estate) -> SituationDocument:
    found = classify(estate)
    return {"name": found.name, "text": found.text}


def _standby(estate: Estate) -> list[str] | None:
    if estate.active is None:
        return None
    return sorted(set(estate.members) - set(estate.active))


def _store(estate: Estate, declared: Declared) -> StoreStatus:
    return {
        "answers": estate.store == "central",
        "host": estate.cms,
        "site": site_of(declared, estate.cms),
        "why": estate.store_why,
    }


def _intent(estate: Estate) -> IntentRecord | None:
    intent = estate.intent
    if intent is None:
        return None
    return {
        "target": intent.target,
        "id": intent.id,
        "operator": intent.operator,
        "at": intent.at,
    }


def _host(look: Look, name: str) -> HostStatus:
    seen = host_seen(look, name)
    return {
        "site": look["estate"]["site"][name],
        "answers": bool(seen["answers"]),
        "why": seen["why"],
        "what": _what(look["estate"], name),
        "clock_ahead_seconds": clock_ahead(look, name),
    }


def _what(declared: Declared, name: str) -> list[str]:
    """All that a host is: ``sql SLOT``, management, chat server, file server."""
    kinds = [f"sql {slot}" for slot, host in declared["sql"].items() if host == name]
    if name in declared["management"]:
        kinds.append("management")
    if name in declared["servers"]["primary"] + declared["servers"]["backup"]:
        kinds.append("chat server")
    if name in declared["file_servers"]:
        kinds.append("file server")
    return kinds


def _server(estate: Estate, server: Server) -> ServerStatus:
    return {
        "site": server.site,
        "answers": server.answers,
        "started": server.started if server.answers else None,
        "started_at": server.started_at,
        "active": None if estate.active is None else server.fqdn in estate.active,
    }


def _wanted(estate: Estate, asked: Asked) -> tuple[str, ...]:
    """FQDNs in lower case of the servers that are declared active for this state of the pool."""
    chosen = asked["active_normal"]
    if estate.pool_state == "FailedOver":
        chosen = asked["active_failed_over"]
    return tuple(map(str.lower, chosen))


def _finding(finding: Finding) -> FindingStatus:
    return {"urgency": finding.urgency, "code": finding.code, "text": finding.text}
