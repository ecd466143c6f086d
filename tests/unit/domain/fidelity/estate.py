"""What the hosts of an estate tell on which every assumption that can be checked holds."""

from __future__ import annotations

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql.probes import (  # noqa: E501
    LONG,
    VARIABLE,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity import used
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity.commands import (  # noqa: E501
    expected,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity.numbers import (
    NUMBERS,
)

DOCUMENT = """<Topology xmlns="urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008"><Clusters>
<Cluster Fqdn="pool.example">
<ClusterId SiteId="1" Number="1"/><Machine Fqdn="chat.example"/></Cluster></Clusters>
<Services><Service>
<ServiceId RoleName="PersistentChatService"/>
<InstalledOn><ClusterId SiteId="1" Number="1"/></InstalledOn></Service>
</Services></Topology>"""
SQL, LYNC, CHAT = "sql.example", "fe.example", "chat.example"
FORK = "11111111-2222-3333-4444-555555555555"


def _host(kinds, **more):
    commands = {
        name: {"module": "Lync" if "-Cs" in name else "", "parameters": sorted(parameters)}
        for name, parameters in expected(kinds).items()
    }
    return {
        "kinds": kinds,
        "commands": commands,
        "calls": [],
        "broken": [],
        "lync": None,
        "sql": None,
        "services": None,
        "instance": "",
        "taken_up": True,
        "statements": _statements(),
        **more,
    }


def _call(cmdlet, *properties, error=None):
    return {
        "call": cmdlet,
        "cmdlet": cmdlet,
        "records": 0 if error else 1,
        "properties": dict.fromkeys(properties, True),
        "error": error,
    }


def _database(**facts):
    return {
        "database_state": "ONLINE",
        "recovery_model": "FULL",
        "mirroring_role": None,
        "recovery_fork": FORK,
        "redo_lsn": None,
        "last_full_backup": None,
        "last_log_backup": None,
        "restored_at": None,
        **facts,
    }


def _sql():
    procedures = {
        name: {
            "type": "X" if ".xp_" in name else "P",
            "parameters": dict(arguments),
            "defaults": dict.fromkeys(arguments) | {"@more": "1"},
        }
        for name, arguments in used.procedures().items()
    }
    procedures["msdb.sp_update_job"]["defaults"] = dict.fromkeys(
        used.procedures()["msdb.sp_update_job"], "NULL"
    )
    databases = {
        "mgc": _database(last_full_backup={"started_at": "2015-06-01T08:00:00Z"}),
        "new": _database(recovery_model="SIMPLE"),
        "copy": _database(
            database_state="RESTORING",
            redo_lsn="33000000027200001",
            restored_at="2015-06-01T08:00:00Z",
        ),
    }
    tools = {"module": "SQLPS", "version": "1.0", "parameters": ["IncludeSqlUserErrors", "Query"]}
    return {
        "info": {
            "sql_tools": tools,
            "service_account": "CONTOSO\\sql",
            "agent_account": "CONTOSO\\agent",
            "databases": databases,
        },
        "columns": {view: sorted(names) for view, names in used.columns().items()},
        "procedures": procedures,
        "messages": {str(number): f"... {words} ..." for number, words in NUMBERS.items()},
        "backup_forks": {"mgc": FORK.upper()},
        "probe": {
            "long_text": "x" * LONG,
            "variable": VARIABLE,
            "lsn": "1234567890123456789012345",
            "domain": "CONTOSO",
            "login": "contoso\\me",
            "nothing": None,
            "empty": None,
        },
        "failing": {
            "code": "world_moved",
            "batches": {name: _failed() for name in ("first", "later", "in rows")},
        },
    }


def _failed():
    return {"arrived": True, "numbers": [50000], "rows": 1, "text": "SQL Server refused: ..."}


def _statements():
    """As the engine does it: what stands behind a terminating error runs, what stands behind
    -ErrorAction Stop does not.
    """
    return {
        kind: {"named_first": True, "named_later": True, "ran": "Stop" not in kind}
        for kind in ("unknown cmdlet", "unknown parameter", "stopped by -ErrorAction Stop")
    }


def looks():
    """A fresh estate for each test to alter."""
    lync = {
        "pool": {},
        "document": DOCUMENT,
        "stores": {"PersistentChatDatabase": "PersistentChatDatabase:sql.example\\rtc"},
        "mirror_rows": [["DatabaseName", "MirroringStatusOnPrimary", "MirroringStatusOnSecondary"]],
        "database_rows": [["DatabaseName", "SqlInstanceName", "Succeed"]],
    }
    return {
        SQL: _host(["sql"], sql=_sql(), instance="rtc"),
        LYNC: _host(
            ["lync", "windows"],
            lync=lync,
            calls=[
                _call("Get-CsService", "PoolFqdn", "ActiveServers"),
                _call("Get-SmbShare", "Name", "Path"),
            ],
        ),
        CHAT: _host(["chat"], services={"RTCCHAT": "Lync Server Persistent Chat"}),
    }
