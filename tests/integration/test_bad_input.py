"""Wrong inventories, broken hosts and refused options: a clear error, and not one write."""

from __future__ import annotations

import json
import pathlib

import pytest
import yaml

from pchat_lab.estate.document import ESTATES
from support import labs
from support.console import console, sql

FOREIGN_JOB = (
    "DECLARE @j uniqueidentifier; EXEC msdb.dbo.sp_add_job @job_name = N'Nightly logs', @job_id ="
    " @j OUTPUT; EXEC msdb.dbo.sp_add_jobstep @job_id = @j, @step_name = N's', @command = N'BACKUP"
    " LOG mgc TO DISK = N''D:\\x.trn''';"
)


def refused(lab, *arguments, playbook="site"):
    """The codes and the text of a run that must fail and must not write."""
    before = len(lab.chatlab("journal", "--writes"))
    run = lab.play(playbook, *arguments)
    assert run.rc != 0, run.output[-1500:]
    assert len(lab.chatlab("journal", "--writes")) == before
    assert lab.chatlab("journal", "--impossible") == []
    assert lab.chatlab("stats")["total"]["shells"] == 0
    results = [line["result"] for line in run.failures()]
    codes = {r.get("code") for r in results} | {
        f["code"] for r in results for f in r.get("findings") or [] if isinstance(f, dict)
    }
    return codes, " ".join(json.dumps(r) for r in results) + run.output


def extra(**variables):
    return "-e", json.dumps(variables)


def test_a_pool_that_does_not_exist(bare_lab):
    codes, text = refused(
        bare_lab, *extra(pchat_pool="nope.contoso.example", stretched_pool_topology_document="")
    )
    assert "pool_not_found" in codes
    assert "There is no Persistent Chat pool nope.contoso.example in the published topology" in text


def test_too_many_active_and_strangers(bare_lab):
    names = [f"chat-{n}.contoso.example" for n in ("n1", "n2", "s1", "s2", "x")]
    codes, text = refused(bare_lab, *extra(stretched_pool_active_servers=names))
    assert "inventory" in codes
    assert "5 servers are to be active; a pool has at most 4" in text
    assert "chat-x.contoso.example is to be active but not in pchat_servers" in text


def test_double_and_missing_inventory_roles(bare_lab, tmp_path):
    more = {
        "pchat_sql_mirror": {"hosts": {"sql-s3.contoso.example": None}},
        "pchat_servers": {"hosts": {f"chat-z{n}.contoso.example": None for n in range(1)}},
    }
    file = tmp_path / "more.yml"
    file.write_text(yaml.safe_dump(more), encoding="utf-8")
    codes, text = refused(bare_lab, "-i", str(file))
    assert "inventory" in codes
    assert "are all in pchat_sql_mirror; a pool has one host there" in text
    assert "chat-z0.contoso.example is in neither pchat_site_primary nor pchat_site_backup" in text


def test_a_sql_server_that_does_not_answer(bare_lab):
    fault = bare_lab.chatlab("fault", "add", "host", "host=sql-n2")["id"]
    try:
        codes, text = refused(bare_lab)
    finally:
        bare_lab.chatlab("fault", "clear", fault)
    assert "unreachable" in codes
    assert "it does not answer" in text


def test_a_wrong_password(bare_lab):
    codes, text = refused(bare_lab, *extra(ansible_password="not it"))
    assert "unreachable" in codes
    assert "Check ansible_user, ansible_password" in text
    assert "not it" not in text.replace('"ansible_password"', "")


