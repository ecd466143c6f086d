"""What the story, the drills and the tests of an outage share.

Breaking the estate, running the playbooks, counting messages.
"""

from __future__ import annotations

import dataclasses
import typing as t

from support import labs


def extra_variables(*settings: str) -> tuple[str, ...]:
    """As ansible-playbook takes them."""
    arguments: list[str] = []
    for setting in settings:
        arguments += ("-e", setting)
    return tuple(arguments)


#: An operator's word for the lab: no questions, and where the central management store may go.
ANSWERS = extra_variables(
    "failover_confirm=false",
    "failback_confirm=false",
    "mirror_failover_confirm=false",
    "failover_cms=true",
    "failover_cms_sql_server=sql-s1.contoso.example",
)
POOL = "chat.contoso.example"
#: What a failover and a failback leave behind by design: backup files, the endpoints and logins of
#: the backup pair, the moved central store.
_LEFT = ("sql-s1.contoso.example", "sql-s2.contoso.example", "sql-s3.contoso.example")


@dataclasses.dataclass(frozen=True)
class Ledger:
    """What the lab's clients know: which messages were acknowledged, and are there or lost."""

    acknowledged: int
    present: int
    lost: tuple[int, ...]
    refused: int
    impossible: bool

    def __str__(self) -> str:
        return f"{self.acknowledged} acknowledged, {self.present} present, {len(self.lost)} lost"


def ledger(lab: labs.Lab) -> Ledger:
    """Every message of every pool, counted now."""
    told = lab.chatlab("chat", "verify")
    lost: list[int] = []
    for pool in told["pools"].values():
        lost += pool["lost"]
    return Ledger(
        acknowledged=told["acknowledged"],
        present=told["present"],
        lost=tuple(lost),
        refused=told["refused"],
        impossible=bool(told["impossible"]),
    )


def told_by_status(run: labs.Run) -> t.Any:
    """The one document that a run of status.yml of one pool ended with; None without any."""
    documents = [line["result"].get("document") for line in run.results]
    found = [document for document in documents if document is not None and "advice" in document]
    if not found:
        return None
    (document,) = found
    return document


def first_plan(run: labs.Run, key: str) -> t.Any:
    """What the first plan of the run that has this key says under it; None without any."""
    for line in run.results:
        if line["action"].endswith("dr_plan") and key in line["result"]:
            return line["result"][key]
    return None


def announced(run: labs.Run) -> dict[str, t.Any] | None:
    """The loss that the run's first plan announced."""
    loss: dict[str, t.Any] | None = first_plan(run, "loss")
    return loss


def moves(run: labs.Run) -> list[str]:
    """Names of the moves of the first plan."""
    return [move["name"] for move in first_plan(run, "moves") or ()]


def covered(lab: labs.Lab, loss: dict[str, t.Any] | None) -> set[int]:
    """Numbers of the messages that an announced loss covers.

    Those that were written to the primary pair at or after its LSN.
    """
    if not loss or loss["lsn"] is None or loss["minutes"] == 0:
        return set()
    numbers = set()
    for message in lab.chatlab("chat", "list", POOL):
        host = message["instance"].partition(".")[0]
        if "-n" in host and int(message["lsn"]) >= int(loss["lsn"]):
            numbers.add(message["number"])
    return numbers


def codes(run: labs.Run) -> list[str]:
    """Codes with which tasks failed."""
    return [str(line["result"].get("code")) for line in run.failures()]


def differences(wanted: t.Any, found: t.Any, where: str = "") -> list[str]:
    """Paths at which two JSON documents differ."""
    if not isinstance(wanted, dict) or not isinstance(found, dict):
        return [] if wanted == found else [f"{where}: wanted {wanted!r}, found {found!r}"[:300]]
    lines = []
    for key in sorted({*wanted, *found}, key=str):
        lines += differences(wanted.get(key), found.get(key), f"{where}/{key}")
    return lines


def essence(lab: labs.Lab) -> t.Any:
    """The estate without what an outage leaves behind by design, for "is it the same estate?"."""
    found = lab.chatlab("state", "--fingerprint")
    for machine in found["machines"].values():
        machine.pop("files")
        machine.pop("folders")
    for instance in found["instances"].values():
        for database in instance["databases"].values():
            if database["state"] == "RESTORING":
                # Single user since its tail was saved; recovering it opens it again.
                database.pop("user_access", None)
    for name in _LEFT:
        found["instances"][name].pop("endpoints")
        found["instances"][name].pop("logins")
    for name in ("sql-n1.contoso.example", "sql-n2.contoso.example"):
        # Which partner its witness chose while a site went down is chance.
        found["instances"][name]["databases"].pop("mgccomp", None)
    found["lync"].pop("cms", None)
    return found
