"""The values that travel between a resource, the engine and the session.

FOR INTERNAL COLLECTION USE ONLY.

A resource reads the canonical ``Facts`` of one thing and plans ``Step`` values; a Step is data
(calls, prediction, reason), never a closure over a connection, so that check mode can print exactly
what would be sent.
"""

from __future__ import annotations

import abc
import re
import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

#: Canonical facts about one thing, or some of them: plain JSON values only, names lower-cased,
#: lists sorted, times ISO 8601 in UTC. Each resource says by a ``TypedDict`` which there are.
Facts = Mapping[str, object]

#: What rooms still use that have not named their shapes.
State = dict[str, t.Any]

#: What Ansible is told of one option (type, required, default, choices, elements), and of all.
OptionSpec = dict[str, t.Any]
ArgumentSpec = dict[str, OptionSpec]

#: One object that a cmdlet returned, or one row of T-SQL: property or column name -> plain value
#: (DBNull is None). The domain reads it by the functions of ``_domain/rows.py``.
Record = dict[str, t.Any]

#: The shapes of a resource: its options as Ansible hands them over, and the facts that it reads.
OptionsT = t.TypeVar("OptionsT")
FactsT = t.TypeVar("FactsT", bound=Facts)

#: A predicted value that only the real step can know (a GUID, an LSN, a time). It agrees with
#: anything.
LATER = "(known after the step)"

#: A key among the facts that a step predicts of another scope: they are the whole state, and it can
#: be read from then on.
READABLE = "(readable after the step)"

#: Columns of the rows by which a batch of T-SQL tells how it went. The session takes these rows out
#: of the records. ``pchat_end`` (int): the last statement was reached; 0, or the error number of
#: the statement before it.
END_COLUMN = "pchat_end"
#: ``pchat_moved`` (text): the guard found that the world is not what the plan was made for; nothing
#: was changed.
MOVED_COLUMN = "pchat_moved"
#: ``pchat_failed`` (text): which step of the batch failed; nothing after it was run.
FAILED_COLUMN = "pchat_failed"
#: The last statement of every batch. Without its row nobody knows whether the batch was carried
#: out, whatever else was (not) said: Invoke-Sqlcmd may lose errors (its parameter
#: -IncludeSqlUserErrors: "errors that are otherwise ignored by default").
PROOF_OF_END = f"SELECT @@ERROR AS {END_COLUMN};"

#: Verbs of cmdlets that change nothing (Approved Verbs for PowerShell Commands). All others are
#: taken for writing.
_READING_VERBS = frozenset({"get", "test", "write"})


@dataclass(frozen=True)
class Cmdlet:
    """One cmdlet call.

    ``params`` maps parameter names to plain values; a switch is ``True``; ``secret`` names are
    printed as ***.
    """

    name: str
    params: Mapping[str, t.Any] = field(default_factory=dict)
    secret: frozenset[str] = frozenset()

    @property
    def changes(self) -> bool:
        """Whether it may change something on the host."""
        return self.name.partition("-")[0].lower() not in _READING_VERBS

    def __str__(self) -> str:
        parts = [self.name]
        for name, value in self.params.items():
            parts.append(_parameter(name, "***" if name in self.secret else value))
        return " ".join(parts)


@dataclass(frozen=True)
class Sql:
    """One T-SQL batch, to be run in ``database`` on the task's SQL Server instance.

    ``body`` is one or more statements. ``changes``: whether it may change something; a batch that
    does is never sent together with another one.
    """

    body: str
    database: str = "master"
    changes: bool = False

    @property
    def text(self) -> str:
        """What is sent: the body, and the statement that proves its end."""
        return f"{self.body.rstrip().removesuffix(';')}; {PROOF_OF_END}"

    def __str__(self) -> str:
        return f"USE [{self.database}]; {self.text}"


Call = Cmdlet | Sql


#: PowerShell takes each of these for a single quote (about_Quoting_Rules speaks of the first; the
#: typographic ones are read the same).
_SINGLE_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _parameter(name: str, value: t.Any) -> str:
    """As an administrator would type it; nothing of ours ever executes this text.

    A switch that is off needs the colon: ``-Confirm $false`` would pass ``$false`` by position
    (about_Parameters).
    """
    if value is True:
        return f"-{name}"
    if value is False:
        return f"-{name}:$false"
    return f"-{name} {_argument(value)}"


def _argument(value: t.Any) -> str:
    """A list stands without parentheses, as people write it; an empty one and one of a single list
    cannot.
    """
    if not isinstance(value, (list, tuple)) or not value:
        return _literal(value)
    if len(value) == 1 and isinstance(value[0], (list, tuple)):
        return _literal(value)
    return ", ".join(map(_literal, value))


