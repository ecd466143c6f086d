"""What stands where and how it is protected, as a document and as lines to read. FOR INTERNAL COLLECTION USE ONLY."""
from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Iterator

from .._engine.model import State

STATUS_SPEC: State = {
    "estate": {"type": "dict", "required": True},
    "pool": {"type": "dict", "required": True},
    "sql": {"type": "dict", "required": True},
    "preferred_principal": {"type": "str", "choices": ["primary", "mirror"], "default": "primary"},
}
_LABELS = {"primary": "primary", "mirror": "its mirror", "witness": "witness", "backup": "backup", "backup_mirror": "backup's mirror",
           "backup_witness": "backup's witness"}


def describe(options: State) -> State:
    """{document, lines, warnings}. ``sql``: slot -> state of sql_info, or None when it could not be read; ``pool``: state of pool_info."""
    estate, pool, sql = options["estate"], options["pool"], options["sql"]
    databases = {name: _database(name, sql) for name in _names(sql)}
    document: State = {
        "pool": estate["pool"], "published": pool["published"], "pool_state": pool["pool_state"], "active": pool["active"],
        "standby": sorted(set(pool["members"]) - set(pool["active"])), "central_management_store": pool.get("cms"),
        "replication_late": sorted(f for f, r in (pool.get("replication") or {}).items() if not r["up_to_date"]),
        "unread": sorted(slot for slot, state in sql.items() if state is None), "databases": databases}
    warnings = list(_warnings(document, sql, options["preferred_principal"]))
    document["warnings"] = warnings
    return {"document": document, "lines": list(_lines(document, estate)), "warnings": warnings}


def _names(sql: dict[str, State | None]) -> list[str]:
    return sorted({name for state in sql.values() if state for name in state["databases"]})


def _database(name: str, sql: dict[str, State | None]) -> State:
    copies: State = {}
    for slot, state in sql.items():
        facts = state["databases"].get(name) if state else None
        if facts and facts["database_state"] is not None:
            copies[slot] = {k: facts[k] for k in ("database_state", "recovery_model", "mirroring_role", "mirroring_state", "mirroring_safety",
                                                  "mirroring_witness", "mirroring_witness_state")}
    principal = next((slot for slot, c in copies.items() if c["mirroring_role"] == "PRINCIPAL"), None)
    primaries = {slot: state["databases"][name]["log_shipping_primary"] for slot, state in sql.items()
                 if state and name in state["databases"] and state["databases"][name]["log_shipping_primary"]}
    backup = sql.get("backup")
    secondary = backup["databases"].get(name, {}).get("log_shipping_secondary") if backup else None
    return {"copies": copies, "principal": principal, "ships_from": {s: _shipping(p) for s, p in primaries.items()},
            "secondary": None if secondary is None else {
                "primary_server": secondary["primary_server"], "copy_enabled": bool(secondary["copy_enabled"]),
                "restore_enabled": bool(secondary["restore_enabled"]), "last_copied_at": secondary["last_copied_at"],
                "last_restored_at": secondary["last_restored_at"], "last_restored_file": secondary["last_restored_file"],
                "restored_minutes_ago": _minutes_ago(secondary["last_restored_at"], backup)}}


def _shipping(primary: State) -> State:
    return {"share": primary["backup_share"], "enabled": bool(primary["enabled"]), "every_minutes": primary["backup_job_intervals"],
            "last_backup_at": primary["last_backup_at"]}


def _minutes_ago(when: str | None, state: State | None) -> int | None:
    """By the clock of the server that wrote the time; None is unknown, never 0."""
    if not when or not state or not state.get("utc_now"):
        return None
    now, then = (dt.datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (state["utc_now"], when))
    return int((now - then).total_seconds() // 60)


def _warnings(document: State, sql: dict[str, State | None], preferred: str) -> Iterator[str]:
    for slot in document["unread"]:
        yield f"The {_LABELS[slot]} SQL Server could not be read; what it holds is unknown."
    if document["pool_state"] == "FailedOver":
        yield "The pool runs on its backup database."
    if not document["active"]:
        yield "No server accepts clients."
    for fqdn in document["replication_late"]:
        yield f"The configuration has not reached {fqdn}."
    for name, database in document["databases"].items():
        for slot, copy in database["copies"].items():
            if copy["mirroring_role"] and copy["mirroring_state"] != "SYNCHRONIZED":
                yield f"{name} on the {_LABELS[slot]} is {copy['mirroring_state']}."
            if copy["mirroring_witness"] and copy["mirroring_witness_state"] != "CONNECTED":
                yield f"The witness of {name} is {copy['mirroring_witness_state']}, seen from the {_LABELS[slot]}."
        if database["principal"] not in (None, preferred) and not str(database["principal"]).startswith("backup"):
            yield f"{name} runs on the {_LABELS[str(database['principal'])]}."
        if database["principal"] is None and "mirror" in sql and sql["mirror"] is not None and document["pool_state"] == "Normal":
            yield f"{name} is not mirrored."
        if database["ships_from"] and database["secondary"] is None and sql.get("backup") is not None:
            yield f"Logs of {name} are shipped, but nothing applies them."


def _lines(document: State, estate: State) -> Iterator[str]:
    host = estate["sql"]
    yield f"Pool {document['pool']} is {document['pool_state'] or 'not published'}: {len(document['active'])} servers active ({_short(document['active'])}), " \
          f"{len(document['standby'])} standing by."
    for name, database in document["databases"].items():
        copies = database["copies"]
        for slot, copy in copies.items():
            mirrored = f", {copy['mirroring_role'].lower()}, {copy['mirroring_state']}, safety {copy['mirroring_safety']}" if copy["mirroring_role"] else ""
            witness = f", witness {copy['mirroring_witness_state']}" if copy["mirroring_witness"] else ""
            yield f"  {name} on {_short([host[slot]])} ({_LABELS[slot]}): {copy['database_state']}{mirrored}{witness}"
        for slot, ships in database["ships_from"].items():
            yield f"  {name} log backups from {_short([host[slot]])}: {'enabled' if ships['enabled'] else 'DISABLED'}, every " \
                  f"{'/'.join(map(str, ships['every_minutes']))} min, last {ships['last_backup_at'] or 'none yet'}"
        if database["secondary"] is not None:
            ago = database["secondary"]["restored_minutes_ago"]
            yield f"  {name} logs applied on {_short([host['backup']])}: " + ("none yet" if ago is None else f"{ago} min ago ({_file(database['secondary'])})")
    if document["warnings"]:
        yield "To look at:"
        yield from (f"  - {line}" for line in document["warnings"])
    else:
        yield "Nothing to look at: everything is as it should be."


def _short(names: t.Sequence[str | None]) -> str:
    return ", ".join(str(n).split(".")[0] for n in names) or "none"


def _file(secondary: State) -> str:
    return str(secondary["last_restored_file"] or "").rpartition("\\")[2]
