"""A mirrored database as one of its two instances sees it. FOR INTERNAL COLLECTION USE ONLY.

The session is set up on the RESTORING copy first and then on the online one (ALTER DATABASE
database mirroring reference). Once it exists the momentary roles do not matter here: settings that
only the principal can change are looked after where the principal happens to be.
"""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import LATER, Resource, Session, Settle, State, Step
from ...calls.tsql import mirroring, quote
from ._instance import INSTANCE_OPTION, STATE_OPTION, database_scope, same, split_address
from ._mirrored import FACTS, mirroring_state, read_database

#: States that a session leaves by itself for SYNCHRONIZED, e.g. after its endpoint was repaired a
#: moment ago.
_ON_THE_WAY = ("DISCONNECTED", "SYNCHRONIZING")
#: Seconds. Partners that can reach each other try again every few seconds.
RECONNECTED_WITHIN = 60.0
MIRRORING_SPEC: State = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "role": {"type": "str", "choices": ["principal", "mirror"], "default": "principal"},
    "partner": {"type": "str"},
    "witness": {"type": "str", "default": ""},
    "safety": {"type": "str", "choices": ["full", "off"], "default": "full"},
    "timeout": {"type": "int", "default": 10},
    "resume": {"type": "bool", "default": False},
    "sync_timeout": {"type": "int", "default": 3600},
    "state": STATE_OPTION,
}


