"""What a look makes of files whose headers were read, were not read, or show nothing."""

from __future__ import annotations

import pytest
from unit.domain.answers import Answers

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql import (
    backup_files,
    catalog,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import (
    dr_info,
    shipped_logs,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    CmdletFailed,
    Refused,
    SqlFailed,
    TimedOut,
    Unproven,
    Unreachable,
)

SHARE = "\\\\fs\\logs"


def header(first, last):
    return {"BackupType": 2, "FirstLSN": first, "LastLSN": last, "Position": 1, "BackupName": "x"}


class Host:
    """Answers for each batch what is written down for it; an error ends the pipeline that it stands
    in.
    """

    def __init__(self, answers):
        self.answers, self.pipelines = answers, 0

    def read(self, *calls):
        self.pipelines += 1
        out = []
        for call in calls:
            answer = self.answers.get(call.text, [])
            if isinstance(answer, Exception):
                raise answer
            out.append(answer)
        return out


def paths(count):
    return [
        f"{SHARE}\\mgc_2015060108{number // 60:02}{number % 60:02}.trn" for number in range(count)
    ]


def headers_of(host, names):
    places = [("share", name) for name in names]
    return {b["path"]: b for b in shipped_logs._headers(host, places, 0)}


@pytest.mark.parametrize("trouble", [SqlFailed("x"), Unproven("x"), CmdletFailed("x")])
def test_one_file_whose_header_was_not_read_is_unknown_and_the_others_are_read(trouble):
    names = paths(40)
    answers = {backup_files.header(p).text: [header(n, n + 1)] for n, p in enumerate(names)}
    answers[backup_files.header(names[17]).text] = trouble
    host = Host(answers)
    found = headers_of(host, names)
    assert [p for p in names if found[p]["error"] is not None] == [names[17]]
    assert host.pipelines <= 13  # by halves, and not one for each file


def test_a_file_whose_header_shows_nothing_is_unknown_and_never_none():
    found = headers_of(Host({}), paths(1))
    assert "shows no backup" in found[paths(1)[0]]["error"]


def test_thousands_of_waiting_files_are_verified_forty_at_a_time():
    backups = [{"path": p, "position": 1, "damaged": False} for p in paths(400)]
    host = Host({backup_files.verify(backups[5]["path"], 1).text: SqlFailed("x")})
    shipped_logs._mark_damaged(host, backups)
    assert [b["path"] for b in backups if b["damaged"]] == [backups[5]["path"]]
    assert host.pipelines <= 10 + 12


@pytest.mark.parametrize(
    ("error", "silent"),
    [
        (Unreachable("x"), True),
        (TimedOut("x"), False),
        (Unproven("x"), False),
        (SqlFailed("x"), False),
    ],
)
def test_only_silence_is_silent(error, silent):
    assert dr_info.unread(error)["silent"] is silent


# -- how long a host is waited for

LIMITS = {
    "probe_within": 4,
    "probe_again_within": 2,
    "answer_within": 15,
    "silent": ["sql-n1"],
    "ask_others": True,
}


def test_a_host_that_was_silent_in_the_look_before_is_waited_for_less():
    assert dr_info.patience("sql-n1", LIMITS) == 2
    assert dr_info.patience("sql-n2", LIMITS) == 4
    behind_the_door = {**LIMITS, "ask_others": False}
    assert dr_info.patience("sql-n1", behind_the_door) == 1
    assert dr_info.patience("sql-n2", behind_the_door) == 4


@pytest.mark.parametrize("name", ["probe_within", "probe_again_within", "answer_within"])
def test_a_look_without_any_time_to_answer_is_refused(name):
    with pytest.raises(Refused, match=f"{name} is 0") as found:
        dr_info.refuse_impatience({**LIMITS, name: 0})
    assert found.value.code == "bad_option"


def test_a_look_with_the_default_limits_is_not_refused():
    dr_info.refuse_impatience(
        {name: spec.get("default") for name, spec in dr_info.DR_INFO_SPEC.items()}
    )


def test_a_file_server_tells_what_is_free_where_its_shares_lie():
    host = "fs-s1.contoso.example"
    shares = [{"Name": "pchat-logs", "Path": "D:\\logs"}, {"Name": "Seeds$", "Path": "e:\\seeds"}]
    disks = [{"DeviceID": "D:", "FreeSpace": 5 << 20}, {"DeviceID": "E:", "FreeSpace": 7 << 20}]
    options = {
        "log_share": "\\\\FS-S1.contoso.example\\pchat-logs\\mgc",
        "seed_share": "\\\\fs-s1.contoso.example\\seeds$",
    }
    assert dr_info.read_room(Answers([shares, disks]), host, options) == {"log": 5, "seed": 7}
    elsewhere = {**options, "log_share": "\\\\nas.contoso.example\\pchat-logs"}
    assert dr_info.read_room(Answers([shares, disks]), host, elsewhere) == {"seed": 7}
    assert dr_info.read_room(Answers([shares, []]), host, options) == {}


def test_a_file_server_that_cannot_list_its_shares_answers_all_the_same():
    class Old:
        def read(self, *statements):
            if len(statements) > 1:
                raise CmdletFailed("Get-SmbShare is not recognized")
            return [[{"Name": "FS-S1"}]]

    options = {"log_share": "\\\\fs\\logs", "seed_share": ""}
    assert dr_info.read_room(Old(), "fs", options) == {}


ASKED = {
    "estate": {
        "pool": "chat.contoso.example",
        "fqdn": {"sql-s1": "sql-s1.contoso.example"},
        "instance": {"sql-s1": ""},
    },
    "databases": ["mgc", "mgccomp"],
    "log_share": SHARE,
    "copy_folder": "D:\\copied",
    "seed_share": "\\\\fs\\seeds",
}


@pytest.mark.parametrize("slot", ["primary", "backup", "witness"])
def test_an_instance_tells_everything_in_one_pipeline_and_the_time_last(slot):
    class Empty(Answers):
        def read(self, *calls):
            self.asked.append(calls)
            return [[folders] if call == catalog.default_folders() else [] for call in calls]

    folders = {"data": "D:", "log": "L:"}
    host = Empty()
    dr_info.read_sql(host, "sql-s1", slot, ASKED)
    (calls,) = host.asked
    assert calls[-1] == catalog.instance()
    shares = [call for call in calls if SHARE in str(call)]
    assert len(shares) == {"primary": 1, "backup": 3, "witness": 0}[slot]
