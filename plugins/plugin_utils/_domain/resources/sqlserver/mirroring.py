"""A mirrored database as one of its two instances sees it. FOR INTERNAL COLLECTION USE ONLY.

The session is set up on the RESTORING copy first and then on the online one (ALTER DATABASE
database mirroring reference). Once it exists the momentary roles do not matter here: settings that
only the principal can change are looked after where the principal happens to be.
"""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import LATER, ArgumentSpec, Resource, Session, Settle, Step
from ...calls.tsql import mirroring, quote
from ._instance import (
    INSTANCE_OPTION,
    STATE_OPTION,
    DatabaseOptions,
    database_scope,
    same,
    split_address,
)
from ._mirrored import (
    NO_SESSION,
    MirroringFacts,
    has_witness,
    is_connected,
    is_synchronized,
    mirroring_only,
    read_database,
    told_state,
    why_never_synchronized,
)

#: States that a session leaves by itself for SYNCHRONIZED, e.g. after its endpoint was repaired a
#: moment ago; last that of one which a check run would have begun.
_ON_THE_WAY = ("DISCONNECTED", "SYNCHRONIZING", LATER)
#: Seconds. Partners that can reach each other try again every few seconds.
RECONNECTED_WITHIN = 60.0
MIRRORING_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "role": {"type": "str", "choices": ["principal", "mirror"], "default": "principal"},
    "expect_role": {"type": "str", "choices": ["principal", "mirror"]},
    "partner": {"type": "str"},
    "witness": {"type": "str", "default": ""},
    "safety": {"type": "str", "choices": ["full", "off"], "default": "full"},
    "timeout": {"type": "int", "default": 10},
    "resume": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "sync_timeout": {"type": "int", "default": 3600},
    "state": STATE_OPTION,
}


class MirroringOptions(DatabaseOptions):
    """``partner``, ``witness``: addresses, TCP://host:port. ``timeout``: seconds until a partner
    that is silent counts as lost; ``expect_role``: a session is removed only where the copy has
    this role, None: any; ``sync_timeout``: seconds that a seeding may take. ``wait``:
    whether what is begun is also ended; otherwise a later task does the rest.
    """

    role: str
    expect_role: str | None
    partner: str | None
    witness: str
    safety: str
    timeout: int
    resume: bool
    wait: bool
    sync_timeout: int
    state: str


