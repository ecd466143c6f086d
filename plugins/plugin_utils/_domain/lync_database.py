"""Databases and mirrors that Lync's own cmdlets install, and the switch of principals. FOR INTERNAL COLLECTION USE ONLY."""
from __future__ import annotations

from .._engine.errors import Refused
from .._engine.model import LATER, Session, Settle, State, Step
from .calls import lync, quote
from .inventory import is_fqdn
from .pool import pool_scope, text_of

_DATABASE: State = {"type": "str", "choices": sorted(lync.DATABASE_TYPES), "required": True}
DATABASE_SPEC: State = {
    "sql_server": {"type": "str", "required": True},
    "instance": {"type": "str", "default": ""},
    "databases": {"type": "list", "elements": "str", "choices": sorted(lync.DATABASE_TYPES), "required": True},
    "existing": {"type": "list", "elements": "str", "default": []},
    "use_default_paths": {"type": "bool", "default": True},
    "database_paths": {"type": "list", "elements": "str", "default": []},
}
MIRROR_DATABASE_SPEC: State = {
    "pool": {"type": "str", "required": True},
    "database": _DATABASE,
    "sql_server": {"type": "str", "required": True},
    "instance": {"type": "str", "default": ""},
    "file_share": {"type": "str"},
    "drop_existing": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 3600},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
MIRROR_PRINCIPAL_SPEC: State = {
    "pool": {"type": "str", "required": True},
    "database": _DATABASE,
    "principal": {"type": "str", "choices": ["primary", "mirror"], "required": True},
    "primary_sql": {"type": "str"},
    "mirror_sql": {"type": "str"},
    "expect_mirrored": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 300},
}


def _status(state: State) -> str:
    return f"they are {', '.join(state['status']) or 'not mirrored yet'}"


def store_scope(server: str, instance: str = "") -> str:
    return f"sql/{server}" + (f"\\{instance}" if instance else "")


def _sql_server(name: str) -> str:
    if not is_fqdn(name):
        raise Refused(f"{name!r} is not a fully qualified domain name; short names of SQL Servers time out in these cmdlets.", code="bad_name")
    return name.lower()


class LyncDatabase:
    """State: databases {name: present}, of one store."""

    def __init__(self, options: State, host: str) -> None:
        self.options, self.server = options, _sql_server(options["sql_server"])
        self.scope = f"{store_scope(self.server, options['instance'].lower())} lync databases"
        self.existing = {n.lower() for n in options["existing"]}

    def read(self, session: Session) -> State:
        """A database that SQL Server reports in any state is there: Test-CsDatabase cannot open a mirror copy or a log shipping secondary."""
        if set(self.options["databases"]) <= self.existing:
            return {"databases": dict.fromkeys(self.options["databases"], True)}
        rows = [r for r in session.read(lync.test_databases(self.server))[0]
                if str(r.get("SqlInstanceName") or "").lower() == self.options["instance"].lower()]
        good = {str(r.get("DatabaseName", "")).lower() for r in rows if r.get("Succeed") or r.get("InstalledVersion")}
        return {"databases": {n: n in good or n in self.existing for n in self.options["databases"]}}

    def plan(self, current: State) -> list[Step]:
        missing = [n for n, present in current["databases"].items() if not present]
        if not missing:
            return []
        scope = store_scope(self.server, self.options["instance"])
        return [Step("install_databases", f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed on {self.server}.",
                     {"databases": dict.fromkeys(self.options["databases"], True)},
                     (lync.install_databases(self.server, self.options["instance"], self.options["use_default_paths"], self.options["database_paths"]),),
                     lasts=True,
                     also={f"{scope}/{n}": {"database_state": "ONLINE"} for n in missing})]


def _sides(session: Session, pool: str, database: str) -> State:
    """principal: primary|mirror|None, synchronized: bool. The slots are the topology's; the second status has two documented names.

    The cmdlet fails for a pool that is not published, so that is looked at first: in a check run of a bare estate it is no error.
    """
    published = {text_of(s.get("PoolFqdn")).lower() for s in session.read(lync.chat_services())[0]}
    if pool.lower() not in published:
        return {"principal": None, "synchronized": False, "status": []}
    rows = session.read(lync.mirror_state(pool, database))[0]
    row = next((r for r in rows if str(r.get("DatabaseName", "")).lower() == database), rows[0] if rows else {})
    primary, mirror = str(row.get("StateOnPrimary", "")).lower(), str(row.get("StateOnMirror", "")).lower()
    status = {str(row.get(k) or "").lower() for k in ("MirroringStatusOnPrimary", "MirroringStatusOnMirror", "MirroringStatusOnSecondary")}
    return {"principal": "primary" if primary == "principal" else "mirror" if mirror == "principal" else None,
            "synchronized": "synchronized" in status, "status": sorted(status - {""})}