class Mirroring(Resource[State, State]):
    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.scope = database_scope(options, host)
        self.host = host
        self.database: str = options["database"]
        if options["state"] == "present":
            if not options["partner"]:
                raise Refused(
                    "partner is needed: the address of the other instance, TCP://host.domain:port.",
                    code="bad_address",
                )
            quote.address(options["partner"])
            if split_address(options["partner"]) == host:
                raise Refused(
                    f"partner {options['partner']} is this host itself; a copy cannot mirror"
                    " itself.",
                    code="bad_address",
                )
        if options["witness"]:
            quote.address(options["witness"])
            if options["safety"] == "off":
                raise Refused(
                    "A witness with safety off enforces quorum and never fails over by itself: the"
                    " worst of both. Use safety: full, or no witness.",
                    code="witness_without_safety",
                )

    def read(self, session: Session) -> State:
        return read_database(session, self.database)

    def plan(self, current: State) -> list[Step[State]]:
        if self.options["state"] == "absent":
            return self._absent(current)
        if current["database_state"] is None:
            raise Refused(
                f"There is no database {self.database} on this instance; it cannot be mirrored."
                " Seed it first.",
                code="no_database",
            )
        if current["mirroring_role"] is None:
            return (
                [self._begin_on_mirror(current)]
                if self.options["role"] == "mirror"
                else self._begin_on_principal(current)
            )
        if not same(current["mirroring_partner"], self.options["partner"]):
            raise Refused(
                f"{self.database} is mirrored with {current['mirroring_partner']}, not with"
                f" {self.options['partner']}. Remove that session first (state: absent) if it is"
                " not wanted.",
                code="other_partner",
                partner=current["mirroring_partner"],
            )
        if (
            current["mirroring_state"] == "SUSPENDED"
            and self.options["resume"]
            and current["mirroring_role"] == "PRINCIPAL"
        ):
            return [
                Step(
                    name="resume_session",
                    why="The session is suspended and is to go on.",
                    sets={"mirroring_state": "SYNCHRONIZED"},
                    calls=(mirroring.resume(self.database),),
                    settles=self._synchronized(),
                )
            ]
        return self._settings(current) if current["mirroring_role"] == "PRINCIPAL" else []

    def _begin_on_mirror(self, current: State) -> Step[State]:
        if current["database_state"] != "RESTORING":
            raise Refused(
                f"{self.database} is {current['database_state']} on this instance; a mirror copy"
                " must be RESTORING. Restore it WITH NORECOVERY from the principal's backups.",
                code="not_restoring",
                database_state=current["database_state"],
            )
        # Until the principal answers, the catalog shows nothing of the address (assumed), so this
        # step may be taken again: it only stores it.
        return Step(
            name="record_partner",
            why="The restoring copy must know its partner before the principal calls it.",
            sets={},
            calls=(mirroring.set_partner(self.database, self.options["partner"], "RESTORING"),),
            also={},
        )

    def _begin_on_principal(self, current: State) -> list[Step[State]]:
        if current["database_state"] != "ONLINE":
            raise Refused(
                f"{self.database} is {current['database_state']} on this instance; the principal's"
                " copy must be ONLINE.",
                code="not_online",
                database_state=current["database_state"],
            )
        if current["recovery_model"] != "FULL":
            raise Refused(
                f"{self.database} is in {current['recovery_model']} recovery; mirroring needs FULL,"
                " and a log backup since.",
                code="simple_recovery",
                recovery_model=current["recovery_model"],
            )
        partner = self.options["partner"]
        begun = {
            "mirroring_role": "PRINCIPAL",
            "mirroring_state": "SYNCHRONIZED",
            "mirroring_partner": partner,
            "mirroring_safety": "FULL",
            "mirroring_witness": None,
            "mirroring_witness_state": "UNKNOWN",
            "mirroring_timeout": 10,
        }
        other = {
            "mirroring_role": "MIRROR",
            "mirroring_state": "SYNCHRONIZED",
            "mirroring_partner": LATER,
            "database_state": "RESTORING",
            "mirroring_safety": "FULL",
        }
        first = Step(
            name="set_partner",
            why=(
                f"{self.database} has one copy only; {split_address(partner)} holds a restored one."
            ),
            sets=begun,
            calls=(mirroring.set_partner(self.database, partner, "ONLINE"),),
            settles=self._synchronized(),
            also={f"sql/{split_address(partner)}/{self.database}": other},
        )
        return [first, *self._settings({**current, **begun})]

    def _settings(self, current: State) -> list[Step[State]]:
        steps: list[Step[State]] = []
        database = self.database
        safety = self.options["safety"].upper()
        if current["mirroring_safety"] != safety:
            steps.append(
                Step(
                    name="set_safety",
                    why=f"Safety is {current['mirroring_safety']}, and {safety} is wanted.",
                    sets={"mirroring_safety": safety},
                    calls=(mirroring.set_safety(database, safety),),
                )
            )
        wanted = max(self.options["timeout"], 5)
        if current["mirroring_timeout"] != wanted:
            steps.append(
                Step(
                    name="set_timeout",
                    why=(
                        f"The partner time-out is {current['mirroring_timeout']} s, and {wanted} s"
                        " is wanted."
                    ),
                    sets={"mirroring_timeout": wanted},
                    calls=(mirroring.set_timeout(database, wanted),),
                )
            )
        if not same(current["mirroring_witness"], self.options["witness"]):
            steps += self._witness(current)
        return steps

    def _witness(self, current: State) -> list[Step[State]]:
        wanted = self.options["witness"]
        if wanted and current["mirroring_state"] not in ("SYNCHRONIZED", *_ON_THE_WAY):
            raise Refused(
                "A witness can be set only while the session is SYNCHRONIZED; it is"
                f" {current['mirroring_state']}. Repair the session first.",
                code="not_synchronized",
                mirroring_state=current["mirroring_state"],
            )
        steps: list[Step[State]] = []
        if current["mirroring_witness"]:
            steps.append(
                Step(
                    name="remove_witness",
                    why=(
                        f"The witness is {current['mirroring_witness']}, and {wanted or 'none'} is"
                        " wanted."
                    ),
                    sets={"mirroring_witness": None, "mirroring_witness_state": "UNKNOWN"},
                    calls=(mirroring.set_witness(self.database, ""),),
                )
            )
        if wanted:
            ready = current["mirroring_state"] == "SYNCHRONIZED"
            steps.append(
                Step(
                    name="set_witness",
                    why="Without a witness nobody fails over when the principal is lost."
                    + (
                        ""
                        if ready
                        else (
                            f" The session is {current['mirroring_state']}; it is set as soon as"
                            " the copies are SYNCHRONIZED."
                        )
                    ),
                    sets={"mirroring_witness": wanted, "mirroring_witness_state": "CONNECTED"},
                    calls=(mirroring.set_witness(self.database, wanted),),
                    awaits=() if ready else (self._connected(), self._synchronized()),
                    settles=Settle(
                        until="the witness is CONNECTED",
                        holds=lambda state: state["mirroring_witness_state"] == "CONNECTED",
                        timeout=60,
                    ),
                )
            )
        return steps

    def _connected(self) -> Settle[State]:
        return Settle(
            until=f"the copies of {self.database} see each other",
            holds=lambda state: state["mirroring_state"] != "DISCONNECTED",
            timeout=RECONNECTED_WITHIN,
            seen=mirroring_state,
        )

    def _synchronized(self) -> Settle[State]:
        def hopeless(state: State) -> str | None:
            if state["mirroring_role"] is None:
                return "the session is gone"
            return "the session is SUSPENDED" if state["mirroring_state"] == "SUSPENDED" else None

        return Settle(
            until=f"the copies of {self.database} are SYNCHRONIZED",
            holds=lambda state: state["mirroring_state"] == "SYNCHRONIZED",
            timeout=float(self.options["sync_timeout"]),
            fails=hopeless,
            seen=mirroring_state,
        )

    def _absent(self, current: State) -> list[Step[State]]:
        if current["mirroring_role"] is None:
            return []
        gone = {fact: None for fact in FACTS if fact.startswith("mirroring_")}
        partner = split_address(str(current["mirroring_partner"]))
        return [
            Step(
                name="remove_session",
                why=(
                    f"{self.database} is mirrored with {current['mirroring_partner']} and is not"
                    " to be."
                ),
                sets=gone,
                calls=(mirroring.remove_partner(self.database, current["mirroring_role"]),),
                one_way=True,
                also={f"sql/{partner}/{self.database}": gone},
            )
        ]
