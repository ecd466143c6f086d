"""read -> plan -> apply -> outcome: the only loop of the collection. FOR INTERNAL COLLECTION USE
ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .errors import CmdletFailed, CmdletMissing, Moved, PChatError, SqlFailed, TimedOut, Unproven
from .model import LATER, READABLE, Facts, FactsT, Resource, Session, Settle, Step, agrees
from .progress import Progress, Tell, span
from .wait import Clock, backoff

#: Predicted facts of this run: scope -> facts that earlier tasks would have set.
Predictions = Mapping[str, Facts]
Change = dict[str, object]


@dataclass(frozen=True)
class Outcome:
    """What was found, what was (or would be) done, and what the facts are afterwards."""

    before: Facts
    steps: tuple[Step[t.Any], ...]
    after: Facts
    # keys of ``before`` that an earlier task of a check run predicted
    assumed: tuple[str, ...] = ()
    predictions: Predictions = field(default_factory=dict)


def predict(facts: Facts, steps: Sequence[Step[t.Any]]) -> Facts:
    """The facts after these steps, without taking them."""
    after = dict(facts)
    for step in steps:
        after.update(step.sets)
    return after


def predictions_of(
    scope: str, steps: Sequence[Step[t.Any]], known: Predictions
) -> dict[str, Change]:
    """What is to be believed of the scopes that these steps change: what was known of them, and the
    change.
    """
    predicted: dict[str, Change] = {}
    for step in steps:
        for name, facts in {scope: step.sets, **step.also}.items():
            key = name.lower()
            if key not in predicted:
                predicted[key] = dict(known.get(key, {}))
            predicted[key].update(facts)
    return predicted


def believed(resource: Resource[t.Any, t.Any], facts: Facts, known: Predictions) -> Change:
    """Those of ``facts`` that earlier tasks of a check run predicted otherwise, from the scopes
    that the resource looks at.
    """
    predicted: Change = {}
    for scope in (*resource.also_scopes, resource.scope):
        predicted.update(known.get(scope.lower(), {}))
    return {key: value for key, value in predicted.items() if key in facts and facts[key] != value}


def converge(
    resource: Resource[t.Any, FactsT],
    session: Session,
    check_mode: bool,
    *,
    known: Predictions | None = None,
    clock: Clock | None = None,
    tell: Tell = lambda text: None,
    limit: float = 0.0,
) -> Outcome:
    """Bring one resource to its wanted facts, or say what that would take.

    In check mode the facts that were read are corrected by what earlier tasks of the same run
    predicted (``known``): on a bare estate a task can then plan on a database that does not exist
    yet. Errors carry ``done``, ``failed_step`` and ``pending``; those of a batch of T-SQL, or of a
    call that proved nothing, also ``seen``: the facts afterwards, None when they could not be read.
    ``tell`` gets lines for a person who waits, as they come up. ``limit``: seconds that the session
    gives to one call.
    """
    predictions = known or {}
    before = _read(resource, session, predictions)
    if check_mode:
        return _foretold(resource, before, predictions)
    steps = tuple(resource.plan(before))
    if not steps:
        return Outcome(before, (), before)
    run = _Run(resource, session, clock or Clock(), tell, limit)
    for number, step in enumerate(steps):
        try:
            run.take(step, predict(before, steps[:number]))
        except PChatError as error:
            error.details.update(
                before=before,
                failed_step=step.name,
                done=[taken.name for taken in steps[:number]],
                pending=[left.name for left in steps[number:]],
            )
            raise
    return Outcome(before, steps, resource.read(session))


def _foretold(resource: Resource[t.Any, FactsT], found: FactsT, known: Predictions) -> Outcome:
    corrected = believed(resource, found, known)
    before = _shaped(resource, {**found, **corrected})
    steps = tuple(resource.plan(before))
    return Outcome(
        before=before,
        steps=steps,
        after=predict(before, steps),
        assumed=tuple(sorted(corrected)),
        predictions=predictions_of(resource.scope, steps, known),
    )


def _read(resource: Resource[t.Any, FactsT], session: Session, known: Predictions) -> FactsT:
    """The facts, or all of what is known of them: an earlier task of a check run may have made
    readable (predicted) what is not yet.
    """
    try:
        return resource.read(session)
    # no state of the world: nothing can be read with it, predicted or not
    except CmdletMissing:
        raise
    except CmdletFailed:
        predicted = known.get(resource.scope.lower(), {})
        if not predicted.get(READABLE):
            raise
        told = {key: value for key, value in predicted.items() if key != READABLE}
        return _shaped(resource, told)


def _shaped(_resource: Resource[t.Any, FactsT], facts: Facts) -> FactsT:
    """Facts that were put together here: their keys are those that the resource reads."""
    return t.cast(FactsT, facts)


@dataclass(frozen=True)
class _Run(t.Generic[FactsT]):
    """Steps that are really taken. ``limit``: seconds that the session gives to one call."""

    resource: Resource[t.Any, FactsT]
    session: Session
    clock: Clock
    tell: Tell
    limit: float

    def take(self, step: Step[FactsT], before: Facts) -> None:
        """Send a step's calls, and wait for what is to become of them."""
        for settle in step.awaits:
            self._settle(f"{step.name} was not sent:", settle)
        if step.lasts:
            at_most = f" (at most {span(self.limit)})" if self.limit else ""
            self.tell(f"{step.name}: {step.why}{at_most}")
        try:
            self._send(step)
        except (Unproven, SqlFailed) as error:
            self._look_after(error, step, before)
            return
        if step.settles is not None:
            self._settle(f"{step.name} was sent, but", step.settles)

    def _send(self, step: Step[FactsT]) -> None:
        """All calls; those of a repeatable step once more when no proof of them came."""
        try:
            self._send_once(step)
        except Unproven:
            if not step.repeatable:
                raise
            self.tell(f"{step.name} is sent again: no proof of it came, and it does no harm twice")
            self._send_once(step)

    def _send_once(self, step: Step[FactsT]) -> None:
        for call in step.calls:
            self.session.run(call)

    def _look_after(self, error: Unproven | SqlFailed, step: Step[FactsT], before: Facts) -> None:
        """Look what became of a write of which no proof came, or an error.

        Returns when its step counts as done, raises ``error`` otherwise.

        It counts as done when the facts are what the step predicted and were not before. Where no
        way leads back, a moved world is never counted as our own doing: somebody else may have
        passed that door.
        """
        error.details["seen"] = None
        try:
            seen = self.resource.read(self.session)
            if step.settles is not None and _has_begun(step, before, seen):
                self._settle(f"{step.name} was sent, but", step.settles)
                seen = self.resource.read(self.session)
        except PChatError as unseen:
            error.details["unseen_because"] = str(unseen)
            raise error from unseen
        error.details["seen"] = seen
        doubtful = isinstance(error, Moved) and step.one_way
        if doubtful or not has_come_true(step, before, seen):
            raise error
        self.tell(
            f"{step.name} counts as done, because the state is what it was to become. The call"
            f" itself said: {error}"
        )

    def _settle(self, so_far: str, settle: Settle[FactsT]) -> None:
        """Poll until the predicate holds. The next run looks again, so giving up loses nothing."""
        started = self.clock.now()
        progress = Progress(self.tell, settle.timeout)
        for pause in backoff():
            facts = self.resource.read(self.session)
            if settle.holds(facts):
                return
            waited = self.clock.now() - started
            reason = settle.fails(facts)
            if reason is not None or waited >= settle.timeout:
                because = f": {reason}" if reason else ""
                raise TimedOut(
                    f"{so_far} {settle.until} did not come true within {waited:.0f} s{because}."
                    " Look at the state, then run again.",
                    waited=round(waited),
                    state=facts,
                )
            progress.waited(waited, f"waiting until {settle.until}", settle.seen(facts))
            self.clock.sleep(min(pause, max(settle.timeout - waited, 0.05)))


def has_come_true(step: Step[t.Any], before: Facts, seen: Facts) -> bool:
    """Whether ``seen`` holds everything that the step predicted, and at least one known value of it
    was different ``before``.
    """
    came = all(_agrees_at(key, value, seen) for key, value in step.sets.items())
    return came and bool(_differing(step, before))


def _has_begun(step: Step[t.Any], before: Facts, seen: Facts) -> bool:
    """Whether anything of what is to become different is so already."""
    return any(_agrees_at(key, step.sets[key], seen) for key in _differing(step, before))


def _differing(step: Step[t.Any], before: Facts) -> list[str]:
    """The keys whose predicted values are known, and were different before."""
    return [
        key
        for key, value in step.sets.items()
        if value != LATER and not _agrees_at(key, value, before)
    ]


def _agrees_at(key: str, predicted: object, facts: Facts) -> bool:
    return key in facts and agrees(predicted, facts[key])
