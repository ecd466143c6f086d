"""The record of which way an operator is going with a pool, on its backup SQL Server.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import typing as t

from ...._engine.errors import Refused
from ...._engine.model import Resource, Session, State, Step
from ...calls.tsql import intent
from ...documents.look import IntentRecord
from ..lync._pool import pool_scope
from ._instance import INSTANCE_OPTION

DR_INTENT_SPEC: State = {
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


def parse(text: object) -> tuple[State | None, str | None]:
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
    if found.get("target") not in ("failover", "failback"):
        return None, "its target is neither failover nor failback"
    if not re.fullmatch(r"[0-9a-f]{32}", str(found.get("id") or "")):
        return None, "its id is not 32 hexadecimal digits"
    at = str(found.get("at") or "")
    record = {
        "target": found["target"],
        "id": found["id"],
        "operator": str(found.get("operator") or ""),
        "at": at if _is_time(at) else "",
    }
    return record, None


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


class DrIntent(Resource[State, State]):
    """State: intent {target, id, operator, at}|None, intent_why: None, or why the record that is
    there cannot be read.
    """

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.pool = options["pool"]
        self.host = host
        self.scope = f"{pool_scope(self.pool)} intent"
        if options["state"] == "present" and not options["target"]:
            raise Refused("target is needed: failover or failback.", code="bad_intent")
        if not re.fullmatch(r"[0-9a-f]{32}", options["id"] or ""):
            raise Refused(
                f"id {options['id']!r} is not the id of an attempt: 32 hexadecimal digits.",
                code="bad_intent",
            )
        self.record = {k: str(options[k] or "") for k in ("target", "id", "operator", "at")}

    def read(self, session: Session) -> State:
        rows = session.read(intent.intent(self.pool))[0]
        found, why = parse(rows[0]["value"]) if rows else (None, None)
        return {"intent": found, "intent_why": why}

    def plan(self, current: State) -> list[Step[State]]:
        if current["intent_why"]:
            raise unreadable(self.pool, self.host, current["intent_why"])
        have = current["intent"]
        if self.options["state"] == "held":
            return self._held(have)
        if self.options["state"] == "absent":
            if have is None or have["id"] != self.options["id"]:
                # nothing of this attempt is declared; another's is not ours to clear
                return []
            return [
                Step(
                    name="clear_intent",
                    why=f"The {have['target']} of {have['operator'] or 'somebody'} has ended.",
                    sets={"intent": None},
                    calls=(intent.clear_intent(self.pool, have),),
                )
            ]
        replaces = self.options["replaces"]
        anew = have is not None and replaces == have and self.record["at"] > str(have["at"])
        if have is not None and have["id"] == self.options["id"] and not anew:
            return []
        if have is not None and (replaces is None or have["id"] != replaces.get("id")):
            raise Refused(
                f"{have['operator'] or 'Somebody'} declared a {have['target']} of {self.pool} at"
                f" {have['at']}; it is not replaced. Ask them, or name it in replaces.",
                code="intent_conflict",
                intent=have,
            )
        why = (
            "Nobody is on the way anywhere with this pool."
            if have is None
            else f"It replaces the {have['target']} of {have['operator'] or 'somebody'}."
        )
        return [
            Step(
                name="declare_intent",
                why=why,
                sets={"intent": self.record},
                calls=(intent.set_intent(self.pool, t.cast(IntentRecord, self.record), have),),
            )
        ]

    def _held(self, have: State | None) -> list[Step[State]]:
        """Nothing to do while the attempt is the declared one.

        Whoever slept meanwhile must not go on with it.
        """
        if have is not None and have["id"] == self.options["id"]:
            return []
        now = (
            f"{have['operator'] or 'somebody'} declared a {have['target']} at {have['at']}"
            if have is not None
            else "nothing is declared any more"
        )
        done = ", ".join(self.options["done"]) or "nothing"
        raise Refused(
            f"This run's attempt was called off while it ran: {now}. It stops here. Done before:"
            f" {done}. Look at status.yml.",
            code="intent_lost",
            intent=have,
            done=list(self.options["done"]),
        )
