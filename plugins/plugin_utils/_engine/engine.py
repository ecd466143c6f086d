"""read -> plan -> apply -> outcome: the only loop of the collection. FOR INTERNAL COLLECTION USE
ONLY.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .errors import CmdletFailed, CmdletMissing, Moved, PChatError, SqlFailed, TimedOut, Unproven
from .model import LATER, READABLE, Resource, Session, Settle, State, Step, agrees
from .progress import Progress, Tell, span
from .wait import Clock, backoff

#: Predicted facts of this run: scope -> state keys that earlier tasks would have set.
Predictions = Mapping[str, State]


@dataclass(frozen=True)
class Outcome:
    """What was found, what was (or would be) done, and what the state says afterwards."""

    before: State
    steps: tuple[Step, ...]
    after: State
    # keys of ``before`` that an earlier task of a check run predicted
    assumed: tuple[str, ...] = ()
    predictions: dict[str, State] = field(default_factory=dict)


def predict(state: State, steps: Sequence[Step]) -> State:
    """The state after these steps, without taking them."""
    after = dict(state)
    for step in steps:
        after.update(step.sets)
    return after


def predictions_of(scope: str, steps: Sequence[Step], known: Predictions) -> dict[str, State]:
    """What is to be believed of the scopes that these steps change: what was known of them, and the
    change.
    """
    out: dict[str, State] = {}
    for step in steps:
        for name, facts in {scope: step.sets, **step.also}.items():
            key = name.lower()
            out.setdefault(key, dict(known.get(key, {}))).update(facts)
    return out


def believed(resource: Resource, state: State, known: Predictions) -> State:
    """The keys of ``state`` that earlier tasks of a check run predicted otherwise, from the scopes
    that the resource looks at.
    """
    scopes = (*getattr(resource, "also_scopes", ()), resource.scope)
    facts = {k: v for scope in scopes for k, v in known.get(scope.lower(), {}).items()}
    return {k: v for k, v in facts.items() if k in state and state[k] != v}


def converge(
    resource: Resource,
    session: Session,
    check_mode: bool,
    *,
    known: Predictions | None = None,
    clock: Clock | None = None,
    tell: Tell = lambda text: None,
    limit: float = 0.0,
) -> Outcome:
    """Bring one resource to its wanted state, or say what that would take.

    In check mode the state that was read is corrected by what earlier tasks of the same run
    predicted (``known``): on a bare estate a task can then plan on a database that does not exist
    yet. Errors carry ``done``, ``failed_step`` and ``pending``; those of a batch of T-SQL, or of a
    call that proved nothing, also ``seen``: the state afterwards, None when it could not be read.
    ``tell`` gets lines for a person who waits, as they come up. ``limit``: seconds that the session
    gives to one call.
    """
    known = known or {}
    before = _read(resource, session, known)
    if check_mode:
        corrected = believed(resource, before, known)
        before = {**before, **corrected}
        steps = tuple(resource.plan(before))
        return Outcome(
            before,
            steps,
            predict(before, steps),
            tuple(sorted(corrected)),
            predictions_of(resource.scope, steps, known),
        )
    steps = tuple(resource.plan(before))
    if not steps:
        return Outcome(before, (), before)
    for number, step in enumerate(steps):
        try:
            for settle in step.awaits:
                _settle(
                    resource, session, f"{step.name} was not sent:", settle, clock or Clock(), tell
                )
            if step.lasts:
                tell(f"{step.name}: {step.why}" + (f" (at most {span(limit)})" if limit else ""))
            try:
                for call in step.calls:
                    session.run(call)
            except (Unproven, SqlFailed) as error:
                _look_after(
                    error,
                    resource,
                    session,
                    step,
                    predict(before, steps[:number]),
                    clock or Clock(),
                    tell,
                )
                continue
            if step.settles is not None:
                _settle(
                    resource,
                    session,
                    f"{step.name} was sent, but",
                    step.settles,
                    clock or Clock(),
                    tell,
                )
        except PChatError as error:
            error.details.update(
                before=before,
                failed_step=step.name,
                done=[s.name for s in steps[:number]],
                pending=[s.name for s in steps[number:]],
            )
            raise
    return Outcome(before, steps, resource.read(session))


def _read(resource: Resource, session: Session, known: Predictions) -> State:
    """The state, or all of what is known of it: an earlier task of a check run may have made
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
        return {k: v for k, v in predicted.items() if k != READABLE}


def _look_after(
    error: Unproven | SqlFailed,
    resource: Resource,
    session: Session,
    step: Step,
    before: State,
    clock: Clock,
    tell: Tell,
) -> None:
    """Look what became of a write of which no proof came, or an error.

    Returns when its step counts as done, raises ``error`` otherwise.

    It counts as done when the state is what the step predicted and was not before. Where no way
    leads back, a moved world is never counted as our own doing: somebody else may have passed that
    door.
    """
    error.details["seen"] = None
    try:
        seen = resource.read(session)
        begun = any(
            key in seen and agrees(step.sets[key], seen[key]) for key in _differing(step, before)
        )
        if step.settles is not None and begun:
            _settle(resource, session, f"{step.name} was sent, but", step.settles, clock, tell)
            seen = resource.read(session)
    except PChatError as unseen:
        error.details["unseen_because"] = str(unseen)
        raise error from unseen
    error.details["seen"] = seen
    doubtful = isinstance(error, Moved) and step.one_way
    if doubtful or not has_come_true(step, before, seen):
        raise error
    tell(
        f"{step.name} counts as done, because the state is what it was to become. The call itself"
        f" said: {error}"
    )


def has_come_true(step: Step, before: State, seen: State) -> bool:
    """Whether ``seen`` holds everything that the step predicted, and at least one known value of it
    was different ``before``.
    """
    came = all(key in seen and agrees(value, seen[key]) for key, value in step.sets.items())
    return came and bool(_differing(step, before))


def _differing(step: Step, before: State) -> list[str]:
    """The keys whose predicted values are known, and were different before."""
    return [
        key
        for key, value in step.sets.items()
        if value != LATER and not (key in before and agrees(value, before[key]))
    ]


def _settle(
    resource: Resource, session: Session, so_far: str, settle: Settle, clock: Clock, tell: Tell
) -> None:
    """Poll until the predicate holds. The next run looks again, so giving up loses nothing."""
    started = clock.now()
    progress = Progress(tell, settle.timeout)
    for pause in backoff():
        state = resource.read(session)
        if settle.holds(state):
            return
        waited = clock.now() - started
        reason = settle.fails(state)
        if reason is not None or waited >= settle.timeout:
            raise TimedOut(
                f"{so_far} {settle.until} did not come true within {waited:.0f} s"
                + (f": {reason}" if reason else "")
                + ". Look at the state, then run again.",
                waited=round(waited),
                state=state,
            )
        progress.waited(waited, f"waiting until {settle.until}", settle.seen(state))
        clock.sleep(min(pause, max(settle.timeout - waited, 0.05)))
