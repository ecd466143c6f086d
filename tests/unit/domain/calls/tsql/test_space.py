"""How fast the last full backup was, asked of the lab's SQL Server, in process."""

from __future__ import annotations

import datetime as dt
import importlib.util

import pytest

if importlib.util.find_spec("pythonnet") is None:
    pytest.skip(
        "the lab's SQL Server needs .NET: dev/requirements/lab.txt", allow_module_level=True
    )

from lab.tests.sql_core.conftest import SHARE, small_world

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql import space
from pchat_lab.sqlserver.backups import history

MB = 1048576


@pytest.fixture
def mgc():
    """A world where mgc was backed up twice."""
    world = small_world()
    world.run("CREATE DATABASE mgc").check()
    for number in (1, 2):
        world.run(rf"BACKUP DATABASE mgc TO DISK = N'{SHARE}\mgc{number}.bak'").check()
    return world


def lasted(world, number, seconds, megabytes):
    """What msdb is to remember of one of its backups."""
    row = history.rows(world.north, "backupset")[number]
    row["backup_finish_date"] = row["backup_start_date"] + dt.timedelta(seconds=seconds)
    row["backup_size"] = megabytes * MB


def rate(world):
    result = world.run(space.space(["mgc"]).body).check().result_sets[-1]
    names = [column.name for column in result.columns]
    return dict(zip(names, result.rows[0], strict=True))["backup_mb_a_second"]


def test_a_backup_that_was_over_at_once_tells_no_rate(mgc):
    assert rate(mgc) is None
    lasted(mgc, 1, 0, 100)
    assert rate(mgc) is None


def test_the_newest_backup_that_lasted_tells_the_rate_in_whole_megabytes(mgc):
    lasted(mgc, 0, 10, 905)
    assert rate(mgc) == 90
    lasted(mgc, 1, 20, 900)
    assert rate(mgc) == 45
    lasted(mgc, 1, 9, 9000)
    assert rate(mgc) == 90
