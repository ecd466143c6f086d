"""A campaign: what others change behind the estate's back, one thing and several at once; one run
mends all of it, as check mode said, the next one changes nothing.

In ./run test there is one set of changes, in test_site.py.
"""

from __future__ import annotations

import random

import pytest

from support import labs
from support.console import console, sql

pytestmark = pytest.mark.campaign
NORTH, MIRROR, SOUTH = (f"sql-{n}.contoso.example" for n in ("n1", "n2", "s1"))
CALL = "DECLARE @rc int; EXEC @rc = "
#: name -> (host, T-SQL) or (host, cmdlet, parameters)
CHANGES = {
    "backup job disabled": (
        NORTH,
        CALL + "msdb.dbo.sp_update_job @job_name = N'LSBackup_mgc', @enabled = 0;",
    ),
    "copy job disabled": (
        SOUTH,
        CALL + "msdb.dbo.sp_update_job @job_name = N'LSCopy_SQL-N1_mgc', @enabled = 0;",
    ),
    "no witness": (NORTH, "ALTER DATABASE [mgc] SET WITNESS OFF"),
    "no witness of mgccomp": (NORTH, "ALTER DATABASE [mgccomp] SET WITNESS OFF"),
    "partner time-out": (NORTH, "ALTER DATABASE [mgc] SET PARTNER TIMEOUT 30"),
    "session removed": (NORTH, "ALTER DATABASE [mgc] SET PARTNER OFF"),
    "session of mgccomp removed": (NORTH, "ALTER DATABASE [mgccomp] SET PARTNER OFF"),
    "mirror's endpoint stopped": (MIRROR, "ALTER ENDPOINT [Mirroring] STATE = STOPPED"),
    "mirror turns its partner away": (
        MIRROR,
        "REVOKE CONNECT ON ENDPOINT::[Mirroring] FROM [CONTOSO\\sqlsvc]",
    ),
    "retention": (
        NORTH,
        CALL + "master.dbo.sp_change_log_shipping_primary_database @database = N'mgc',"
        " @backup_retention_period = 99;",
    ),
    "secondary forgotten": (
        NORTH,
        CALL + "master.dbo.sp_delete_log_shipping_primary_secondary @primary_database = N'mgc', "
        "@secondary_server = N'SQL-S1', @secondary_database = N'mgc';",
    ),
    "restore delay": (
        SOUTH,
        CALL + "master.dbo.sp_change_log_shipping_secondary_database @secondary_database = N'mgc',"
        " @restore_delay = 30;",
    ),
    "secondary half removed": (
        SOUTH,
        CALL + "master.dbo.sp_delete_log_shipping_secondary_database @secondary_database = N'mgc';",
    ),
    "a server stopped": (
        "chat-n3.contoso.example",
        "Stop-CsWindowsService",
        {"Name": "RTCCHAT", "Confirm": False},
    ),
    "a server of the backup site stopped": (
        "chat-s1.contoso.example",
        "Stop-CsWindowsService",
        {"Name": "RTCCHAT", "Confirm": False},
    ),
    "other active servers": (
        "fe-n1.contoso.example",
        "Set-CsPersistentChatActiveServer",
        {
            "Identity": "PersistentChatServer:chat.contoso.example",
            "ActiveServers": ["chat-n1.contoso.example", "chat-n3.contoso.example"],
        },
    ),
}
ALONE = [(name,) for name in CHANGES]
SEVERAL = [tuple(random.Random(seed).sample([*CHANGES], 2 + seed % 4)) for seed in range(20)]


@pytest.fixture(scope="module")
def built():
    with labs.running("default") as lab:
        assert lab.play("site").rc == 0
        lab.chatlab("chat", "post", "5")
        lab.chatlab("clock", "advance", "40m")
        lab.chatlab("checkpoint", "built")
        yield lab


def change(lab, name):
    host, what, *parameters = CHANGES[name]
    if not parameters:
        sql(lab, host, what)
        return
    with console(lab, host.partition(".")[0]) as run:
        run(what, **parameters[0])


@pytest.mark.parametrize("later", ["0", "20m"])
@pytest.mark.parametrize("names", ALONE + SEVERAL, ids=", ".join)
def test_it_is_mended_as_predicted(built, names, later):
    built.chatlab("revert", "built")
    for name in names:
        change(built, name)
    built.chatlab("clock", "advance", later)
    check, real, again = (
        built.play("site", "--check", "--diff"),
        built.play("site"),
        built.play("site"),
    )
    assert (check.rc, real.rc, again.rc) == (0, 0, 0), [
        run.failures() for run in (check, real, again)
    ]
    assert len(real.told()) >= 1
    if len(names) == 1:
        assert check.told() == real.told()
    else:
        # One change may hide another one: a mirror that is cut off does not know that its session
        # was removed, and check mode reads what it says.
        assert [step for step in check.told() if step not in real.told()] == []
    assert again.changed == 0
    built.chatlab("clock", "advance", "60m")
    assert built.chatlab("chat", "verify")["lost"] in (0, [])
    assert built.chatlab("journal", "--impossible") == []
