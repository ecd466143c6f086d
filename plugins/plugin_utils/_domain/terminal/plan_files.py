"""The plan of a check run as files for review: one in Markdown, and the exact T-SQL and cmdlets of
each host. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable, Iterator, Sequence

from ..._engine.model import LATER, ArgumentSpec
from ..._engine.visible import visible
from ..documents.planned import PlannedCall, PlannedStep, PlannedTask
from ..words import plural

PLAN_FILES_SPEC: ArgumentSpec = {
    "folder": {"type": "path", "required": True},
    "pool": {"type": "str", "required": True},
    "operation": {"type": "str", "required": True},
    "lines": {"type": "list", "elements": "str", "default": []},
}
#: Stands in the first line of each file, by which those of an earlier check are known.
MARK = "Written by lync.persistent_chat for review"
OVERVIEW = "plan.md"
_ODD = re.compile(r"[^A-Za-z0-9._-]")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#])")
#: Literals and quoted names, which stay as they are, or the end of a statement behind them.
_PARTS = re.compile(r"'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|; ")


class PlanFilesOptions(t.TypedDict):
    """``lines``: the plan as it was printed."""

    folder: str
    pool: str
    operation: str
    lines: list[str]


class Numbered(t.NamedTuple):
    """A step with its place among all of them."""

    number: int
    of: int
    task: PlannedTask
    step: PlannedStep


def files_of(options: PlanFilesOptions, tasks: Sequence[PlannedTask], at: str) -> dict[str, str]:
    """Name -> text of each file. ``at``: when it was planned, ISO 8601 in UTC."""
    steps = list(_numbered(tasks))
    files = {OVERVIEW: "".join(f"{line}\n" for line in _overview(options, steps, at))}
    for place in dict.fromkeys(map(_place, steps)):
        here = [step for step in steps if _place(step) == place]
        for ending, written in (("sql", _sql), ("ps1", _ps1)):
            body: list[str] = []
            for step in here:
                body += written(step)
            if body:
                head = _head(options, here[0].task, at, ending)
                files[f"{place}.{ending}"] = "".join(f"{line}\n" for line in [*head, *body])
    return files


def file_name(text: str) -> str:
    """A name of a host or a pool as the name of a file."""
    return _ODD.sub("_", text) or "_"


def readable(sql: str) -> str:
    """A batch with a statement a line. Only blanks between statements become line breaks."""
    return _PARTS.sub(lambda found: ";\n" if found[0] == "; " else found[0], sql)


def _numbered(tasks: Sequence[PlannedTask]) -> Iterator[Numbered]:
    total = sum(len(task["steps"]) for task in tasks)
    number = 0
    for task in tasks:
        for step in task["steps"]:
            number += 1
            yield Numbered(number, total, task, step)


def _place(step: Numbered) -> str:
    """The file of a step, without its ending."""
    instance = step.task["instance"]
    return file_name(f"{step.task['host']}_{instance}" if instance else step.task["host"])


# -- Markdown
def _overview(options: PlanFilesOptions, steps: Sequence[Numbered], at: str) -> Iterator[str]:
    hosts = dict.fromkeys(step.task["host"] for step in steps)
    yield f"<!-- {MARK}. -->"
    yield f"# What {_md(options['operation'])} would do with {_md(options['pool'])}"
    yield ""
    yield f"Planned by a check run at {at}; nothing was changed."
    yield f"{plural(len(steps), 'step')} on {plural(len(hosts), 'host')}."
    yield "A run decides anew on what it sees then; this is what it would do now."
    yield f"`{LATER}` stands for what only the run itself can know, such as the LSN of a backup."
    if options["lines"]:
        yield from ("", "## The plan", "", "```text")
        yield from (visible(line).replace("```", "'''") for line in options["lines"])
        yield "```"
    yield from ("", "## Every step, in order", "")
    yield from ("| | Host | Step | Why | Sent |", "|---|---|---|---|---|")
    for step in steps:
        yield _row(step)


def _row(step: Numbered) -> str:
    move = step.task["move"]
    what = f"`{step.step['name']}`{_one_way(step)}" + (f" (move `{move}`)" if move else "")
    where = "<br>".join(dict.fromkeys(_file_of(step, call) for call in step.step["calls"]))
    why = _md(step.step["why"])
    return f"| {step.number} | {_md(step.task['host'])} | {what} | {why} | {where} |"


def _file_of(step: Numbered, call: PlannedCall) -> str:
    ending = "ps1" if call["database"] is None else "sql"
    return f"[{ending}]({_place(step)}.{ending})"


def _md(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", visible(text))


def _one_way(step: Numbered) -> str:
    return " **[ONE-WAY]**" if step.step["one_way"] else ""


# -- what is sent
def _head(options: PlanFilesOptions, task: PlannedTask, at: str, ending: str) -> Iterator[str]:
    comment = "--" if ending == "sql" else "#"
    instance = task["instance"] or "the default one"
    yield f"{comment} {MARK}, not to be run by hand."
    yield visible(
        f"{comment} {options['operation']} of {options['pool']}, checked at {at}: what would be"
        f" sent to {task['host']}."
    )
    if ending == "sql":
        yield visible(f"{comment} Instance: {instance}. Each batch is sent by itself, in order.")
    yield f"{comment} The numbers are those of {OVERVIEW}, across all hosts."


def _sql(step: Numbered) -> Iterator[str]:
    for call in step.step["calls"]:
        database = call["database"]
        if database is None:
            continue
        yield ""
        yield from _said("--", step, call)
        yield f"USE [{database.replace(']', ']]')}];"
        yield "GO"
        yield readable(call["text"])
        yield "GO"


def _ps1(step: Numbered) -> Iterator[str]:
    for call in step.step["calls"]:
        if call["database"] is None:
            yield ""
            yield from _said("#", step, call)
            yield call["text"]


def _said(comment: str, step: Numbered, call: PlannedCall) -> Iterator[str]:
    mark = " [ONE-WAY]" if step.step["one_way"] else ""
    named = f"{step.number} of {step.of}  {step.step['name']}{mark}: {step.step['why']}"
    yield visible(f"{comment} {named}")
    if LATER in call["text"]:
        yield f"{comment} PLACEHOLDER {LATER}: a value that only the run itself can know."
    if step.step["then"]:
        yield visible(f"{comment} Then it is waited until {step.step['then']}.")


def marked(first_lines: Iterable[tuple[str, str]]) -> list[str]:
    """Of files (name, first line) those that an earlier check wrote."""
    return [name for name, first in first_lines if MARK in first]
