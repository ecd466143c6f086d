"""The plays of the roles' READMEs, each by itself, on an estate that is as it should be."""

from __future__ import annotations

import pytest

from support.console import sql


@pytest.mark.parametrize(
    "role",
    [
        "preflight",
        "stretched_pool",
        "mirror",
        "log_shipping_primary",
        "log_shipping_secondary",
        "status",
    ],
)
def test_a_role_alone_finds_nothing_to_do_where_the_whole_was_built(built_lab, role):
    run = built_lab.play(f"../examples/plays/{role}")
    assert run.rc == 0, run.output[-3000:]
    assert run.changed == 0
    assert f"TASK [lync.persistent_chat.{role} : " in run.output, "the role's own tasks"


@pytest.mark.parametrize("mirror", ["gone as well", "left alone"])
def test_the_pool_s_role_installs_no_empty_database_beside_the_only_copy(built_lab, mirror):
    """It has no preflight, which a build has."""
    lab = built_lab
    lab.chatlab("revert", "built")
    sql(lab, "sql-n1", "ALTER DATABASE [mgc] SET PARTNER OFF; DROP DATABASE [mgc]")
    if mirror == "gone as well":
        sql(lab, "sql-n2", "DROP DATABASE [mgc]")
    since = lab.chatlab("journal")[-1]["number"]
    run = lab.play("../examples/plays/stretched_pool")
    lab.chatlab("revert", "built")
    told = " ".join(run.output.split())
    assert run.rc
    assert "sql-n1.contoso.example lacks what others have" in told
    assert "mgc on sql-s1.contoso.example (RESTORING)" in told
    assert ("mgc on sql-n2.contoso.example" in told) == (mirror == "left alone")
    assert lab.chatlab("journal", "--writes", "--since", str(since)) == []
