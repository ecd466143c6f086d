"""Every assumption can be refuted: on an estate where all hold, one altered fact refutes exactly
the one that it is about.
"""

from __future__ import annotations

import pathlib
import re

import pytest
from unit.domain.fidelity.estate import CHAT, LYNC, SQL, looks

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity.assumptions import (  # noqa: E501
    ASSUMPTIONS,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity.fidelity_report import (  # noqa: E501
    judge,
    report,
)

ROOT = pathlib.Path(__file__).parents[4]


def put(*path_and_value):
    """An alteration: the value at this path of one host's state."""
    *path, key, value = path_and_value

    def alter(estate):
        for step in path:
            estate = estate[step]
        estate[key] = value

    return alter


def without(*path):
    def alter(estate):
        for step in path[:-1]:
            estate = estate[step]
        estate.remove(path[-1]) if isinstance(estate, list) else estate.pop(path[-1])

    return alter


ALTERED = {
    "structured-commands": put(
        CHAT, "commands", "_error", "The syntax is not supported by this runspace."
    ),
    "commands-exist": without(LYNC, "commands", "Set-CsPersistentChatActiveServer"),
    "command-parameters": without(LYNC, "commands", "Publish-CsTopology", "parameters", "FileName"),
    "module-loads": put(
        LYNC,
        "calls",
        0,
        {
            "call": "Get-CsService",
            "cmdlet": "Get-CsService",
            "records": 0,
            "properties": {},
            "error": "not recognized",
        },
    ),
    "reconnect": put(SQL, "taken_up", False),
    "statement-errors": put(CHAT, "statements", "unknown cmdlet", "named_first", False),
    "later-statements": put(LYNC, "statements", "unknown parameter", "ran", False),
    "batch-end": put(
        SQL,
        "sql",
        "failing",
        "batches",
        "in rows",
        {"arrived": True, "numbers": [], "rows": None, "text": ""},
    ),
    "script-errors": put(SQL, "sql", "failing", "batches", "later", "arrived", False),
    "single-run": put(SQL, "sql", "failing", "batches", "later", "rows", 2),
    "sqlcmd-module": put(SQL, "sql", "info", "sql_tools", "parameters", ["Query"]),
    "certificate": put(SQL, "sql", "info", {}),
    "guard-text": put(SQL, "sql", "failing", "code", "sql_failed"),
    "message-prefix": put(
        SQL,
        "sql",
        "failing",
        "batches",
        "first",
        "text",
        "Msg 50000, Level 16: Nothing was changed",
    ),
    "sqlcmd-values": put(SQL, "sql", "probe", "long_text", "x" * 4000),
    "service-properties": put(LYNC, "calls", 0, "properties", "ActiveServers", False),
    "store-format": put(LYNC, "lync", "stores", "PersistentChatDatabase", "sql.example\\rtc"),
    "store-instance": put(
        LYNC, "lync", "stores", "PersistentChatDatabase", "PersistentChatDatabase:sql.example"
    ),
    "object-properties": put(LYNC, "calls", 1, "properties", "Path", False),
    "topology-document": put(
        LYNC,
        "lync",
        "document",
        "<Topology xmlns='urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2020'/>",
    ),
    "test-database": without(LYNC, "lync", "database_rows", 0, "SqlInstanceName"),
    "mirror-status-name": without(LYNC, "lync", "mirror_rows", 0, "MirroringStatusOnSecondary"),
    "service-display-names": put(CHAT, "services", {}),
    "service-names": put(CHAT, "services", {"LyncChat": "Lync Server Persistent Chat"}),
    "view-columns": without(
        SQL, "sql", "columns", "msdb.log_shipping_secondary", "file_retention_period"
    ),
    "procedure-parameters": without(
        SQL,
        "sql",
        "procedures",
        "master.sp_add_log_shipping_primary_database",
        "parameters",
        "@backup_compression",
    ),
    "procedure-defaults": put(
        SQL, "sql", "procedures", "msdb.sp_attach_schedule", "defaults", "@automatic_post", None
    ),
    "message-numbers": without(SQL, "sql", "messages", "14421"),
    "sql-service-names": put(SQL, "sql", "info", "agent_account", None),
    "default-domain": put(SQL, "sql", "probe", "domain", "WORKGROUP"),
    "simple-recovery": put(SQL, "sql", "info", "databases", "new", "recovery_model", "FULL"),
    "recovery-fork": put(SQL, "sql", "backup_forks", "mgc", "99999999-2222-3333-4444-555555555555"),
    "redo-lsn": put(SQL, "sql", "info", "databases", "copy", "redo_lsn", None),
    "restoring-fork": put(SQL, "sql", "info", "databases", "copy", "recovery_fork", None),
}


def verdicts(estate):
    return {entry["id"]: entry["verdict"] for entry in judge(estate)}


def test_every_check_confirms_on_an_estate_where_all_holds():
    told = verdicts(looks())
    assert {i for i, verdict in told.items() if verdict == "confirmed"} == {
        a.id for a in ASSUMPTIONS if a.check
    }
    assert "refuted" not in told.values()


@pytest.mark.parametrize("identity", sorted(ALTERED))
def test_one_altered_fact_refutes_the_one_assumption(identity):
    estate = looks()
    ALTERED[identity](estate)
    assert {i for i, verdict in verdicts(estate).items() if verdict == "refuted"} == {identity}


def test_there_is_an_alteration_for_every_check():
    assert set(ALTERED) == {a.id for a in ASSUMPTIONS if a.check}


def test_backups_from_before_a_restore_tell_nothing_about_the_fork():
    estate = looks()
    ALTERED["recovery-fork"](estate)
    estate[SQL]["sql"]["info"]["databases"]["mgc"]["restored_at"] = "2015-06-01T09:00:00Z"
    assert verdicts(estate)["recovery-fork"] == "not_checkable"


def test_what_no_host_can_tell_is_not_checkable_and_says_why():
    told = judge({})
    assert {entry["verdict"] for entry in told} == {"not_checkable"}
    assert all(entry["why"] for entry in told)


def test_a_host_that_refutes_outweighs_those_that_confirm():
    estate = looks()
    estate["sql-2.example"] = {**looks()[SQL], "taken_up": False}
    assert verdicts(estate)["reconnect"] == "refuted"


def test_hosts_that_did_not_answer_are_named_and_judged_by_nobody():
    facts = {host: {"state": state} for host, state in looks().items()}
    told = report(
        {
            "facts": {
                **facts,
                "dark.example": {"unreachable": True, "msg": "it does not answer in time"},
                "other.example": {},
            }
        }
    )
    assert told["report"]["not_asked"] == {
        "dark.example": "it does not answer in time",
        "other.example": "was not asked",
    }
    assert "not asked      dark.example: it does not answer in time" in told["lines"]
    assert told["refuted"] == []


def test_lines_tell_refuted_assumptions_first_with_what_was_seen():
    facts = {host: {"state": state} for host, state in looks().items()}
    facts[SQL]["state"]["sql"]["messages"].pop("14421")
    told = report({"facts": facts})
    assert told["refuted"] == ["message-numbers"]
    assert told["lines"][1].startswith("refuted        message-numbers: ")
    assert told["lines"][2].strip() == "sql.example: 14421: there is none"


def test_each_assumption_has_either_a_check_or_a_reason_for_having_none():
    assert [a.id for a in ASSUMPTIONS if (a.check is None) != bool(a.why_not)] == []
    assert len({a.id for a in ASSUMPTIONS}) == len(ASSUMPTIONS)


def test_the_documentation_lists_the_same_assumptions_in_the_same_order():
    rows = re.findall(
        r"^\| `([a-z-]+)` \|(.*)\|$",
        (ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert [identity for identity, _rest in rows] == [a.id for a in ASSUMPTIONS]
    told = {identity: rest.rsplit("|", 1)[1].strip() for identity, rest in rows}
    assert {i for i, text in told.items() if not text.startswith("no")} == {
        a.id for a in ASSUMPTIONS if a.check
    }
