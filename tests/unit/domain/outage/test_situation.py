"""Every situation has a name, and the first one that fits is told."""

from __future__ import annotations

import pytest
from unit.domain.outage.estates import (
    AWAY,
    GONE,
    MINE,
    REFUSES,
    failed_over,
    healthy,
    intent,
    site_lost,
    with_copies,
    with_estate,
)

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.situation import (
    TABLE,
    classify,
)

ALONE = {"role": None, "mirroring": None}
CASES = [
    ("Healthy", healthy()),
    ("Unknown", with_copies(healthy(), backup=GONE)),
    ("NotPublished", healthy(published=False)),
    ("SplitBrain", failed_over(pool_state="Normal")),
    ("FailbackCallable", failed_over(active=(), intent=intent("failback"))),
    (
        "PrimarySeeded",
        with_copies(
            failed_over(active=(), intent=intent("failback")),
            primary={"state": "RESTORING", "seed": MINE},
        ),
    ),
    ("BackupRecovered", with_copies(failed_over(pool_state="Normal", active=()))),
    ("FailedOverUnprotected", with_copies(failed_over(), backup=ALONE)),
    ("FailedOver", failed_over()),
    (
        "TwoPrincipals",
        with_copies(
            healthy(), mirror={"state": "ONLINE", "role": "PRINCIPAL", "mirroring": "DISCONNECTED"}
        ),
    ),
    (
        "StrayCopy",
        with_copies(healthy(), backup={"state": "ONLINE", "redo_lsn": None, "linked": False}),
    ),
    ("Unprotected", with_copies(healthy(), backup={"state": None})),
    (
        "TailTaken",
        with_copies(
            healthy(active=()), primary={"state": "RESTORING", "tail": MINE, **ALONE}, mirror=ALONE
        ),
    ),
    ("FailbackEnding", healthy(active=(), intent=intent("failback"))),
    ("FailoverCallable", healthy(intent=intent("failover"))),
    ("FailoverCallable", with_copies(healthy(active=()), backup={"linked": False})),
    ("PrimaryRefuses", with_copies(site_lost(), primary=REFUSES, mirror=REFUSES)),
    ("PrimaryRefuses", with_copies(site_lost(), mirror=REFUSES)),
    ("PrimaryLost", site_lost()),
    ("MirrorRemedy", with_copies(healthy(), primary=GONE, mirror={"mirroring": "DISCONNECTED"})),
    ("PrimaryDown", with_copies(healthy(), primary={"state": "SUSPECT", **ALONE}, mirror=ALONE)),
    ("Unlinked", with_copies(healthy(), backup={"linked": False})),
    (
        "ChainBroken",
        with_copies(healthy(), primary={"last_backup_path": "NUL", "last_backup_end": 10**9}),
    ),
    ("StoreLost", healthy(store="local", active=None)),
    ("MirrorLost", with_copies(healthy(), primary={"mirroring": "DISCONNECTED"}, mirror=GONE)),
    ("Fenced", healthy(active=())),
    ("Degraded", with_copies(healthy(), backup_mirror=GONE)),
]


@pytest.mark.parametrize(
    ("name", "estate"), CASES, ids=[f"{n}-{name}" for n, (name, _e) in enumerate(CASES)]
)
def test_a_situation_is_named(name, estate):
    assert classify(estate).name == name


def test_every_row_of_the_table_is_reached():
    assert {name for name, _e in CASES} == {name for name, _holds, _text in TABLE}


def test_a_mirror_that_lacks_what_was_shipped_is_no_remedy():
    behind = with_copies(
        healthy(), primary=GONE, mirror={"mirroring": "DISCONNECTED", "redo_lsn": 150}
    )
    assert classify(behind).name == "PrimaryDown"


def test_active_servers_of_the_backup_site_are_no_split():
    assert classify(with_estate(failed_over(), active=AWAY)).name == "FailedOver"
