"""Safeguards that can be switched off, to see that the walks would notice if one were missing.

Each names the world's own part of it (``off``: a guard, an order, a look), the functions of the
planner that are replaced, or both.
"""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t
from collections.abc import Callable, Iterator, Mapping
from unittest import mock

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import (
    chain,
    dr_plan,
    estate,
    failback,
    failover,
    homecoming,
    mirror_failover,
    moves,
    options,
    prerequisites,
    seen,
)

Replace = Callable[[], Mapping[str, t.Any]]
_DR = failover.__name__.rpartition(".")[0]


@dataclasses.dataclass(frozen=True)
class Ablation:
    """``replace``: dotted name inside the planner's package -> what stands there instead."""

    text: str
    off: frozenset[str] = frozenset()
    replace: Replace = dict


def _nothing(*_args: t.Any) -> None:
    return None


def _own_stamps() -> Mapping[str, t.Any]:
    """Any backup of ours passes for this attempt's."""
    real = seen.estate_seen

    def estate_seen(document: t.Any) -> estate.Estate:
        told = real(document)
        if told.intent is None:
            return told
        mine = told.intent.id

        def passes(stamp: str | None) -> str | None:
            return mine if stamp is not None and len(stamp) == 32 else stamp

        copies = {}
        for slot, copy in told.copies.items():
            copies[slot] = dataclasses.replace(
                copy, full=passes(copy.full), seed=passes(copy.seed), tail=passes(copy.tail)
            )
        return dataclasses.replace(told, copies=copies)

    return {"report.estate_seen": estate_seen}


def _any_intent() -> Mapping[str, t.Any]:
    """Whatever is declared, everybody goes where they like."""
    real = prerequisites.to_declare

    def declare(told: estate.Estate, wanted: options.Options) -> moves.Move | None:
        return real(told, wanted) if told.intent is None else None

    return {"prerequisites.to_declare": declare}


def _no_roles() -> Mapping[str, t.Any]:
    """Nobody looks at the mirror of the backup site."""
    return {
        "estate.Estate.switched_backup": None,
        "estate.Estate.lonely_backup": None,
        "prerequisites.refuse_lost_principal": _nothing,
        "estate.Estate.backup_vanished": None,
    }


def _no_vantage() -> Mapping[str, t.Any]:
    return {"seen._seen_from": lambda look: ()}


def _by_name() -> Mapping[str, t.Any]:
    """As somebody would who trusts the times in the names.

    Everything after the newest applied name, the last one being the end.
    """
    return {"estate.follow": _follow_names}


def _held_by_name(backups: t.Iterable[chain.LogBackup]) -> dict[str, chain.LogBackup]:
    """Those that can be read, the copied one where there are two of a name."""
    held = {}
    for backup in sorted(backups, key=lambda one: one.place == "copied"):
        if backup.error is None and not backup.damaged and not backup.empty:
            held[backup.name] = backup
    return held


def _follow_names(
    position: int, fork: str | None, family: str | None, backups: t.Iterable[chain.LogBackup]
) -> chain.Chain:
    held = _held_by_name(backups)
    applied = max((name for name, one in held.items() if one.last_lsn == position), default="")
    todo = []
    for name, backup in sorted(held.items()):
        if name > applied and backup.last_lsn > position:
            todo.append(backup)
    if not todo:
        return chain.Chain((), position, fork)
    return chain.Chain(tuple(todo), todo[-1].last_lsn, todo[-1].last_fork)


def _counts_anyway() -> Mapping[str, t.Any]:
    """What is lost is told by LSN where nobody knows how the histories belong together."""
    return {"estate.Estate._astray": lambda told, chain: False}


def _no_forks() -> Mapping[str, t.Any]:
    return {"chain._same_path": lambda backup, reached, fork, forks: True, **_counts_anyway()}


def _own_stamps_and_no_reach() -> Mapping[str, t.Any]:
    """Nor is it looked at whether a tail could be applied to what was restored."""
    return {**_own_stamps(), "homecoming.is_before": lambda lsn, other: False}


def _any_online() -> Mapping[str, t.Any]:
    """Any online copy of the primary site passes for the one in use."""
    return {"estate.Estate._outlived_by_partner": lambda told, copy: False}


def _no_parting() -> Mapping[str, t.Any]:
    """A copy is measured by its LSN alone, on whatever history it stands."""
    return {"estate.Estate._parted": lambda told, chain: None, **_counts_anyway()}


def _by_history() -> Mapping[str, t.Any]:
    """As somebody would who takes msdb for the truth.

    A copy was put to work if it is online and a restore of it is remembered.
    """

    def recovered(told: estate.Estate) -> bool:
        return told.backup.online and told.backup.restored_at is not None

    return {"estate.Estate.recovered": property(recovered)}