@pytest.fixture(scope="module")
def judged(bare_lab):
    """(codes, text) of a build whose share is not there and whose port is another's, with a
    database in simple recovery that is not to be managed, and a job that backs its log up.
    """
    sql(bare_lab, "sql-n1", "CREATE DATABASE [mgc]; ALTER DATABASE [mgc] SET RECOVERY SIMPLE;")
    sql(bare_lab, "sql-n1", FOREIGN_JOB)
    wrong = {
        "log_shipping_primary_share": "\\\\fs-s1.contoso.example\\nope",
        "mirror_port": 445,
        "mirror_manage_recovery_model": False,
    }
    try:
        return refused(bare_lab, *extra(**wrong))
    finally:
        sql(bare_lab, "sql-n1", "DROP DATABASE [mgc]")
        sql(bare_lab, "sql-n1", "EXEC msdb.dbo.sp_delete_job @job_name = N'Nightly logs'")


def test_shares_and_ports(judged):
    codes, _text = judged
    assert {"no_share", "port_taken"} <= codes


def test_simple_recovery_that_is_not_to_be_managed(judged):
    codes, text = judged
    assert "simple_recovery" in codes
    assert "mgc is in SIMPLE recovery" in text


def test_a_foreign_log_backup_job(judged):
    codes, text = judged
    assert "foreign_log_backup" in codes
    assert "Nightly logs" in text


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("stretched_pool_topology_document", "/dev/null", "bad_document"),
        ("mirror_seed_share", "relative\\path", "bad_path"),
    ],
)
def test_options_that_cannot_be(bare_lab, variable, value, code):
    """Found where they are used: nothing of that task is sent."""
    bare_lab.chatlab("reset")
    run = bare_lab.play("site", *extra(**{variable: value}))
    assert run.rc != 0
    assert code in {line["result"].get("code") for line in run.failures()}
    bare_lab.chatlab("reset")


def twisted(tmp_path: pathlib.Path) -> pathlib.Path:
    """The default estate with one thing wrong in each of several places."""
    estate = yaml.safe_load((ESTATES / "default.yml").read_text(encoding="utf-8"))
    estate["machines"]["chat-n1"]["utc_offset_minutes"] = 120
    estate["sql"]["sql-n1"] = {"server_name": "OLDNAME"}
    estate["sql"]["sql-n2"] = {"edition": "Enterprise Edition (64-bit)"}
    estate["sql"]["sql-n3"]["version"] = "12.0.5000.0"
    estate["sql"]["sql-s1"] = {"agent": "Stopped", "data_folder": "E:\\Data"}
    estate["machines"]["fs-s1"]["shares"]["pchat-seed"]["rights"] = {"CONTOSO\\sqlagent": "Change"}
    file = tmp_path / "twisted.yml"
    file.write_text(yaml.safe_dump(estate), encoding="utf-8")
    return file


def test_all_findings_come_at_once(warm, tmp_path):
    file = twisted(tmp_path)
    with labs.running(
        "default", name=f"twisted-{tmp_path.name}", up=["--estate", str(file)]
    ) as lab:
        lab.warm = warm
        lab.chatlab("fault", "add", "clock", "host=sql-s2", "skew_seconds=600")
        with console(lab, "sql-s1") as run:
            run("Remove-Item", Path="E:\\Data", Recurse=True, Force=True)
        codes, text = refused(lab)
    assert {"time_zone", "edition", "version", "no_agent", "share_denied"} <= codes
    assert {"server_name", "no_folder", "clock"} <= codes
    assert "@@SERVERNAME is OLDNAME, and the instance is SQL-N1" in text
    assert "CONTOSO\\\\sqlsvc may not change files in" in text


def test_an_untrusted_certificate(warm):
    with labs.running("low_bandwidth") as lab:
        lab.warm = warm
        codes, text = refused(lab, *extra(ansible_psrp_ca_cert=None))
    assert "unreachable" in codes
    assert "ansible_psrp_ca_cert" in text


def test_preflight_alone_leaves_nothing_open(bare_lab):
    bare_lab.chatlab("reset")
    run = bare_lab.play("preflight")
    assert (run.rc, run.changed) == (0, 0), run.output[-2000:]
    assert bare_lab.chatlab("stats")["total"]["shells"] == 0
    assert bare_lab.chatlab("journal", "--writes") == []