class Mirroring(Resource[MirroringOptions, MirroringFacts]):
    """The session of one database, from one of its two sides."""

    def __init__(self, options: MirroringOptions, host: str) -> None:
        self.options = options
        self.scope = database_scope(options, host)
        self.host = host
        self.database = options["database"]
        #: '' only where the session is to be absent.
        self.partner = options["partner"] or ""
        if options["state"] == "present":
            _must_be_another_host(self.partner, host)
        if options["witness"]:
            quote.address(options["witness"])
            if options["safety"] == "off":
                raise _witness_without_safety()

    def read(self, session: Session) -> MirroringFacts:
        """The session as this instance sees it."""
        return read_database(session, self.database)

    def plan(self, current: MirroringFacts) -> list[Step[MirroringFacts]]:
        """Refused: no_database, other_partner, not_restoring, not_online, simple_recovery,
        not_synchronized.
        """
        if self.options["state"] == "absent":
            return self._absent(current)
        if current["database_state"] is None:
            raise _no_database(self.database)
        role = current["mirroring_role"]
        if role is None:
            if self.options["role"] == "mirror":
                return [self._begin_on_mirror(current)]
            return self._begin_on_principal(current)
        if not same(current["mirroring_partner"], self.partner):
            raise _other_partner(self.database, current["mirroring_partner"], self.partner)
        if role != "PRINCIPAL" or not self.options["wait"]:
            return []
        if current["mirroring_state"] == "SUSPENDED" and self.options["resume"]:
            return [self._resume()]
        return self._settings(current)

    def _resume(self) -> Step[MirroringFacts]:
        return Step(
            name="resume_session",
            why="The session is suspended and is to go on.",
            sets={"mirroring_state": "SYNCHRONIZED"},
            calls=(mirroring.resume(self.database),),
            settles=self._synchronized(),
        )

    def _begin_on_mirror(self, current: MirroringFacts) -> Step[MirroringFacts]:
        if current["database_state"] != "RESTORING":
            raise _not_restoring(self.database, current["database_state"])
        # Until the principal answers, the catalog shows nothing of the address (assumed), so this
        # step may be taken again: it only stores it.
        return Step(
            name="record_partner",
            why="The restoring copy must know its partner before the principal calls it.",
            sets={},
            calls=(mirroring.set_partner(self.database, self.partner, "RESTORING"),),
            repeatable=True,
        )

    def _begin_on_principal(self, current: MirroringFacts) -> list[Step[MirroringFacts]]:
        if current["database_state"] != "ONLINE":
            raise _not_online(self.database, current["database_state"])
        if current["recovery_model"] != "FULL":
            raise _simple_recovery(self.database, current["recovery_model"])
        waits = self.options["wait"]
        begun: MirroringFacts = {
            "database_state": current["database_state"],
            "recovery_model": current["recovery_model"],
            "mirroring_role": "PRINCIPAL",
            "mirroring_state": "SYNCHRONIZED" if waits else LATER,
            "mirroring_partner": self.partner,
            "mirroring_safety": "FULL",
            "mirroring_witness": None,
            "mirroring_witness_state": "UNKNOWN",
            "mirroring_timeout": 10,
        }
        other = {
            "mirroring_role": "MIRROR",
            "mirroring_state": begun["mirroring_state"],
            "mirroring_partner": LATER,
            "database_state": "RESTORING",
            "mirroring_safety": "FULL",
        }
        partner = split_address(self.partner)
        first: Step[MirroringFacts] = Step(
            name="set_partner",
            why=f"{self.database} has one copy only; {partner} holds a restored one.",
            sets=mirroring_only(begun),
            calls=(mirroring.set_partner(self.database, self.partner, "ONLINE"),),
            settles=self._synchronized() if waits else None,
            also={f"sql/{partner}/{self.database}": other},
        )
        return [first, *self._settings(begun)] if waits else [first]

    def _settings(self, current: MirroringFacts) -> list[Step[MirroringFacts]]:
        steps = []
        safety = self.options["safety"].upper()
        if current["mirroring_safety"] != safety:
            steps.append(self._set_safety(current["mirroring_safety"], safety))
        seconds = max(self.options["timeout"], 5)
        if current["mirroring_timeout"] != seconds:
            steps.append(self._set_timeout(current["mirroring_timeout"], seconds))
        if not same(current["mirroring_witness"], self.options["witness"]):
            steps += self._witness(current)
        return steps

    def _set_safety(self, now: str | None, wanted: str) -> Step[MirroringFacts]:
        return Step(
            name="set_safety",
            why=f"Safety is {now}, and {wanted} is wanted.",
            sets={"mirroring_safety": wanted},
            calls=(mirroring.set_safety(self.database, wanted),),
        )

    def _set_timeout(self, now: int | None, wanted: int) -> Step[MirroringFacts]:
        return Step(
            name="set_timeout",
            why=f"The partner time-out is {now} s, and {wanted} s is wanted.",
            sets={"mirroring_timeout": wanted},
            calls=(mirroring.set_timeout(self.database, wanted),),
        )

    def _witness(self, current: MirroringFacts) -> list[Step[MirroringFacts]]:
        wanted = self.options["witness"]
        state = current["mirroring_state"]
        if wanted and state not in ("SYNCHRONIZED", *_ON_THE_WAY):
            raise _not_synchronized(state)
        steps = []
        if current["mirroring_witness"]:
            steps.append(self._remove_witness(current["mirroring_witness"]))
        if wanted:
            steps.append(self._set_witness(current))
        return steps

    def _remove_witness(self, now: str) -> Step[MirroringFacts]:
        return Step(
            name="remove_witness",
            why=f"The witness is {now}, and {self.options['witness'] or 'none'} is wanted.",
            sets={"mirroring_witness": None, "mirroring_witness_state": "UNKNOWN"},
            calls=(mirroring.set_witness(self.database, ""),),
        )

    def _set_witness(self, current: MirroringFacts) -> Step[MirroringFacts]:
        wanted = self.options["witness"]
        why = "Without a witness nobody fails over when the principal is lost."
        awaits: tuple[Settle[MirroringFacts], ...] = ()
        if not is_synchronized(current):
            why += (
                f" The session is {current['mirroring_state']}; it is set as soon as the copies"
                " are SYNCHRONIZED."
            )
            awaits = (self._connected(), self._synchronized())
        return Step(
            name="set_witness",
            why=why,
            sets={
                "mirroring_state": "SYNCHRONIZED",
                "mirroring_witness": wanted,
                "mirroring_witness_state": "CONNECTED",
            },
            calls=(mirroring.set_witness(self.database, wanted),),
            awaits=awaits,
            settles=Settle(until="the witness is CONNECTED", holds=has_witness, timeout=60),
        )

    def _connected(self) -> Settle[MirroringFacts]:
        return Settle(
            until=f"the copies of {self.database} see each other",
            holds=is_connected,
            timeout=RECONNECTED_WITHIN,
            seen=told_state,
        )

    def _synchronized(self) -> Settle[MirroringFacts]:
        return Settle(
            until=f"the copies of {self.database} are SYNCHRONIZED",
            holds=is_synchronized,
            timeout=float(self.options["sync_timeout"]),
            fails=why_never_synchronized,
            seen=told_state,
        )

    def _absent(self, current: MirroringFacts) -> list[Step[MirroringFacts]]:
        role = current["mirroring_role"]
        if role is None:
            return []
        expected = (self.options["expect_role"] or role).upper()
        if role != expected:
            raise _role_changed(self.database, role, expected)
        address = str(current["mirroring_partner"])
        return [
            Step(
                name="remove_session",
                why=f"{self.database} is mirrored with {address} and is not to be.",
                sets=NO_SESSION,
                calls=(mirroring.remove_partner(self.database, role),),
                one_way=True,
                also={f"sql/{split_address(address)}/{self.database}": NO_SESSION},
            )
        ]


