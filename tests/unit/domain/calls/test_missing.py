"""A cmdlet that is not there is a finding of its own: named, with what mends it, and never taken
for an answer about the world.
"""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.missing import (
    MODULES,
    module_of,
    named,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.estate.checks_machines import (  # noqa: E501
    machine_findings,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.estate.seen import Seen
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity import used
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity.fidelity_info import (  # noqa: E501
    FidelityInfo,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity.fidelity_report import (  # noqa: E501
    judge,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import (
    pool_look,
    shipped_logs,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.seen import (
    estate_seen,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.lync import (
    central_store,
    topology,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.windows import (  # noqa: E501
    folder,
    host_info,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.engine import converge
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    CmdletMissing,
    Refused,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import (
    READABLE,
    Cmdlet,
)


class Hiding:
    """A session in which some cmdlets are not there; the others answer what ``answers`` says, by
    name.
    """

    def __init__(self, *hidden, **answers):
        self.hidden, self.answers = (
            hidden,
            {name.replace("_", "-"): rows for name, rows in answers.items()},
        )

    def read(self, *calls):
        out = []
        for call in calls:
            name = call.name if isinstance(call, Cmdlet) else "Invoke-Sqlcmd"
            if name in self.hidden:
                raise CmdletMissing(
                    f"{name} is not recognized",
                    name=name,
                    error_id="CommandNotFoundException",
                    cmdlet=str(call),
                )
            out.append(self.answers.get(name, []))
        return out

    def run(self, call):
        raise AssertionError(f"{call} was sent")


def test_every_cmdlet_that_is_called_has_a_module():
    assert {
        module_of(name)
        for name in (*used.cmdlets(), "Invoke-Sqlcmd", "Write-Output", "Get-Command")
    } == set(MODULES)


def test_it_is_named_with_its_module_the_host_and_the_command_that_tells_more():
    error = named(
        CmdletMissing("x", name="Get-SmbShare", error_id="CommandNotFoundException"),
        "fs-n1.contoso.example",
    )
    assert str(error).startswith(
        "fs-n1.contoso.example has no cmdlet Get-SmbShare (module SmbShare) in this session"
    )
    assert "`Get-Command -Name Get-SmbShare`" in str(error)
    assert (error.code, error.details["module"]) == ("cmdlet_missing", "SmbShare")


def test_what_is_not_ours_stays_as_it_was():
    error = CmdletMissing("x", name="Get-Nothing")
    assert named(error, "h") is error


def test_a_central_store_that_cannot_be_asked_is_not_moved():
    options = {
        "sql_server": "sql-fe-s1",
        "instance": "",
        "timeout": 1,
        "pool": "",
        "identity": "",
        "members": [],
        "pool_state": "",
    }
    resource = central_store.CentralStore(options, "h")
    with pytest.raises(CmdletMissing):
        converge(resource, Hiding("Get-CsManagementStoreReplicationStatus"), check_mode=False)


def test_a_topology_that_cannot_be_tested_is_not_enabled_again():
    with pytest.raises(CmdletMissing):
        topology.Topology._enabled(Hiding("Test-CsTopology"))


def test_a_check_run_does_not_plan_on_predictions_where_a_cmdlet_is_missing():
    class Resource:
        also_scopes = ()
        scope = "pool/x"

        def read(self, session):
            return {"rows": session.read(Cmdlet("Get-CsService"))[0]}

        def plan(self, current):
            return []

    known = {"pool/x": {READABLE: True, "rows": []}}
    with pytest.raises(CmdletMissing):
        converge(Resource(), Hiding("Get-CsService"), check_mode=True, known=known)


def test_a_backup_is_not_damaged_because_it_could_not_be_verified():
    with pytest.raises(CmdletMissing):
        shipped_logs._mark_damaged(
            Hiding("Invoke-Sqlcmd"),
            [{"path": "\\\\fs\\logs\\mgc.trn", "position": 1, "damaged": False}],
        )


def test_headers_are_not_unreadable_because_nothing_could_be_asked():
    with pytest.raises(CmdletMissing):
        shipped_logs._headers(Hiding("Invoke-Sqlcmd"), [("share", "\\\\fs\\logs\\mgc.trn")], 0)


def test_a_store_does_not_fail_to_answer_because_a_cmdlet_is_missing():
    with pytest.raises(CmdletMissing):
        pool_look.read_pool_state(Hiding("Get-CsService"), "chat.contoso.example")


def test_what_a_host_cannot_tell_of_others_is_unknown_and_said():
    declared = {
        "pool": "p",
        "sql": {"primary": "sql-n1", "mirror": None, "backup": "sql-s1", "backup_mirror": None},
        "management": [],
        "hosts": ["sql-n1", "fe-s1"],
        "servers": {"primary": [], "backup": []},
        "fqdn": {},
        "instance": {},
        "site": {},
    }
    estate = estate_seen(
        {
            "estate": declared,
            "now": None,
            "hosts": {"fe-s1": {"answers": True, "sees": {"sql-n1": None}}},
        }
    )
    assert estate.blind == ("fe-s1 cannot tell whether it reaches sql-n1",)
    assert estate.seen_from == ()


@pytest.mark.parametrize(
    ("folder_there", "drive_there", "comes"),
    [(True, False, {"exists": True}), (False, True, {"exists": False}), (False, False, None)],
)
def test_a_folder_is_missing_only_where_the_session_sees_the_system_drive(
    folder_there, drive_there, comes
):
    class Paths:
        def read(self, *calls):
            return [
                [{"value": drive_there if call.params["LiteralPath"] == "C:\\" else folder_there}]
                for call in calls
            ]

    resource = folder.Folder({"path": "D:\\pchat-copy"}, "sql-s1")
    if comes is None:
        with pytest.raises(Refused, match="sql-s1: this session sees no drive C:") as caught:
            resource.read(Paths())
        assert caught.value.code == "no_file_system"
    else:
        assert resource.read(Paths()) == comes


def test_preflight_tells_a_session_without_files():
    state = {
        "has_lync_tools": True,
        "sees_files": False,
        "services": {},
        "utc_offset_minutes": 0,
        "shares": {},
        "utc_now": None,
    }
    estate = {
        "management": [],
        "servers": {"primary": [], "backup": []},
        "fqdn": {},
        "file_servers": [],
    }
    found = list(
        machine_findings(
            Seen(
                {"estate": estate, "active_servers": [], "log_share": "", "seed_share": ""},
                {},
                {"fs-n1": state},
                {},
            )
        )
    )
    assert [(finding.host, finding.code) for finding in found] == [("fs-n1", "no_file_system")]


def test_host_info_looks_whether_there_are_files():
    answers = {
        "Get-CimInstance": [
            {
                "Name": "X",
                "Domain": "d",
                "DisplayName": "x",
                "State": "Running",
                "DeviceID": "D:",
                "FreeSpace": 1 << 30,
            }
        ],
        "Test-Path": [{"value": False}],
    }
    session = Hiding()
    session.answers = answers
    assert host_info.HostInfo({"sql_tools": False}, "h").read(session)["sees_files"] is False


def _commands(*hidden):
    names = {*used.cmdlets(), "Invoke-Sqlcmd", "Write-Output", "Get-Command"} - set(hidden)
    return [
        {"Name": name, "ModuleName": "", "Parameters": None, "Definition": ""}
        for name in sorted(names)
    ]


@pytest.mark.parametrize(
    ("kind", "hidden"),
    [
        ("sql", "Invoke-Sqlcmd"),
        ("windows", "Get-CimInstance"),
        ("chat", "Get-CimInstance"),
        ("lync", "Get-CsService"),
    ],
)
def test_fidelity_names_what_is_missing_and_does_not_stumble_over_it(kind, hidden):
    session = Hiding(hidden, Get_Command=_commands(hidden))
    info = FidelityInfo(
        {"kinds": [kind], "pool": "chat.contoso.example", "databases": ["mgc"], "sql_instance": ""},
        "h",
    )
    state = {**info.read(session), "taken_up": True}
    assert (state["looked"], state["broken"]) == ([], [])
    told = {entry["id"]: entry for entry in judge({"h": state})}
    assert told["commands-exist"]["verdict"] == "refuted"
    assert (
        f"{hidden} (module {module_of(hidden).name})"
        in told["commands-exist"]["findings"][0]["seen"]
    )
    # this session fails none, on purpose or not
    of_statements = {"statement-errors", "later-statements"}
    assert {
        identity for identity, entry in told.items() if entry["verdict"] == "refuted"
    } - of_statements <= {"commands-exist", "module-loads"}