ABLATIONS: dict[str, Ablation] = {
    "fence": Ablation("clients are kept out before a copy is left", off=frozenset({"fence"})),
    "look": Ablation(
        "the estate is looked at again before and after each one-way move", off=frozenset({"look"})
    ),
    "intent": Ablation(
        "an intent is respected by others, and tested by the statements that pass a door",
        off=frozenset({"intent"}),
        replace=_any_intent,
    ),
    "stamp": Ablation(
        "a failback takes only backups of its own attempt",
        off=frozenset({"stamp"}),
        replace=_own_stamps,
    ),
    "guards": Ablation(
        "each statement tests again what its plan was made for", off=frozenset({"guards"})
    ),
    "unknown": Ablation(
        "unreachable is not dead: others are asked whether they reach the primary site",
        replace=_no_vantage,
    ),
    "port": Ablation(
        "and not only whether they reach WinRM there, but SQL Server itself",
        off=frozenset({"port"}),
    ),
    "roles": Ablation(
        "a backup pair that changed roles is what the pool runs on",
        replace=_no_roles,
    ),
    "order": Ablation(
        "logs are ordered by LSN, not by name", off=frozenset({"order"}), replace=_by_name
    ),
    "fork": Ablation(
        "logs of another recovery fork are not applied, and where one was left is written down",
        off=frozenset({"record"}),
        replace=_no_forks,
    ),
    "tail": Ablation(
        "a copy stops in the statement that saves its last log", off=frozenset({"tail"})
    ),
    "history": Ablation(
        "which copy was put to work is told by its fork and our record,"
        " not by history that may be cleaned",
        replace=_by_history,
    ),
    "outlived": Ablation(
        "an online copy whose partner was in use later is not the one in use", replace=_any_online
    ),
    "parted": Ablation(
        "what a copy lacks is counted from where the pool's history left its own",
        replace=_no_parting,
    ),
    "lineage": Ablation(
        "our record tells which fork a failover left, and where; without it nobody counts the loss",
        off=frozenset({"record"}),
        replace=_counts_anyway,
    ),
    "mirror": Ablation(
        "service is forced on no mirror that its partner or the pool has left behind",
        replace=lambda: {
            "mirror_failover._refuse_to_force": _nothing,
            "estate.Estate.is_behind": lambda told, copy: False,
        },
    ),
    "stamp and reach": Ablation(
        "and it takes only a full backup to which the tail can be applied",
        off=frozenset({"stamp"}),
        replace=_own_stamps_and_no_reach,
    ),
    "open": Ablation(
        "a copy in use that a run left closed is opened",
        replace=lambda: {"failover.to_open": _nothing, "failback.to_open": _nothing},
    ),
    "read only": Ablation(
        "a copy that somebody set read-only is not stopped, nor seeded from",
        replace=lambda: {
            "failover.refuse_read_only": _nothing,
            "failover.refuse_unmirrored": _nothing,
            "failback.refuse_unmirrored": _nothing,
            "homecoming.refuse_unmirrored": _nothing,
        },
    ),
    "silence": Ablation(
        "an old primary that returns is silenced", replace=lambda: {"failover._loud": _nothing}
    ),
    "agreed": Ablation(
        "not more may be lost than was agreed to", replace=lambda: {"report._as_agreed": _nothing}
    ),
    "stop": Ablation(
        "applying logs stops at the first file that cannot be read", off=frozenset({"stop"})
    ),
    "stop and agreed": Ablation(
        "both", off=frozenset({"stop"}), replace=lambda: {"report._as_agreed": _nothing}
    ),
}
_MODULES = {
    "estate": estate,
    "chain": chain,
    "failback": failback,
    "failover": failover,
    "homecoming": homecoming,
    "mirror_failover": mirror_failover,
    "prerequisites": prerequisites,
    "report": dr_plan,
    "seen": seen,
}


@contextlib.contextmanager
def switched_off(name: str) -> Iterator[frozenset[str]]:
    """The world's own part of it, to be left out; while the planner's part is replaced."""
    if not name:
        yield frozenset()
        return
    ablation = ABLATIONS[name]
    with contextlib.ExitStack() as stack:
        for dotted, instead in ablation.replace().items():
            module, _unused, attribute = dotted.partition(".")
            owner: t.Any = _MODULES[module]
            *path, last = attribute.split(".")
            for part in path:
                owner = getattr(owner, part)
            stack.enter_context(mock.patch.object(owner, last, instead))
        yield ablation.off
