"""What stands where, how it is protected and what a failover now would lose: one document for
machines, lines for people. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from ..._engine.errors import Refused
from ..._engine.model import State
from ..estate.estate_info import MAX_ACTIVE, site_of
from ..outage.estate import Copy, Estate
from ..outage.loss import Loss, loss_of
from ..outage.options import Options
from ..outage.plan import unfold
from ..outage.shipping import broken
from ..outage.situation import classify
from .advice import advice
from .findings import ONLY_THERE, findings
from .logins import missing_logins

POOL_STATUS_SPEC: State = {
    "document": {"type": "dict", "required": True},
    "active_normal": {"type": "list", "elements": "str", "default": []},
    "active_failed_over": {"type": "list", "elements": "str", "default": []},
    "query": {"type": "str", "default": ""},
    "fail_when": {"type": "str", "default": ""},
    "quiet": {"type": "bool", "default": False},
}


def status_of(options: State) -> State:
    """The document.

    Unknown is null, never 0. Minutes are by the clock of the backup SQL Server, times ISO 8601 in
    UTC.
    """
    e = Estate.of(options["document"])
    seen = options["document"]["hosts"]
    databases = sorted(
        {name for host in seen.values() for name in (host.get("sql") or {}).get("databases") or {}}
    )
    declared = options["document"]["estate"]
    document: State = {
        "pool": e.pool,
        "at": e.now,
        "situation": classify(e)._asdict(),
        "pool_state": e.pool_state,
        "active": None if e.active is None else list(e.active),
        "standby": sorted(set(e.members) - set(e.active or ())) if e.active is not None else None,
        "central_management_store": {
            "answers": e.store == "central",
            "host": e.cms,
            "site": site_of(declared, e.cms),
            "why": e.store_why,
        },
        "replication_late": list(e.late),
        "unreachable": list(e.unreachable),
        "intent": e.intent.as_dict() if e.intent else None,
        "hosts": {
            name: {
                "site": declared["site"][name],
                "answers": bool(host.get("answers")),
                "why": host.get("why"),
                "what": _what(declared, name),
            }
            for name, host in seen.items()
        },
        "servers": {
            s.fqdn: {
                "site": s.site,
                "answers": s.answers,
                "started": s.started if s.answers else None,
                "started_at": s.started_at,
                "active": None if e.active is None else s.fqdn in e.active,
            }
            for s in e.servers
        },
        "databases": {name: _database(e, name, seen, declared) for name in databases},
        "log_shipping": _shipping(e, seen),
        "failover_now": _failover_now(e, options),
        "logins_missing": missing_logins(declared, seen),
    }
    store = declared["fqdn"].get(e.backup.host, e.backup.host)
    ways = advice(
        e,
        document["situation"]["name"],
        options["active_failed_over"],
        options["active_normal"],
        store,
    )
    document["advice"] = [way.as_dict() for way in ways]
    found = list(findings(e, document, _wanted(e, options), MAX_ACTIVE))
    document["findings"] = [f._asdict() for f in found]
    document["warnings"] = [f.text for f in found if f.urgency != "note"]
    return document


def shape_of(document: State) -> State:
    """What of the document is the same for two estates that are built alike: no times, LSNs or
    ages.
    """
    still = (
        "database_state",
        "recovery_model",
        "mirroring_role",
        "mirroring_safety",
        "mirroring_witness",
    )
    shipping = document["log_shipping"]
    return {
        **{
            k: document[k]
            for k in ("situation", "pool_state", "active", "standby", "unreachable", "intent")
        },
        "databases": {
            n: {
                "principal": d["principal"],
                "copies": {s: {k: c[k] for k in still} for s, c in d["copies"].items()},
            }
            for n, d in document["databases"].items()
        },
        "linked": shipping["linked"],
        "jobs": shipping["jobs"],
        "shares": {s: b["share"] for s, b in shipping["backups"].items()},
        "servers": {
            f: {k: s[k] for k in ("answers", "started", "active")}
            for f, s in document["servers"].items()
        },
    }


def _wanted(estate: Estate, options: State) -> tuple[str, ...]:
    chosen = (
        options["active_failed_over"]
        if estate.pool_state == "FailedOver"
        else options["active_normal"]
    )
    return tuple(s.lower() for s in chosen)


def _what(declared: t.Mapping[str, t.Any], name: str) -> list[str]:
    kinds = [f"sql {slot}" for slot, host in declared["sql"].items() if host == name]
    kinds += ["management"] if name in declared["management"] else []
    kinds += (
        ["chat server"]
        if name in declared["servers"]["primary"] + declared["servers"]["backup"]
        else []
    )
    return kinds + (["file server"] if name in declared["file_servers"] else [])


def _database(
    estate: Estate, name: str, seen: t.Mapping[str, t.Any], declared: t.Mapping[str, t.Any]
) -> State:
    copies: dict[str, State] = {}
    for slot, host in declared["sql"].items():
        sql = (seen.get(host) or {}).get("sql") if host and "witness" not in slot else None
        facts = (sql or {}).get("databases", {}).get(name)
        if host and "witness" not in slot:
            copies[slot] = {
                "host": host,
                "answers": sql is not None,
                **{
                    k: (facts or {}).get(k)
                    for k in (
                        "database_state",
                        "recovery_model",
                        "mirroring_role",
                        "mirroring_state",
                        "mirroring_safety",
                        "mirroring_witness",
                        "mirroring_witness_state",
                        "redo_lsn",
                        "restored_at",
                    )
                },
            }
    principal = next(
        (
            slot
            for slot, c in copies.items()
            if c["mirroring_role"] == "PRINCIPAL"
            or (c["database_state"] == "ONLINE" and slot == "primary")
        ),
        None,
    )
    return {"copies": copies, "principal": principal}


def minutes_between(earlier: str | None, later: str | None) -> int | None:
    if not earlier or not later:
        return None
    then, now = (
        dt.datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (earlier, later)
    )
    return int((now - then).total_seconds() // 60)


def _shipping(estate: Estate, seen: t.Mapping[str, t.Any]) -> State:
    """Both halves of log shipping of mgc: who backs up, what was copied and applied, and how long
    ago.
    """
    secondary = _facts(seen, estate.backup).get("log_shipping_secondary")
    jobs: list[State] = []
    backups: dict[str, State] = {}
    for copy in estate.primary_pair:
        primary = _facts(seen, copy).get("log_shipping_primary")
        if primary:
            backups[copy.slot] = {
                "host": copy.host,
                "share": primary["backup_share"],
                "enabled": bool(primary["enabled"]),
                "every_minutes": primary["backup_job_intervals"],
                "last_backup_at": primary["last_backup_at"],
                "minutes_ago": minutes_between(primary["last_backup_at"], estate.now),
                "agent_running": copy.agent,
            }
            jobs.append(
                {
                    "host": copy.host,
                    "job": primary["backup_job"],
                    "enabled": bool(primary["enabled"]),
                    "every_minutes": primary["backup_job_intervals"],
                }
            )
    if secondary:
        jobs += [
            {
                "host": estate.backup.host,
                "job": secondary[f"{kind}_job"],
                "enabled": bool(secondary[f"{kind}_enabled"]),
                "every_minutes": secondary[f"{kind}_job_intervals"],
            }
            for kind in ("copy", "restore")
        ]
    newest = max(
        (
            b
            for b in estate.logs
            if b.error is None
            and estate.backup.redo_lsn is not None
            and b.last_lsn <= estate.backup.redo_lsn
            and b.at
        ),
        key=lambda backup: backup.last_lsn,
        default=None,
    )
    waiting = estate.chain.apply if estate.chain else ()
    return {
        "backups": backups,
        "linked": estate.backup.linked if estate.backup.answers else None,
        "agent_running": estate.backup.agent if estate.backup.answers else None,
        "last_copied_at": secondary["last_copied_at"] if secondary else None,
        "copied_minutes_ago": (
            minutes_between(secondary["last_copied_at"], estate.now) if secondary else None
        ),
        "last_restored_at": secondary["last_restored_at"] if secondary else None,
        "restored_minutes_ago": (
            minutes_between(secondary["last_restored_at"], estate.now) if secondary else None
        ),
        "newest_applied_log": (
            None
            if newest is None
            else {
                "path": newest.path,
                "begun_at": newest.at,
                "last_lsn": str(newest.last_lsn),
                "age_minutes": minutes_between(newest.at, estate.now),
            }
        ),
        "waiting": [{"path": b.path, "begun_at": b.at, "place": b.place} for b in waiting],
        "share_error": estate.logs_why,
        "obstacle": (
            broken(estate)
            or (
                None
                if estate.chain is None or estate.chain.obstacle is None
                else estate.chain.obstacle.text
            )
        ),
        "jobs": jobs,
    }


def _facts(seen: t.Mapping[str, t.Any], copy: Copy) -> t.Mapping[str, t.Any]:
    found: t.Mapping[str, t.Any] = (
        ((seen.get(copy.host) or {}).get("sql") or {}).get("databases") or {}
    ).get("mgc") or {}
    return found


def _failover_now(estate: Estate, chosen: State) -> State:
    """As if the primary pair were gone this minute, the central store too if it does not answer
    now, and every loss accepted.
    """
    if estate.recovered:
        unknown = Loss(None, None, None, None, (), ONLY_THERE)
        return {
            "possible": False,
            "code": "failed_over",
            "why": f"The backup copy is in use already. {ONLY_THERE}",
            "loss": unknown.as_dict(),
            "moves": [],
        }
    gone = dataclasses.replace(
        estate,
        copies={
            slot: (
                dataclasses.replace(c, answers=False, why="as if it were gone")
                if c in estate.primary_pair
                else c
            )
            for slot, c in estate.copies.items()
        },
        seen_from=(),
        intent=None,
    )
    options = Options(
        mode="disaster",
        id="0" * 32,
        now=estate.now or "",
        accept_data_loss=True,
        move_cms=True,
        active_failed_over=tuple(s.lower() for s in chosen["active_failed_over"]),
    )
    loss = loss_of(gone)
    try:
        moves = [m.as_dict() for m in unfold(gone, options).moves]
    except Refused as refusal:
        return {
            "possible": False,
            "code": refusal.code,
            "why": str(refusal),
            "loss": loss.as_dict(),
            "moves": [],
        }
    shown = [{k: m[k] for k in ("name", "host", "why", "one_way")} for m in moves]
    return {"possible": True, "code": None, "why": None, "loss": loss.as_dict(), "moves": shown}
