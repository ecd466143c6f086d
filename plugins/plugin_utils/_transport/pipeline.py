"""Calls as the statements of one pipeline, and their answers told apart.

What PowerShell does with several statements (a pipeline's ``AddStatement``): a terminating error of
the *first* statement comes as an error record before the output of the second one, and the pipeline
completes without the rest; one of a later statement fails the pipeline; in both cases the
statements behind it still run. So a mark stands first, which cannot fail, and behind each call; a
call has answered only when the mark behind it is there. And a pipeline never holds more than one
call that changes something: the second would run although the first had failed. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import secrets
import typing as t
from collections.abc import Sequence

from .._engine.model import Call, Cmdlet, Record
from . import clixml, psrp
from .line import Came, Problem


@dataclasses.dataclass
class Answer:
    """What came for one call. ``complete``: the mark behind it arrived."""

    records: list[Record] = dataclasses.field(default_factory=list)
    problems: list[Problem] = dataclasses.field(default_factory=list)
    complete: bool = False


class Marks:
    """Texts that stand between the statements; no data of a host can look like them."""

    def __init__(self) -> None:
        self._nonce = secrets.token_hex(8)

    def text(self, number: int) -> str:
        return f"pchat {self._nonce} {number}"


def only_one_writes(calls: Sequence[Call]) -> None:
    """A programming error otherwise: the second of two writes runs although the first has
    failed.
    """
    writing = [call for call in calls if call.changes]
    if len(writing) > 1 or (writing and len(calls) > 1):
        raise ValueError(f"a call that changes something must travel alone: {writing[0]}")


def marked(cmdlets: Sequence[Cmdlet], marks: Marks) -> tuple[Cmdlet, ...]:
    """Mark 0, the first call, mark 1, the second call, mark 2 and so on."""
    statements = [_mark(marks.text(0))]
    for number, cmdlet in enumerate(cmdlets, start=1):
        strict = {"ErrorAction": "Stop", **cmdlet.params}
        statements.append(dataclasses.replace(cmdlet, params=strict))
        statements.append(_mark(marks.text(number)))
    return tuple(statements)


def _mark(text: str) -> Cmdlet:
    return Cmdlet("Write-Output", {"InputObject": text})


def built(pool: t.Any, statements: Sequence[Cmdlet]) -> psrp.Pipeline:
    """The pipeline of these statements, one cmdlet each."""
    shell = psrp.Pipeline(pool)
    for number, statement in enumerate(statements):
        if number:
            shell.add_statement()
        shell.add_cmdlet(statement.name)
        for name, value in statement.params.items():
            shell.add_parameter(name, psrp.encoded(value))
    return shell


def answers(came: Came, count: int, marks: Marks) -> tuple[bool, list[Answer]]:
    """Whether the first mark arrived, and the answers of all calls in their order.

    Whatever came before the first mark belongs to nobody, and is counted to the first call.
    """
    found = [Answer() for _unused in range(count)]
    passed = -1  # number of the last mark that came
    for item in came.items:
        here = found[min(max(passed, 0), count - 1)]
        if isinstance(item, Problem):
            here.problems.append(item)
            continue
        told = clixml.record(item.xml)
        if told == {"value": marks.text(passed + 1)}:
            passed += 1
            if passed > 0:
                found[passed - 1].complete = True
        else:
            here.records.append(told)
    return passed >= 0, found