def _literal(value: t.Any) -> str:
    if value is None:
        return "$null"
    if isinstance(value, bool):
        return f"${str(value).lower()}"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, Mapping):
        entries = [f"{_key(str(key))} = {_literal(item)}" for key, item in value.items()]
        return "@{" + "; ".join(entries) + "}"
    if isinstance(value, (list, tuple)):
        items = [_literal(item) for item in value]
        comma = "," if len(items) == 1 and isinstance(value[0], (list, tuple)) else ""
        return f"@({comma}{', '.join(items)})"
    return _quoted(str(value))


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    """A single-quoted text: nothing in it is replaced, and a quote is doubled
    (about_Quoting_Rules).
    """
    doubled = _SINGLE_QUOTES.sub(lambda found: found[0] * 2, text)
    return f"'{doubled}'"


@dataclass(frozen=True)
class Settle(t.Generic[FactsT]):
    """What is waited for, after a step's calls were sent or before: a named predicate of the facts,
    and a clock.

    ``timeout``: seconds. ``fails`` may return a sentence that says why waiting longer is pointless
    (e.g. the session is SUSPENDED). ``seen``: how far it is, in a few words, for who waits.
    """

    until: str
    holds: Callable[[FactsT], bool]
    timeout: float = 600.0
    fails: Callable[[FactsT], str | None] = lambda facts: None
    seen: Callable[[FactsT], str] = lambda facts: ""


@dataclass(frozen=True)
class Step(t.Generic[FactsT]):
    """One change: what, why, what the facts will be afterwards, and the exact calls."""

    name: str  # stable id, verb_object
    why: str  # one sentence for the operator
    # keys of the resource's own facts after this step
    sets: Facts
    calls: tuple[Call, ...]
    one_way: bool = False  # no plan of ours leads back
    settles: Settle[FactsT] | None = None
    # what must hold, one after the other, before its calls are sent
    awaits: tuple[Settle[FactsT], ...] = ()
    # its calls may be sent again: what they leave shows nowhere, and the second time does no harm
    repeatable: bool = False
    # its calls may run for minutes or hours: a person is told before they are sent
    lasts: bool = False
    # scope -> facts of *other* things that this step changes
    also: Mapping[str, Facts] = field(default_factory=dict)


class Session(t.Protocol):
    """What a resource may ask of a host."""

    def read(self, *calls: Call) -> list[list[Record]]:
        """Send all calls in one pipeline (two HTTP requests); one list of records per call.

        May be repeated on a lost connection.
        """

    def run(self, call: Call) -> list[Record]:
        """Send one writing call, exactly once."""


class Resource(abc.ABC, t.Generic[OptionsT, FactsT]):
    """One thing that is kept in a wanted state.

    ``OptionsT`` and ``FactsT`` are ``TypedDict`` shapes: the options are those of the module's
    argument spec, the facts what ``read`` returns and ``plan`` compares.

    ``scope`` names the thing whose facts these are, in words that other resources use as well, so
    that check mode can plan on what earlier tasks predicted: ``host/<fqdn>``,
    ``sql/<fqdn>[\\instance]``, ``sql/<fqdn>[\\instance]/<database>``, ``pool/<pool fqdn>`` - always
    in lower case. Equal keys of facts with equal scopes mean the same fact. A resource that also
    shows facts of wider scopes names them in ``also_scopes``.
    """

    scope: str
    also_scopes: tuple[str, ...] = ()
    #: There is nothing to bring about: ``plan`` never has a step.
    tells_only: t.ClassVar[bool] = False

    @abc.abstractmethod
    def __init__(self, options: OptionsT, host: str) -> None:
        """Look at the options alone. Raises ``Refused`` for what cannot be meant."""

    @abc.abstractmethod
    def read(self, session: Session) -> FactsT:
        """The facts as they are now. Raises what the session raises."""

    @abc.abstractmethod
    def plan(self, current: FactsT) -> Sequence[Step[FactsT]]:
        """The steps from these facts to the wanted ones, none when they are it.

        Asks nobody. Raises ``Refused`` where there is no way that may be gone.
        """


def agrees(predicted: t.Any, actual: t.Any) -> bool:
    """Whether a prediction came true; LATER agrees with any value."""
    if predicted == LATER:
        return True
    if isinstance(predicted, Mapping) and isinstance(actual, Mapping):
        if predicted.keys() != actual.keys():
            return False
        return all(agrees(value, actual[key]) for key, value in predicted.items())
    if isinstance(predicted, (list, tuple)) and isinstance(actual, (list, tuple)):
        return len(predicted) == len(actual) and all(map(agrees, predicted, actual))
    return bool(predicted == actual)