class MirrorDatabase:
    """Lync's own way to mirror: Install-CsMirrorDatabase. State: principal, synchronized, status."""

    def __init__(self, options: State, host: str) -> None:
        self.options, self.server = options, _sql_server(options["sql_server"])
        self.scope = f"{pool_scope(options['pool'])}/{options['database']}"
        if options["state"] == "present":
            if not options["file_share"]:
                raise Refused("file_share is needed: the share through which the mirror is seeded.", code="bad_path")
            quote.path(options["file_share"])

    def read(self, session: Session) -> State:
        return _sides(session, self.options["pool"], self.options["database"])

    def plan(self, current: State) -> list[Step]:
        o = self.options
        if o["state"] == "absent":
            return [] if current["principal"] is None else [Step(
                "uninstall_mirror", f"{o['database']} is mirrored and is not to be.", {"principal": None, "synchronized": False, "status": []},
                (lync.uninstall_mirror(self.server, o["instance"], o["database"]),), one_way=True)]
        if current["principal"] is not None:
            return []
        return [Step("install_mirror", f"{o['database']} has no mirror.", {"principal": "primary", "synchronized": True, "status": ["synchronized"]},
                     (lync.install_mirror(self.server, o["instance"], o["database"], o["file_share"], o["drop_existing"]),),
                     one_way=o["drop_existing"], lasts=True,
                     settles=Settle(f"the copies of {o['database']} are synchronized", lambda s: bool(s["synchronized"]), timeout=float(o["timeout"]),
                                    seen=_status),
                     also={f"{store_scope(self.server, o['instance'])}/{o['database']}": {
                         "mirroring_role": "PRINCIPAL", "recovery_model": "FULL", "database_state": "ONLINE"}})]


class MirrorPrincipal:
    """Which of the two partners is principal now, switched by Invoke-CsDatabaseFailover."""

    def __init__(self, options: State, host: str) -> None:
        self.options, self.scope = options, f"{pool_scope(options['pool'])}/{options['database']}"

    def read(self, session: Session) -> State:
        return _sides(session, self.options["pool"], self.options["database"])

    def plan(self, current: State) -> list[Step]:
        o = self.options
        principal, assumed = current["principal"], False
        if principal is None:
            if not o["expect_mirrored"]:
                raise Refused(f"{o['database']} of {o['pool']} is not mirrored, or neither partner answers; there are no roles to switch.", code="not_mirrored")
            # Only a check run says expect_mirrored (the role passes ansible_check_mode): earlier tasks of it would have mirrored the database.
            principal, assumed = "primary", True
        if principal == o["principal"]:
            return []
        if not assumed and not current["synchronized"] and not o["force"]:
            raise Refused(f"{o['database']} of {o['pool']} is not synchronized ({', '.join(current['status']) or 'unknown'}); a switch would lose data or "
                          "fail. Wait until it is, or, if the principal is lost, force it.", code="not_synchronized", status=current["status"])
        new, old = (o["primary_sql"], o["mirror_sql"]) if o["principal"] == "primary" else (o["mirror_sql"], o["primary_sql"])
        also = {}
        if new and old:
            also = {f"sql/{new}/{o['database']}": {"database_state": "ONLINE", "mirroring_role": "PRINCIPAL", "recovery_model": "FULL"},
                    f"sql/{old}/{o['database']}": {"database_state": "RESTORING", "mirroring_role": "MIRROR"}}
        forced = o["force"] and not current["synchronized"]
        return [Step("switch_principal", f"The {principal} is principal of {o['database']}, and the {o['principal']} is to be.",
                     {"principal": o["principal"], "synchronized": True if not forced else LATER, "status": ["synchronized"] if not forced else LATER},
                     (lync.fail_over_database(o["pool"], o["database"], o["principal"], forced),), one_way=forced, also=also,
                     settles=Settle(f"the {o['principal']} is principal" + ("" if forced else " and synchronized"),
                                    lambda s: s["principal"] == o["principal"] and (forced or s["synchronized"]), timeout=float(o["timeout"])))]
