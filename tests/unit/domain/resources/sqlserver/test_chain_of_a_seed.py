"""The chain from which a copy is seeded leads to where the next log backup begins, or is none."""

from __future__ import annotations

import pytest
from unit.domain.answers import Answers, make, names

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    database_backup,
)

FOLDER = r"\\fs-s1\pchat-seed"


def backup(kind, name, first, last):
    return {
        "name": "mgc",
        "type": kind,
        "copy_only": False,
        "path": f"{FOLDER}\\{name}",
        "stamp": "pchat mirror_seed" if kind == "D" else None,
        "fork": "F1",
        "family": "P",
        "uuid": name,
        "position": 1,
        "first_lsn": str(first),
        "last_lsn": str(last),
        "age_minutes": 60,
        "device_type": 2,
        "families": 1,
    }


SEED = backup("D", "mgc_mirror_seed.bak", 100, 120)
LOG = backup("L", "mgc_mirror_seed.trn", 90, 130)
SHIPPED = backup("L", "mgc_20150601080000.trn", 130, 150)


def chain(next_log, *taken, log=True):
    """(names of its backups, steps that the task would take)"""
    resource = make(
        database_backup.DatabaseBackup,
        database_backup.DATABASE_BACKUP_SPEC,
        database="mgc",
        directory=FOLDER,
        stamp="mirror_seed",
        log=log,
    )
    row = {
        "name": "mgc",
        "database_state": "ONLINE",
        "recovery_model": "FULL",
        "mirroring_role": None,
        "recovery_fork": "F1",
        "last_log_backup_lsn": next_log,
    }
    facts = resource.read(Answers([[row], list(taken), []]))
    found = [link["uuid"] for link in facts["chain"]]
    return found, names(resource.plan(facts))


def test_what_leads_to_the_next_log_backup_is_taken_as_it_is():
    assert chain("150", SEED, LOG, SHIPPED) == ([SEED["uuid"], LOG["uuid"], SHIPPED["uuid"]], [])
    assert chain("100", SEED, log=False) == ([SEED["uuid"]], [])


@pytest.mark.parametrize("next_log", ["151", None])
def test_a_log_that_nobody_knows_of_or_another_recovery_model_makes_a_seed_useless(next_log):
    """SQL Server refuses the session then (1412), run after run."""
    found, steps = chain(next_log, SEED, LOG, SHIPPED)
    assert found == []
    assert steps == ["back_up_database", "back_up_log"]