def _must_be_another_host(partner: str, host: str) -> None:
    if not partner:
        raise Refused(
            "partner is needed: the address of the other instance, TCP://host.domain:port.",
            code="bad_address",
        )
    quote.address(partner)
    if split_address(partner) == host:
        raise Refused(
            f"partner {partner} is this host itself; a copy cannot mirror itself.",
            code="bad_address",
        )


def _witness_without_safety() -> Refused:
    return Refused(
        "A witness with safety off enforces quorum and never fails over by itself: the worst of"
        " both. Use safety: full, or no witness.",
        code="witness_without_safety",
    )


def _no_database(database: str) -> Refused:
    return Refused(
        f"There is no database {database} on this instance; it cannot be mirrored. Seed it first.",
        code="no_database",
    )


def _role_changed(database: str, role: str, expected: str) -> Refused:
    return Refused(
        f"This copy of {database} is the {role.lower()} by now and not the {expected.lower()}: the"
        " partners changed roles since somebody looked. The session is left as it is. Look again.",
        code="world_moved",
        role=role,
    )


def _other_partner(database: str, partner: str | None, wanted: str) -> Refused:
    return Refused(
        f"{database} is mirrored with {partner}, not with {wanted}. Remove that session first"
        " (state: absent) if it is not wanted.",
        code="other_partner",
        partner=partner,
    )


def _not_restoring(database: str, state: str | None) -> Refused:
    return Refused(
        f"{database} is {state} on this instance; a mirror copy must be RESTORING. Restore it WITH"
        " NORECOVERY from the principal's backups.",
        code="not_restoring",
        database_state=state,
    )


def _not_online(database: str, state: str | None) -> Refused:
    return Refused(
        f"{database} is {state} on this instance; the principal's copy must be ONLINE.",
        code="not_online",
        database_state=state,
    )


def _simple_recovery(database: str, model: str | None) -> Refused:
    return Refused(
        f"{database} is in {model} recovery; mirroring needs FULL, and a log backup since.",
        code="simple_recovery",
        recovery_model=model,
    )


def _not_synchronized(state: str | None) -> Refused:
    return Refused(
        f"A witness can be set only while the session is SYNCHRONIZED; it is {state}. Repair the"
        " session first.",
        code="not_synchronized",
        mirroring_state=state,
    )
