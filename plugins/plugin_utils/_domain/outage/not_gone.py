"""What an outage lost is not gone: where it is, and how it is opened to be read. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..words import plural, short_names
from .estate import Estate


def may_hold_more(estate: Estate) -> bool:
    """Whether an old copy may hold what the pool lacks: the pool runs on its backup copy, and
    nobody sees that a tail stopped a copy of the primary site.
    """
    stopped = [copy for copy in estate.primary_pair if copy.restoring and copy.tail is not None]
    return estate.recovered and not stopped


def in_old_copies(estate: Estate) -> str:
    """Where it is while the pool runs on the backup copy."""
    hosts = short_names(copy.host for copy in estate.primary_pair)
    return (
        f"What was written last in the primary data centre and never left it is in the old copies"
        f" there ({hosts}). failback.yml backs them up before it replaces them; such a backup can"
        f" be opened beside the pool then, to be read: {command(estate)}"
    )


def in_kept_copies(estate: Estate, attempt: str = "") -> str | None:
    """Where it is after a failback: in backups that ``attempt`` kept, '' for all of them. None when
    there are none.
    """
    kept = [path for path in estate.kept if attempt in path.lower()]
    if not kept:
        return None
    return (
        f"{plural(len(kept), 'backup')} of old copies kept: {', '.join(kept)}. What only they hold"
        f" can be opened beside the pool, to be read: {command(estate, kept)}"
    )


def command(estate: Estate, kept: Sequence[str] = ()) -> str:
    """What is run. The file is named where there is more than one."""
    words = [
        "ansible-playbook -i hosts.yml lync.persistent_chat.salvage",
        f"-e salvage_host={estate.backup.host}",
    ]
    if kept and len(estate.kept) > 1:
        file = kept[-1].rpartition("\\")[2]
        words.append(f"-e salvage_file={file}")
    return " ".join(words)
