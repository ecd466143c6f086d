"""Jobs that back up our log are found by what they do; others are left alone."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver._foreign_jobs import (  # noqa: E501
    jobs_on,
)


def plan(action, selection, *names):
    chosen = "".join(
        f'<SQLTask:SelectedDatabases SQLTask:DatabaseName="{name}"/>' for name in names
    )
    return (
        f'<SQLTask:SqlTaskData SQLTask:DatabaseSelectionType="{selection}"'
        f' SQLTask:BackupAction="{action}">{chosen}</SQLTask:SqlTaskData>'
    )


def found(command, package=None, subsystem="TSQL"):
    return jobs_on(
        [{"job": "Nightly", "subsystem": subsystem, "command": command, "package": package}],
        ["mgc", "mgccomp"],
    ) == ["Nightly"]


@pytest.mark.parametrize(
    "command",
    [
        "BACKUP LOG [mgc] TO DISK = N'NUL'",
        "backup  log\nMGC to disk='x'",
        "BACKUP TRANSACTION mgccomp TO DISK = 'x'",
        "BACKUP LOG @name TO DISK = @path",
        "EXECUTE dbo.DatabaseBackup @Databases = 'USER_DATABASES', @BackupType = 'LOG'",
        (
            "EXECUTE [dbo].[DatabaseBackup] @Databases = 'ALL_DATABASES, -crm', @Directory ="
            " N'D:\\b', @BackupType = N'LOG', @Verify = 'Y'"
        ),
        "EXECUTE dbo.DatabaseBackup @Databases = 'mg%', @BackupType = 'LOG'",
        "EXECUTE dbo.DatabaseBackup @Databases = @list, @BackupType = 'LOG'",
        (
            'sqlcmd -E -S $(ESCAPE_SQUOTE(SRVR)) -d master -Q "EXECUTE [dbo].[DatabaseBackup]'
            " @Databases = 'USER_DATABASES', @BackupType = 'LOG'\" -b"
        ),
        "sqlcmd -E -Q \"BACKUP LOG [mgc] TO DISK='D:\\x.trn'\"",
        "EXEC master.dbo.xp_backup_log @database = N'mgc', @filename = N'x'",
        "Backup-SqlDatabase -ServerInstance . -Database mgc -BackupAction Log",
        "Backup-DbaDatabase -SqlInstance . -Type Log",
    ],
)
def test_a_step_that_backs_up_our_log_is_found(command):
    assert found(command)


@pytest.mark.parametrize(
    "command",
    [
        "BACKUP LOG [crm] TO DISK = N'x'",
        "BACKUP LOG [mgc_old] TO DISK = N'x'",
        "BACKUP DATABASE [mgc] TO DISK = N'x'",
        "-- BACKUP LOG mgc is not done here",
        "/* BACKUP LOG [mgc] TO DISK = 'x' */ SELECT 1",
        "EXECUTE dbo.DatabaseBackup @Databases = 'USER_DATABASES', @BackupType = 'FULL'",
        (
            "EXECUTE dbo.DatabaseBackup @Databases = 'USER_DATABASES, -mgc, -mgccomp', @BackupType"
            " = 'LOG'"
        ),
        "EXECUTE dbo.DatabaseBackup @Databases = 'crm', @BackupType = 'LOG'",
        "sqllogship.exe -Backup 1 -server SQL-N1",
        "EXEC master.dbo.xp_backup_log @database = N'crm'",
        "Backup-SqlDatabase -Database crm -BackupAction Log",
        "Backup-SqlDatabase -Database mgc",
    ],
)
def test_a_step_that_does_something_else_is_not(command):
    assert not found(command)


@pytest.mark.parametrize(
    ("package", "ours"),
    [
        (plan(2, 3), True),
        (plan(2, 1), True),
        (plan(2, 4, "mgc"), True),
        (plan(2, 4, "crm"), False),
        (plan(0, 3), False),
        (plan(0, 3) + plan(2, 4, "crm"), False),
        (plan(0, 4, "mgc") + plan(2, 4, "crm", "mgccomp"), True),
    ],
)
def test_a_maintenance_plan_is_judged_by_each_of_its_tasks(package, ours):
    assert found('/SQL "Maintenance Plans\\Nightly" /SERVER .', package, "SSIS") is ours
