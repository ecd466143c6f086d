"""What an administrator has to do in Topology Builder so that a pool is as declared.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from ...documents.pool import DefinedPool
from ...words import plural_ending

#: Slot of a pool -> what Topology Builder calls the boxes of it.
BOXES = {
    "primary": "the SQL Server store",
    "mirror": "'Enable SQL Server store mirroring' and the mirroring SQL Server store",
    "backup": (
        "'Use backup SQL Server stores to enable disaster recovery' and the backup SQL Server store"
    ),
    "backup_mirror": "mirroring of the backup store and the backup SQL Server store mirror",
}


@dataclasses.dataclass(frozen=True)
class WantedPool:
    """A pool as the inventory declares it. Stores: slot -> ``host[\\instance]``. ``next_hop`` and
    ``file_store`` None: whatever it is, is right.
    """

    members: frozenset[str]
    stores: Mapping[str, str | None]
    compliance: bool
    compliance_stores: Mapping[str, str | None]
    next_hop: str | None
    file_store: str | None


def work_order(current: DefinedPool, wanted: WantedPool) -> list[str]:
    """The sentences, one for each thing to do; none when the pool is as declared."""
    return [
        *_members(current, wanted),
        *_stores("", current["stores"] or {}, wanted.stores),
        *_compliance(current, wanted),
        *_one("next hop", current["next_hop"], wanted.next_hop),
        *_one("file store server", current["file_store"], wanted.file_store),
    ]


def _members(current: DefinedPool, wanted: WantedPool) -> Iterator[str]:
    missing = sorted(wanted.members - set(current["members"]))
    extra = sorted(set(current["members"]) - wanted.members)
    if missing:
        yield f"Add the computer{plural_ending(len(missing))} {', '.join(missing)} to the pool."
    if extra:
        yield (
            f"Remove the computer{plural_ending(len(extra))} {', '.join(extra)} from the pool"
            " (or add them to the inventory)."
        )


def _compliance(current: DefinedPool, wanted: WantedPool) -> Iterator[str]:
    have = current["compliance_stores"]
    if wanted.compliance and have is None:
        yield "Tick 'Enable compliance' and choose the compliance SQL Server store."
    elif wanted.compliance:
        yield from _stores("compliance ", have or {}, wanted.compliance_stores)
    elif have is not None:
        yield "Untick 'Enable compliance' (or set pchat_compliance: true)."


def _one(what: str, have: str | None, want: str | None) -> Iterator[str]:
    if want and have != want.lower():
        yield f"Set the {what} to {want} (it is {have})."


def _stores(
    kind: str, current: Mapping[str, str | None], wanted: Mapping[str, str | None]
) -> Iterator[str]:
    """``kind``: '' or 'compliance ', before the word database."""
    for slot, box in BOXES.items():
        have = current.get(slot)
        want = (wanted.get(slot) or "").lower()
        if want and have != want:
            yield f"Set {box} of the {kind}database to {want}{_what_it_is(slot, have)}"
        elif have and not want:
            yield (
                f"Clear {box} of the {kind}database (it is {have}), or declare that host in the"
                " inventory."
            )


def _what_it_is(slot: str, have: str | None) -> str:
    if have:
        return f" (it is {have})."
    if "mirror" not in slot:
        return "."
    return "; on that store tick 'This SQL instance is in mirroring relation' and give its port."
