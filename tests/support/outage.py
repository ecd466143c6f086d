"""What the story, the drills and the tests of an outage share: breaking the estate, running the
playbooks, counting messages.
"""

from __future__ import annotations

import dataclasses
import typing as t

from support import labs

#: An operator's word for the lab: no questions, short time-outs, and where the central management
#: store may go.
ANSWERS = (
    "-e",
    "failover_confirm=false",
    "-e",
    "failback_confirm=false",
    "-e",
    "mirror_failover_confirm=false",
    "-e",
    "failover_cms=true",
    "-e",
    "failover_cms_sql_server=sql-s1.contoso.example",
    "-e",
    "failover_answer_within=4",
    "-e",
    "failback_answer_within=4",
    "-e",
    "mirror_failover_answer_within=4",
    "-e",
    "status_answer_within=4",
)
POOL = "chat.contoso.example"
#: What a failover and a failback leave behind by design: backup files, the endpoints and logins of
#: the backup pair, the moved central store.
_LEFT = ("sql-s1.contoso.example", "sql-s2.contoso.example", "sql-s3.contoso.example")


@dataclasses.dataclass(frozen=True)
class Ledger:
    acknowledged: int
    present: int
    lost: tuple[int, ...]
    refused: int
    impossible: bool

    def __str__(self) -> str:
        return f"{self.acknowledged} acknowledged, {self.present} present, {len(self.lost)} lost"


def ledger(lab: labs.Lab) -> Ledger:
    told = lab.chatlab("chat", "verify")
    lost = tuple(n for pool in told["pools"].values() for n in pool["lost"])
    return Ledger(
        told["acknowledged"], told["present"], lost, told["refused"], bool(told["impossible"])
    )


def announced(run: labs.Run) -> dict[str, t.Any] | None:
    """The loss that the run's first plan announced."""
    return next(
        (
            r["result"]["loss"]
            for r in run.results
            if r["action"].endswith("dr_plan") and "loss" in r["result"]
        ),
        None,
    )


def covered(lab: labs.Lab, loss: dict[str, t.Any] | None) -> set[int]:
    """Numbers of the messages that an announced loss covers: written to the primary pair at or
    after its LSN.
    """
    if not loss or loss["lsn"] is None or loss["minutes"] == 0:
        return set()
    return {
        m["number"]
        for m in lab.chatlab("chat", "list", POOL)
        if int(m["lsn"]) >= int(loss["lsn"]) and "-n" in m["instance"].split(".")[0]
    }


def moves(run: labs.Run) -> list[str]:
    """Names of the moves of the first plan."""
    return next(
        (
            [m["name"] for m in r["result"]["moves"]]
            for r in run.results
            if r["action"].endswith("dr_plan") and "moves" in r["result"]
        ),
        [],
    )


def codes(run: labs.Run) -> list[str]:
    """Codes with which tasks failed."""
    return [str(f["result"].get("code")) for f in run.failures()]


def differences(wanted: t.Any, found: t.Any, where: str = "") -> list[str]:
    """Paths at which two JSON documents differ."""
    if not isinstance(wanted, dict) or not isinstance(found, dict):
        return [] if wanted == found else [f"{where}: wanted {wanted!r}, found {found!r}"[:300]]
    lines = []
    for key in sorted({*wanted, *found}, key=str):
        lines += differences(wanted.get(key), found.get(key), f"{where}/{key}")
    return lines


def essence(lab: labs.Lab) -> t.Any:
    """The estate without what a failover and a failback leave behind by design, for "is it the same
    estate?".
    """
    found = lab.chatlab("state", "--fingerprint")
    for machine in found["machines"].values():
        machine.pop("files"), machine.pop("folders")
    for instance in found["instances"].values():
        for database in instance["databases"].values():
            if database["state"] == "RESTORING":
                database.pop(
                    "user_access", None
                )  # single user since its tail was saved; recovering it opens it again
    for name in _LEFT:
        for key in ("endpoints", "logins"):
            found["instances"][name].pop(key)
    for name in ("sql-n1.contoso.example", "sql-n2.contoso.example"):
        found["instances"][name]["databases"].pop(
            "mgccomp", None
        )  # which partner its witness chose while a site went down is chance
    found["lync"].pop("cms", None)
    return found
