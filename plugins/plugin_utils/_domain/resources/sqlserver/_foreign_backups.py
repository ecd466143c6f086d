"""Whether a log backup is log shipping's, by where it lies and what it is called. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence

from ._history import Backup

#: Between the moment that log shipping writes into a name and the begin of the backup.
_NAMED_WITHIN = dt.timedelta(minutes=2)
_DAY_IN_MINUTES = 1440


def not_shipped(taken: Sequence[Backup], folders: Collection[str]) -> Iterator[str]:
    """Paths of log backups that somebody else took within a day, after the first one that was
    shipped.

    What was backed up before it (a mirror's seed, say) is no gap: the secondary is seeded from a
    later backup. ``taken``: of one database, the oldest first. ``folders``: of log shipping; empty
    texts are none.
    """
    has_begun = False
    for backup_set in taken:
        if backup_set["type"] != "L" or backup_set["copy_only"]:
            continue
        if _is_in_one_of(folders, backup_set) or _is_named_by_log_shipping(backup_set):
            has_begun = True
        elif _stopped_the_copy(backup_set):
            # What comes after it is the log of another copy, seeded anew.
            has_begun = False
        elif has_begun and int(backup_set["age_minutes"]) <= _DAY_IN_MINUTES:
            yield backup_set["path"]


def _stopped_the_copy(backup_set: Backup) -> bool:
    """The last log of a copy that a failover or a failback of ours stopped, by its file's name."""
    name = str(backup_set["path"]).rpartition("\\")[2]
    database = re.escape(str(backup_set["name"]))
    return bool(re.fullmatch(rf"{database}_[0-9a-f]{{32}}-(old|tail)\.trn", name, re.IGNORECASE))


def _is_in_one_of(folders: Collection[str], backup_set: Backup) -> bool:
    path = str(backup_set["path"]).lower()
    return any(path.startswith(folder.lower().rstrip("\\") + "\\") for folder in folders if folder)


def _is_named_by_log_shipping(backup_set: Backup) -> bool:
    """``<database>_<UTC of its begin>.trn``, as log shipping names its files (sql-docs, About Log
    Shipping): ours, wherever the share was then.

    Seconds may pass between the name and the begin. Tools that name files alike write local time or
    more words.
    """
    name = str(backup_set["path"]).rpartition("\\")[2]
    database = re.escape(str(backup_set["name"]))
    stamp = re.fullmatch(rf"{database}_(\d{{14}})\.trn", name, re.IGNORECASE)
    if stamp is None or not backup_set["started_at"]:
        return False
    try:
        named = dt.datetime.strptime(stamp[1], "%Y%m%d%H%M%S")
    except ValueError:
        return False
    begun = dt.datetime.strptime(str(backup_set["started_at"])[:19], "%Y-%m-%dT%H:%M:%S")
    return abs(begun - named) <= _NAMED_WITHIN
