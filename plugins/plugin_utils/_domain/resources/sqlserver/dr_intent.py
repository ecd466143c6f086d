"""The record of which way an operator is going with a pool, on its backup SQL Server.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import datetime as dt
import json
import typing as t
from collections.abc import Mapping

from ...._engine.errors import Refused
from ...._engine.model import ArgumentSpec, Resource, Session, Step
from ...calls.tsql import intent
from ...documents.look import IntentRecord
from ..lync._pool import pool_scope
from ._copies import is_attempt
from ._instance import INSTANCE_OPTION, InstanceOptions, one, rows_of

DR_INTENT_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "pool": {"type": "str", "required": True},
    "target": {"type": "str", "choices": ["failover", "failback"]},
    "id": {"type": "str"},
    "operator": {"type": "str", "default": ""},
    "at": {"type": "str", "default": ""},
    "replaces": {"type": "dict"},
    "state": {"type": "str", "choices": ["present", "absent", "held"], "default": "present"},
    "done": {"type": "list", "elements": "str", "default": []},
}


def parse(text: object) -> tuple[IntentRecord | None, str | None]:
    """(record, None), or (None, why the text is none).

    By value: order, blanks and further keys do not matter.

    ``operator`` and ``at`` may be missing and are empty then; an ``at`` that is no time is empty as
    well.
    """
    try:
        found = json.loads(str(text))
    except (ValueError, RecursionError):
        return None, "it is no JSON"
    if not isinstance(found, dict):
        return None, "it is no JSON object"
    target = _text(found, "target")
    if target not in ("failover", "failback"):
        return None, "its target is neither failover nor failback"
    attempt = _text(found, "id")
    if not is_attempt(attempt):
        return None, "its id is not 32 hexadecimal digits"
    at = _text(found, "at")
    if not _is_time(at):
        at = ""
    record: IntentRecord = {
        "target": target,
        "id": attempt,
        "operator": _text(found, "operator"),
        "at": at,
    }
    return record, None


def _text(found: Mapping[str, object], key: str) -> str:
    return str(found.get(key) or "")


def _is_time(text: str) -> bool:
    """As this collection writes times: everything that compares them relies on it."""
    try:
        dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return False
    return True


def unreadable(pool: str, host: str, why: str) -> Refused:
    """For a record from which nobody can tell who is doing what."""
    return Refused(
        f"The record of who is doing what with {pool} on {host} cannot be read: {why}. Whoever"
        " wrote it may be in the middle of a failover or failback, so nothing is done. Find out"
        " who that is (status.yml tells how the pool stands); when nobody is, clear the record on"
        f" that SQL Server: {intent.clear_intent_by_hand(pool)}",
        code="intent_unreadable",
        where=host,
    )


class DrIntentOptions(InstanceOptions):
    """``replaces``: the record that may be replaced. ``state`` held: only look whether the attempt
    is still the declared one; ``done``: what this run did before, for the sentence if it is not.
    """

    pool: str
    target: str | None
    id: str | None
    operator: str
    at: str
    replaces: IntentRecord | None
    state: str
    done: list[str]


class DrIntentFacts(t.TypedDict):
    """``intent_why``: why the record that is there cannot be read."""

    intent: IntentRecord | None
    intent_why: str | None


class DrIntent(Resource[DrIntentOptions, DrIntentFacts]):
    """The record of one pool."""

    def __init__(self, options: DrIntentOptions, host: str) -> None:
        self.options = options
        self.pool = options["pool"]
        self.host = host
        self.scope = f"{pool_scope(self.pool)} intent"
        if options["state"] == "present" and not options["target"]:
            raise Refused("target is needed: failover or failback.", code="bad_intent")
        if not is_attempt(options["id"]):
            raise Refused(
                f"id {options['id']!r} is not the id of an attempt: 32 hexadecimal digits.",
                code="bad_intent",
            )
        self.record: IntentRecord = {
            "target": options["target"] or "",
            "id": options["id"] or "",
            "operator": options["operator"] or "",
            "at": options["at"] or "",
        }

    def read(self, session: Session) -> DrIntentFacts:
        """The record, by its values."""
        row = one(rows_of(intent.IntentRow, session.read(intent.intent(self.pool))[0]))
        if row is None:
            return {"intent": None, "intent_why": None}
        found, why = parse(row["value"])
        return {"intent": found, "intent_why": why}

    def plan(self, current: DrIntentFacts) -> list[Step[DrIntentFacts]]:
        """Refused: intent_unreadable, intent_conflict, intent_lost."""
        if current["intent_why"]:
            raise unreadable(self.pool, self.host, current["intent_why"])
        declared = current["intent"]
        if self.options["state"] == "held":
            return self._held(declared)
        if self.options["state"] == "absent":
            return self._cleared(declared)
        if declared is None:
            return [self._declare("Nobody is on the way anywhere with this pool.", None)]
        if self._is_ours(declared) and not self._is_declared_again(declared):
            return []
        self._must_be_the_named_one(declared)
        why = f"It replaces the {declared['target']} of {declared['operator'] or 'somebody'}."
        return [self._declare(why, declared)]

    def _is_ours(self, declared: IntentRecord) -> bool:
        return declared["id"] == self.options["id"]

    def _is_declared_again(self, declared: IntentRecord) -> bool:
        """Its own record is named to be replaced by a later one."""
        if self.options["replaces"] != declared:
            return False
        return self.record["at"] > declared["at"]

    def _must_be_the_named_one(self, declared: IntentRecord) -> None:
        replaces = self.options["replaces"]
        if replaces is not None and declared["id"] == replaces.get("id"):
            return
        raise Refused(
            f"{declared['operator'] or 'Somebody'} declared a {declared['target']} of {self.pool}"
            f" at {declared['at']}; it is not replaced. Ask them, or name it in replaces.",
            code="intent_conflict",
            intent=declared,
        )

    def _declare(self, why: str, replaces: IntentRecord | None) -> Step[DrIntentFacts]:
        return Step(
            name="declare_intent",
            why=why,
            sets={"intent": self.record},
            calls=(intent.set_intent(self.pool, self.record, replaces),),
        )

    def _cleared(self, declared: IntentRecord | None) -> list[Step[DrIntentFacts]]:
        if declared is None or not self._is_ours(declared):
            # nothing of this attempt is declared; another's is not ours to clear
            return []
        who = declared["operator"] or "somebody"
        return [
            Step(
                name="clear_intent",
                why=f"The {declared['target']} of {who} has ended.",
                sets={"intent": None},
                calls=(intent.clear_intent(self.pool, declared),),
            )
        ]

    def _held(self, declared: IntentRecord | None) -> list[Step[DrIntentFacts]]:
        """Nothing to do while the attempt is the declared one.

        Whoever slept meanwhile must not go on with it.
        """
        now = "nothing is declared any more"
        if declared is not None:
            if self._is_ours(declared):
                return []
            who = declared["operator"] or "somebody"
            now = f"{who} declared a {declared['target']} at {declared['at']}"
        done = ", ".join(self.options["done"]) or "nothing"
        raise Refused(
            f"This run's attempt was called off while it ran: {now}. It stops here. Done before:"
            f" {done}. Look at status.yml.",
            code="intent_lost",
            intent=declared,
            done=list(self.options["done"]),
        )
