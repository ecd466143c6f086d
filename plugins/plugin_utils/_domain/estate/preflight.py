"""Whether a pool's estate has what building and protecting it needs: all findings at once. FOR
INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from ..._engine.errors import Refused
from ..._engine.model import State
from ..calls.tsql import intent
from ..resources.sqlserver._instance import is_local_user
from ..resources.windows.folder import NO_FILE_SYSTEM

PREFLIGHT_SPEC: State = {
    "estate": {"type": "dict", "required": True},
    "facts": {"type": "dict", "required": True},
    "manage_recovery_model": {"type": "bool", "default": True},
    "log_share": {"type": "str", "default": ""},
    "seed_share": {"type": "str", "default": ""},
    "accept_foreign_log_backups": {"type": "bool", "default": False},
    "active_servers": {"type": "list", "elements": "str", "default": []},
}
#: Clocks further apart than this break Kerberos, and file names of log backups order by them.
_MAX_SKEW_SECONDS = 120
#: sys.dm_server_services, from which the service accounts come, exists since 2008 R2 SP1.
_OLDEST = (10, 50, 2500)


class Finding(t.NamedTuple):
    host: str
    code: str
    text: str


def judge(options: State) -> State:
    """{findings: [], facts_read: n}, or Refused(code 'preflight') with every finding as a
    sentence.
    """
    found = list(_findings(options))
    if found:
        lines = [f"{f.host}: {f.text}" for f in found]
        raise Refused(
            f"{len(found)} finding{'s' if len(found) > 1 else ''} before anything was changed: "
            + " | ".join(lines),
            code="preflight" if len({f.code for f in found}) > 1 else found[0].code,
            findings=[f._asdict() for f in found],
        )
    return {"findings": [], "hosts": len(options["facts"])}


def _findings(options: State) -> Iterator[Finding]:
    estate = options["estate"]
    facts = options["facts"]
    answered = {h: f for h, f in facts.items() if not any(_unreachable(r) for r in f.values())}
    for host in estate["hosts"]:
        seen = facts.get(host, {})
        if host not in answered:
            text = next(
                (str(r.get("msg", "")) for r in seen.values() if _unreachable(r)),
                "it was not looked at",
            )
            yield Finding(host, "unreachable", f"it does not answer: {text}")
            continue
        for record in seen.values():
            if record.get("failed"):
                yield Finding(host, record.get("code", "failed"), str(record.get("msg")))
    yield from _sql(
        options, {h: f["sql"]["state"] for h, f in answered.items() if "state" in f.get("sql", {})}
    )
    yield from _machines(
        options,
        {h: f["host"]["state"] for h, f in answered.items() if "state" in f.get("host", {})},
    )
    yield from _pool(
        options,
        {h: f["pool"]["state"] for h, f in answered.items() if "state" in f.get("pool", {})},
    )


def _unreachable(result: State) -> bool:
    return bool(result.get("unreachable"))


def _sql(options: State, sql: dict[str, State]) -> Iterator[Finding]:
    slots = options["estate"]["sql"]
    for host, state in sql.items():
        if not state["is_sysadmin"]:
            yield Finding(
                host,
                "no_sysadmin",
                "the account that Ansible uses is not sysadmin here: it would see mirrored"
                " databases as unmirrored.",
            )
        yield from _identity(host, state)
        if tuple(int(p) for p in str(state["version"]).split(".")[:3]) < _OLDEST:
            yield Finding(
                host, "version", f"SQL Server {state['version']} is older than 2008 R2 SP1."
            )
    for first, second in (("primary", "mirror"), ("backup", "backup_mirror")):
        a = sql.get(slots[first] or "")
        b = sql.get(slots[second] or "")
        if a and b:
            if a["edition"] != b["edition"]:
                yield Finding(
                    slots[second],
                    "edition",
                    f"it is {b['edition']}, its partner {slots[first]} is {a['edition']}; partners"
                    " need the same edition.",
                )
            if _major(a) != _major(b):
                yield Finding(
                    slots[second],
                    "version",
                    f"it is SQL Server {b['version']}, its partner {slots[first]} is"
                    f" {a['version']}; partners need the same version.",
                )
    yield from _versions_both_ways(slots, sql)
    yield from _outage(options["estate"], sql)
    for slot in ("witness", "backup_witness"):
        partner = sql.get(slots["primary" if slot == "witness" else "backup"] or "")
        witness = sql.get(slots[slot] or "")
        if partner and witness and _major(partner) != _major(witness):
            yield Finding(
                slots[slot],
                "version",
                f"the witness is SQL Server {witness['version']}, the principal"
                f" {partner['version']}.",
            )
    for slot in ("primary", "mirror", "backup"):
        host = slots[slot] or ""
        if host not in sql:
            continue
        state = sql[host]
        if not state["agent_running"]:
            yield Finding(
                host,
                "no_agent",
                "SQL Server Agent does not run; log shipping is Agent jobs. Start it, and let it"
                " start automatically.",
            )
        if state.get("port_taken"):
            yield Finding(
                host,
                "port_taken",
                "something listens on the port of the mirroring endpoint that is to be made. Choose"
                " another (mirror_port).",
            )
        if state["log_backup_jobs"] and not options["accept_foreign_log_backups"]:
            yield Finding(
                host,
                "foreign_log_backup",
                f"the jobs {', '.join(state['log_backup_jobs'])} back up the log of this pool's"
                " databases and would break the chain of log shipping. Leave these databases out"
                " there, or disable the jobs.",
            )
        for name, facts in state["databases"].items():
            if (
                facts["recovery_model"] == "SIMPLE"
                and slot != "backup"
                and facts["mirroring_role"] is None
                and not options["manage_recovery_model"]
            ):
                yield Finding(
                    host,
                    "simple_recovery",
                    f"{name} is in SIMPLE recovery, and mirror_manage_recovery_model is false. Set"
                    " it to FULL.",
                )
    yield from _clocks({h: s for h, s in sql.items() if s.get("utc_now")})


def _identity(host: str, state: State) -> Iterator[Finding]:
    """What others know this instance by, and where a restored database would go."""
    known = str(state["server_name"] or "")
    real = str(state["network_name"] or "")
    if known.lower() != real.lower():
        yield Finding(
            host,
            "server_name",
            f"@@SERVERNAME is {known or 'NULL'}, and the instance is {real}: backups and log"
            f" shipping would know it by two names. Run sp_dropserver N'{known}' and sp_addserver"
            f" N'{real}', N'local', and restart the instance.",
        )
    for kind in ("service_account", "agent_account"):
        if state[kind] and is_local_user(state[kind], state["machine"]):
            yield Finding(
                host,
                "local_account",
                f"its {kind.replace('_', ' ')} {state[kind]} is a user of this machine, whom no"
                " other machine knows: neither partners nor the share would let it in. Let the"
                " service run as a domain account or a virtual account.",
            )
    for kind, folder in state["default_folders"].items():
        if not folder["exists"]:
            yield Finding(
                host,
                "no_folder",
                f"new {kind} files go to {folder['path']}, which is not there: no database could be"
                " restored here. Make the folder and let the service's account write to it, or"
                " choose another (database settings of the server's properties).",
            )


def _outage(estate: State, sql: dict[str, State]) -> Iterator[Finding]:
    """Building in the middle of an outage would let clients at the copy that is about to be left,
    or overwrite the one in use.
    """
    slots = estate["sql"]
    host = slots["backup"] or ""
    backup = sql.get(host)
    pair = {
        slots[s]: sql[slots[s]]["databases"].get("mgc") or {}
        for s in ("primary", "mirror")
        if slots[s] in sql
    }
    if backup is not None:
        records = backup.get("records") or {}
        declared = records.get(intent.intent_name(estate["pool"]).lower())
        if declared:
            yield Finding(
                host,
                "intent",
                f"an outage is being dealt with: {declared}. Finish it first (failover.yml or"
                " failback.yml, as it says).",
            )
        copy = backup["databases"].get("mgc") or {}
        ours = str(copy.get("recovery_fork")) in str(
            records.get(intent.put_to_work_name(estate["pool"]).lower())
        )
        related = copy.get("family") is not None and copy["family"] in [
            c.get("family") for c in pair.values()
        ]
        if copy.get("database_state") == "ONLINE" and (ours or related):
            yield Finding(
                host,
                "copy_in_use",
                "mgc is online here and came from the pool's primary: it may be the copy in use,"
                " and building would leave or overwrite it. See status.yml; go back by"
                " failback.yml, or drop it if it is left over.",
            )
    states = {name: (c.get("database_state"), c.get("mirroring_role")) for name, c in pair.items()}
    stopped = [name for name, state in states.items() if state == ("RESTORING", None)]
    if stopped and not any(state == "ONLINE" for state, _role in states.values()):
        yield Finding(
            stopped[0],
            "stopped_copy",
            "mgc waits for log here, is no mirror, and no copy of the primary site is online: a"
            " switchover or a failback stopped half-way. Run the playbook that was begun again.",
        )


def _versions_both_ways(slots: State, sql: dict[str, State]) -> Iterator[Finding]:
    """Logs and databases go from the primary to the backup and, on the way home, back; never to an
    older SQL Server.
    """
    primary = sql.get(slots["primary"] or "")
    backup = sql.get(slots["backup"] or "")
    if primary is None or backup is None or _major(primary) == _major(backup):
        return
    yield Finding(
        slots["backup"],
        "version",
        f"it is SQL Server {backup['version']}, the primary {slots['primary']} is"
        f" {primary['version']}: what runs on the newer one can never be restored on the older one,"
        " so either a failover or the way back is barred.",
    )


def _major(state: State) -> str:
    return ".".join(str(state["version"]).split(".")[:2])


def _clocks(states: dict[str, State]) -> Iterator[Finding]:
    """Read one after the other, so only a difference far beyond a run's duration counts."""
    import datetime as dt

    times = {
        h: dt.datetime.fromisoformat(s["utc_now"].replace("Z", "+00:00")) for h, s in states.items()
    }
    if not times:
        return
    middle = sorted(times.values())[len(times) // 2]
    for host, when in times.items():
        if abs((when - middle).total_seconds()) > _MAX_SKEW_SECONDS:
            yield Finding(
                host,
                "clock",
                f"its clock is {abs((when - middle).total_seconds()):.0f} s off the others'; log"
                " shipping orders files by time.",
            )


def _machines(options: State, hosts: dict[str, State]) -> Iterator[Finding]:
    estate = options["estate"]
    for name, state in hosts.items():
        if not state.get("sees_files", True):
            yield Finding(name, "no_file_system", NO_FILE_SYSTEM)
    for name in estate["management"]:
        if name in hosts and not hosts[name]["has_lync_tools"]:
            yield Finding(
                name,
                "no_tools",
                "the Lync management tools are not there (Set-CsPersistentChatState is unknown).",
            )
    servers = estate["servers"]["primary"] + estate["servers"]["backup"]
    for name in servers:
        if name in hosts and not hosts[name]["services"]:
            yield Finding(
                name,
                "no_service",
                "the Persistent Chat services are not installed; run the deployment wizard there.",
            )
    offsets = {h: s["utc_offset_minutes"] for h, s in hosts.items()}
    hop = next((offsets[m] for m in estate["management"] if m in offsets), None)
    active = {a.lower() for a in options["active_servers"]}
    for name in servers:
        if (
            hop is not None
            and name in offsets
            and offsets[name] != hop
            and (not active or name.lower() in active or estate["fqdn"][name] in active)
        ):
            yield Finding(
                name,
                "time_zone",
                f"it is {offsets[name]} minutes from UTC, the Front End {hop}: active chat servers"
                " must be in the time zone of their next hop.",
            )
    yield from _shares(options, hosts)


def _shares(options: State, hosts: dict[str, State]) -> Iterator[Finding]:
    estate = options["estate"]
    by_fqdn = {estate["fqdn"][h]: h for h in estate["file_servers"]}
    for option in ("log_share", "seed_share"):
        unc = options[option]
        if not unc:
            continue
        host, _unused, rest = unc.lstrip("\\").partition("\\")
        name = by_fqdn.get(host.lower())
        if name not in hosts:
            continue
        share = next(
            (
                s
                for n, s in hosts[name]["shares"].items()
                if n.lower() == rest.partition("\\")[0].lower()
            ),
            None,
        )
        if share is None:
            yield Finding(
                name,
                "no_share",
                f"there is no share {unc}; the SQL Servers need it. Create it, and let their"
                " service accounts change it.",
            )
            continue
        known = [*_accounts(options, "service_account"), *_accounts(options, "agent_account")]
        kept_out = [
            a
            for a in _accounts(options, "service_account")
            if not _may_change(share["access"], a, known)
        ]
        if kept_out:
            yield Finding(
                name,
                "share_denied",
                f"{', '.join(kept_out)} may not change files in {unc}; the SQL Servers run as that."
                " Grant it Change.",
            )


def _accounts(options: State, kind: str) -> list[str]:
    slots = options["estate"]["sql"]
    states = [
        options["facts"].get(slots[slot] or "", {}).get("sql", {}).get("state")
        for slot in ("primary", "mirror", "backup", "backup_mirror")
    ]
    return sorted({s[kind] for s in states if s and s.get(kind)})


def _may_change(access: State, account: str, known: list[str]) -> bool:
    """By the share's list.

    A grant to something that is no service account may be a group with the account in it: that is
    not for us to judge.
    """
    changers = {a.lower() for a, right in access.items() if right in ("change", "full")}
    others = changers - {k.lower() for k in known}
    return account.lower() in changers or bool(others)


def _pool(options: State, pools: dict[str, State]) -> Iterator[Finding]:
    for host, state in pools.items():
        if state["pool_state"] == "FailedOver":
            yield Finding(
                host,
                "failed_over",
                f"the pool {options['estate']['pool']} is FailedOver: it runs on its backup"
                " database, which building it anew would overwrite. Go back by the documented"
                " failback first.",
            )
            return
