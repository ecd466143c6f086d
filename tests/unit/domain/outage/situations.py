"""An estate for each situation, the same for every test: name -> estate.

What follows a ``_`` in a name tells two estates of one situation apart.
"""

from __future__ import annotations

from unit.domain.outage.estates import (
    GONE,
    MINE,
    REFUSES,
    failed_over,
    healthy,
    intent,
    log,
    site_lost,
    tail,
    with_copies,
)

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.estate import (
    Estate,
)

ALONE = {"role": None, "mirroring": None}
#: The partners of the backup site, after the witness there let them change roles.
SWITCHED = {
    "backup": {"state": "RESTORING", "role": "MIRROR", "redo_lsn": 400},
    "backup_mirror": {
        "state": "ONLINE",
        "role": "PRINCIPAL",
        "redo_lsn": None,
        "safety": "FULL",
        "fork": "F1",
    },
}
#: Somebody restored an old backup over the copy in use, or a way home lost its record.
VANISHED = {"backup": {"state": "RESTORING", "redo_lsn": 150, **ALONE}}
SITUATIONS: dict[str, Estate] = {
    "Healthy": healthy(),
    "Unknown": with_copies(healthy(), backup=GONE),
    "NotPublished": healthy(published=False),
    "SplitBrain": failed_over(pool_state="Normal"),
    "FailbackCallable": failed_over(active=(), intent=intent("failback")),
    "PrimarySeeded": with_copies(
        failed_over(active=(), intent=intent("failback")),
        primary={"state": "RESTORING", "seed": MINE},
    ),
    "BackupRecovered": with_copies(failed_over(pool_state="Normal", active=())),
    "BackupMirrorAlone": with_copies(
        failed_over(put_to_work=None), **{**SWITCHED, "backup": {"state": None, **ALONE}}
    ),
    "FailedOverUnprotected": with_copies(failed_over(), backup=ALONE),
    "FailoverEnding": failed_over(intent=intent("failover")),
    "BackupSwitched": with_copies(failed_over(), **SWITCHED),
    "FailedOver": failed_over(),
    "TwoPrincipals": with_copies(
        healthy(),
        primary={"mirroring": "DISCONNECTED", "role_sequence": 1},
        mirror={
            "state": "ONLINE",
            "role": "PRINCIPAL",
            "mirroring": "DISCONNECTED",
            "role_sequence": 2,
        },
    ),
    "StrayCopy": with_copies(
        healthy(), backup={"state": "ONLINE", "redo_lsn": None, "linked": False}
    ),
    "BackupPrincipalLost": with_copies(failed_over(), **{**SWITCHED, "backup_mirror": GONE}),
    "CopyVanished": with_copies(failed_over(), **VANISHED),
    "MirrorAlone": with_copies(
        healthy(),
        primary={"state": "RESTORING", "redo_lsn": 211, **ALONE},
        mirror={"state": "ONLINE", "redo_lsn": None, **ALONE},
    ),
    "MirrorAlone_missing": with_copies(
        healthy(),
        primary={"state": None, **ALONE},
        mirror={"state": "ONLINE", "redo_lsn": None, "role": "PRINCIPAL"},
    ),
    "Unprotected": with_copies(healthy(), backup={"state": None}),
    "TailTaken": with_copies(
        healthy(
            active=(),
            intent=intent("failover"),
            logs=(log(150, 200, "copied"), tail(MINE, 200, 211)),
        ),
        primary={"state": "RESTORING", "tail": MINE, "redo_lsn": 211, **ALONE},
        mirror=ALONE,
    ),
    "FailbackEnding": healthy(active=(), intent=intent("failback")),
    "FailoverCallable": healthy(intent=intent("failover")),
    "FailoverCallable_undeclared": with_copies(healthy(active=()), backup={"linked": False}),
    "PrimaryRefuses": with_copies(site_lost(), primary=REFUSES, mirror=REFUSES),
    "PrimaryRefuses_mirror": with_copies(site_lost(), mirror=REFUSES),
    "PrimaryUnseen": site_lost(seen_from=("chat-s1 reaches sql-n1",)),
    "PrimaryLost": site_lost(),
    "MirrorRemedy": with_copies(healthy(), primary=GONE, mirror={"mirroring": "DISCONNECTED"}),
    "PrimaryDown": with_copies(healthy(), primary={"state": "SUSPECT", **ALONE}, mirror=ALONE),
    "CopyClosed": with_copies(healthy(), primary={"closed_by": ("RESTRICTED_USER",)}),
    "CopyClosed_read_only": with_copies(
        healthy(), primary={"closed_by": ("READ_ONLY",), **ALONE}, mirror=ALONE
    ),
    "Unlinked": with_copies(healthy(), backup={"linked": False}),
    "Unlinked_job": with_copies(healthy(), backup={"stalled": True}),
    "Unlinked_principal": with_copies(healthy(), primary={"ships_enabled": False}),
    "ChainBroken": with_copies(
        healthy(),
        primary={"last_backup_path": "NUL", "last_backup_end": 208, "last_backup_lsn": 208},
    ),
    "StoreLost": healthy(store="local", active=None),
    "MirrorLost": with_copies(healthy(), primary={"mirroring": "DISCONNECTED"}, mirror=GONE),
    "Fenced": healthy(active=()),
    "Degraded": with_copies(healthy(), backup_mirror=GONE),
}
