"""Estates as the planner sees them, each built from the healthy one by what happened to it."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.chain import (
    LogBackup,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.copies import Copy
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.estate import (
    Estate,
    Intent,
    Server,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.moves import Move
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.options import (
    Options,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.plan import (
    Plan,
    unfold,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused

HOSTS = {"primary": "sql-n1", "mirror": "sql-n2", "backup": "sql-s1", "backup_mirror": "sql-s2"}
HOME, AWAY = ("chat-n1.contoso.example",), ("chat-s1.contoso.example",)
MINE, OTHERS = "a" * 32, "b" * 32
NOW, BEFORE = "2015-06-01T12:00:00Z", "2015-06-01T11:45:00Z"
SHARE = "\\\\fs-s1.contoso.example\\pchat-logs"
GONE = {
    "answers": False,
    "why": "no answer within 15 seconds",
    "state": None,
    "role": None,
    "mirroring": None,
}
REFUSES = {**GONE, "refuses": True, "why": "it answers with HTTP status 401"}
Facts = dict[str, t.Any]


def log(
    first: int, last: int, place: str = "share", at: str | None = BEFORE, **facts: t.Any
) -> LogBackup:
    name = facts.pop("name", f"mgc_{str(at).translate(str.maketrans('', '', '-:TZ'))}.trn")
    folder = SHARE if place == "share" else "D:\\pchat-logs"
    usual: Facts = {
        "first_fork": "F0",
        "last_fork": "F0",
        "family": "M",
        "server": "sql-n1",
        "uuid": f"{first}-{last}",
    }
    return LogBackup(f"{folder}\\{name}", place, first, last, at=at, **{**usual, **facts})


def tail(attempt: str, first: int, last: int, **facts: t.Any) -> LogBackup:
    return log(
        first,
        last,
        **{"tail": True, "stamp": f"{attempt}-tail", "name": f"mgc_{attempt}-tail.trn", **facts},
    )


def healthy(**facts: t.Any) -> Estate:
    pair: Facts = {
        "answers": True,
        "mirroring": "SYNCHRONIZED",
        "safety": "FULL",
        "fork": "F0",
        "family": "M",
        "ships": True,
        "ships_enabled": True,
        "agent": True,
    }
    copies = {
        "primary": Copy(
            "primary",
            HOSTS["primary"],
            state="ONLINE",
            role="PRINCIPAL",
            server="sql-n1",
            last_backup_lsn=200,
            **pair,
        ),
        "mirror": Copy(
            "mirror",
            HOSTS["mirror"],
            state="RESTORING",
            role="MIRROR",
            server="sql-n2",
            redo_lsn=210,
            restored_at="2015-06-01T08:00:00Z",
            **pair,
        ),
        "backup": Copy(
            "backup",
            HOSTS["backup"],
            True,
            server="sql-s1",
            state="RESTORING",
            redo_lsn=200,
            fork="F0",
            family="M",
            linked=True,
            copy_job="LSCopy_mgc",
            agent=True,
            restored_at="2015-06-01T08:00:00Z",
        ),
        "backup_mirror": Copy(
            "backup_mirror", HOSTS["backup_mirror"], True, server="sql-s2", agent=True
        ),
    }
    servers = tuple(
        Server(f, f[: f.index(".")], site, True, True, "2015-06-01T09:00:00Z")
        for site, some in (("primary", HOME), ("backup", AWAY))
        for f in some
    )
    usual: Facts = {
        "now": NOW,
        "copies": copies,
        "compliance": {},
        "store": "central",
        "cms": "fe-n1.contoso.example",
        "pool_state": "Normal",
        "active": HOME,
        "members": (*HOME, *AWAY),
        "servers": servers,
        "logs": (log(150, 200, "copied"),),
        "management": "fe-s1",
    }
    return Estate("chat.contoso.example", **{**usual, **facts})


def with_copies(e: Estate, **slots: Facts) -> Estate:
    for slot, facts in slots.items():
        e = e.change(slot, **facts)
    return e


def with_estate(e: Estate, **facts: t.Any) -> Estate:
    return dataclasses.replace(e, **facts)


def site_lost(e: Estate | None = None, **facts: t.Any) -> Estate:
    """Everything in the primary site is silent, the central store with it."""
    lost = with_copies(e or healthy(), primary=GONE, mirror=GONE)
    servers = tuple(
        dataclasses.replace(s, answers=False) if s.site == "primary" else s for s in lost.servers
    )
    usual: Facts = {
        "store": "local",
        "store_why": "no route",
        "active": None,
        "servers": servers,
        "unreachable": ("sql-n1", "sql-n2"),
    }
    return with_estate(lost, **{**usual, **facts})


def failed_over(**facts: t.Any) -> Estate:
    """The pool runs on its backup copy, mirrored; the primary site is back with its old copies."""
    e = with_copies(
        healthy(),
        primary={"role": None, "mirroring": None},
        mirror={"role": None, "mirroring": None},
        backup={
            "state": "ONLINE",
            "role": "PRINCIPAL",
            "mirroring": "SYNCHRONIZED",
            "linked": False,
            "copy_job": None,
            "redo_lsn": None,
            "fork": "F1",
        },
        backup_mirror={"state": "RESTORING", "role": "MIRROR", "mirroring": "SYNCHRONIZED"},
    )
    return with_estate(
        e, **{"pool_state": "FailedOver", "active": AWAY, "put_to_work": "F1", **facts}
    )


def intent(target: str, attempt: str = MINE, at: str = NOW, operator: str = "ann") -> Intent:
    return Intent(target, attempt, operator, at)


def options(target: str = "failover", **said: t.Any) -> Options:
    usual: Facts = {
        "id": MINE,
        "operator": "ann",
        "now": NOW,
        "active_failed_over": AWAY,
        "active_normal": HOME,
    }
    return Options(target, **{**usual, **said})


def planned(e: Estate, target: str = "failover", **said: t.Any) -> Plan:
    return unfold(e, options(target, **said))


def names(moves: t.Iterable[Move]) -> list[str]:
    return [m.name for m in moves]


def refused(e: Estate, code: str, target: str = "failover", **said: t.Any) -> str:
    """The sentence of the refusal, which must have this code."""
    with pytest.raises(Refused) as caught:
        planned(e, target, **said)
    assert caught.value.code == code, str(caught.value)
    return str(caught.value)
