"""What a fault may be asked for: kinds, their fields, and the values that fields take.

Text from a command line is understood too.
"""

from __future__ import annotations

import math
import re
import typing as t
from collections.abc import Callable

from ..world import sql_tools
from .answers import ANSWERS


class BadFault(ValueError):
    """The fault cannot be understood; the text says what was wrong."""


def _text(value: t.Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a text")
    return value


def _count(value: t.Any) -> int:
    if isinstance(value, bool) or int(value) < 1 or int(value) != float(value):
        raise ValueError("a number from 1")
    return int(value)


def _seconds(value: t.Any) -> float:
    if isinstance(value, bool) or not math.isfinite(float(value)) or abs(float(value)) > _LONGEST:
        raise ValueError("a number of seconds, at most ten years")
    return float(value)


def _duration(value: t.Any) -> float:
    if _seconds(value) < 0:
        raise ValueError("a number of seconds from 0, at most ten years")
    return _seconds(value)


def _drive(value: t.Any) -> str:
    if not re.fullmatch(r"[A-Za-z]:", _text(value)):
        raise ValueError("a drive, as D:")
    return str(value).lower()


def _megabytes(value: t.Any) -> int:
    if isinstance(value, bool) or int(value) < 0 or int(value) != float(value):
        raise ValueError("a whole number of megabytes from 0")
    return int(value)


def _pair(value: t.Any) -> list[str]:
    ends = value.split(",") if isinstance(value, str) else list(value)
    if len(ends) != 2 or not all(isinstance(end, str) and end.strip() for end in ends):
        raise ValueError("two ends: sites or machines")
    return [end.strip() for end in ends]


def _tools(value: t.Any) -> list[str]:
    """``none``, or names of SQL tools with commas between them."""
    words = value.split(",") if isinstance(value, str) else list(value)
    names = [] if words == ["none"] else [str(word).strip() for word in words]
    if not set(names) <= sql_tools.TOOLS.keys():
        raise ValueError(f"none, or one or more of {', '.join(sql_tools.TOOLS)}")
    return names


def _pattern(value: t.Any) -> str:
    try:
        re.compile(_text(value))
    except re.error as error:
        raise ValueError(f"a regular expression: {error}") from error
    return str(value)


class _OneOf:
    def __init__(self, *values: str) -> None:
        self.values = values

    def __call__(self, value: t.Any) -> str:
        if value not in self.values:
            raise ValueError(f"one of {', '.join(self.values)}")
        return str(value)


Reader = Callable[[t.Any], t.Any]
_NEEDED = object()
_LONGEST = 10 * 366 * 86400

#: kind -> field -> (how to read it, default; _NEEDED: must be given; None: may be left out)
KINDS: dict[str, dict[str, tuple[Reader, t.Any]]] = {
    # seconds: with slow, real seconds per pipeline; else lab seconds after which it is over by
    # itself
    "host": {
        "host": (_text, _NEEDED),
        "mode": (_OneOf("down", "hang", "slow", "deaf", "unseen"), "down"),
        "seconds": (_duration, None),
    },
    "site": {
        "site": (_text, _NEEDED),
        "mode": (_OneOf("down", "hang", "slow", "isolated", "deaf", "unseen"), "down"),
        "seconds": (_duration, None),
    },
    # the host is there, and its WinRM listener answers otherwise than with WS-Management. seconds:
    # real ones, of trickle and late
    "answer": {
        "host": (_text, _NEEDED),
        "mode": (_OneOf(*ANSWERS), _NEEDED),
        "seconds": (_duration, None),
    },
    "link": {"between": (_pair, _NEEDED)},
    "service": {
        "host": (_text, _NEEDED),
        "service": (_text, _NEEDED),
        "mode": (_OneOf("stopped", "fails_to_start"), "stopped"),
    },
    "share": {
        "host": (_text, _NEEDED),
        "share": (_text, _NEEDED),
        "mode": (_OneOf("gone", "denied", "full", "unlisted"), "gone"),
    },
    # pattern: only writes in whose command line (world/journal.py) this regular expression is found
    # are counted.
    # twice: a batch of T-SQL runs in whole, and then once more; half_way: it is broken off after so
    # many statements that change something, and
    # then runs in whole. Both are decided before it begins, whatever `when` says; a write that is
    # no batch goes on as if nothing was.
    "write": {
        "number": (_count, _NEEDED),
        "host": (_text, None),
        "pattern": (_pattern, None),
        "when": (_OneOf("before", "after"), "after"),
        "action": (_OneOf("drop", "hang", "fail", "power_off", "twice", "half_way"), "drop"),
        "statements": (_count, 1),
        "message": (_text, "The operation failed once."),
    },
    "cmdlet": {
        "name": (_text, _NEEDED),
        "host": (_text, None),
        "times": (_count, 1),
        "message": (_text, "The operation failed once."),
    },
    "sql_agent": {"host": (_text, _NEEDED), "mode": (_OneOf("stopped"), "stopped")},
    "cms": {"mode": (_OneOf("down"), "down")},
    "clock": {"host": (_text, _NEEDED), "skew_seconds": (_seconds, _NEEDED)},
    # to a file, in two stripes, to nowhere (NUL), or to a program that keeps it (VDI)
    "foreign_log_backup": {
        "host": (_text, _NEEDED),
        "database": (_text, _NEEDED),
        "path": (_text, "NUL"),
        "instance": (_text, None),
        "way": (_OneOf("file", "striped", "vdi"), "file"),
    },
    # a backup tool of somebody else: an Agent job that backs up logs every so many minutes.
    # databases: USER_DATABASES, or names with commas
    "backup_job": {
        "host": (_text, _NEEDED),
        "name": (_text, _NEEDED),
        "tool": (_OneOf("batch", "sqlcmd", "solution", "solution_sqlcmd", "plan"), "batch"),
        "databases": (_text, "USER_DATABASES"),
        "folder": (_text, "NUL"),
        "every": (_count, 15),
        "instance": (_text, None),
    },
    "file": {
        "host": (_text, _NEEDED),
        "path": (_text, _NEEDED),
        "mode": (_OneOf("corrupt", "missing"), "corrupt"),
    },
    # objects that this cmdlet returns have another name for this property, or none: the lab differs
    # from what is documented
    "deviation": {
        "cmdlet": (_text, _NEEDED),
        "property": (_text, _NEEDED),
        "becomes": (_text, None),
    },
    # somebody else runs T-SQL: at once, or right after the n-th write from now
    "operator": {
        "host": (_text, _NEEDED),
        "sql": (_text, _NEEDED),
        "database": (_text, "master"),
        "instance": (_text, None),
        "number": (_count, None),
    },
    "disk_full": {"host": (_text, _NEEDED), "folder": (_text, _NEEDED)},
    "disk_space": {
        "host": (_text, _NEEDED),
        "drive": (_drive, _NEEDED),
        "free_mb": (_megabytes, _NEEDED),
    },
    # clients write this much at once, messages or whatever else goes into the log
    "bulk_write": {
        "host": (_text, _NEEDED),
        "database": (_text, _NEEDED),
        "megabytes": (_count, _NEEDED),
        "instance": (_text, None),
    },
    # the machine has other SQL tools; one more quirk of Invoke-Sqlcmd (world/sql_tools.py describes
    # them); another execution policy
    "sql_tools": {"host": (_text, _NEEDED), "tools": (_tools, _NEEDED)},
    "sql_quirk": {"host": (_text, _NEEDED), "quirk": (_OneOf(*sql_tools.QUIRKS), _NEEDED)},
    "execution_policy": {
        "host": (_text, _NEEDED),
        "policy": (_OneOf(*sql_tools.POLICIES), "Restricted"),
    },
    # the recovery fork of a database that waits for log is NULL
    "hidden_forks": {"host": (_text, _NEEDED)},
    # what Invoke-Sqlcmd answers to a batch in which this regular expression is found: its errors
    # are lost; the rows of all result sets but the
    # last; half of the first result set and all after it; every row and error; or the batch does
    # not even run (everything)
    "sql_batch": {
        "pattern": (_pattern, _NEEDED),
        "loses": (_OneOf("errors", "rows", "half", "answer", "everything"), _NEEDED),
        "host": (_text, None),
        "times": (_count, None),
    },
}

#: kind -> what it is, in a sentence.
ABOUT = {
    "host": "A machine is down (its address refuses), hangs (it accepts connections and never "
    "answers), is slow, is deaf (its WinRM answers nobody, all else goes on), or is unseen (by the "
    "controller only).",
    "site": "All machines of a data centre are down, hang, are slow, deaf or unseen, or the site "
    "is cut off from the other sites.",
    "answer": "A machine's WinRM listener is there and refuses, or answers something that is no "
    "WS-Management.",
    "link": "Two sites or machines do not reach each other; both stay reachable.",
    "service": "A Windows service is stopped, or stops again whenever it is started.",
    "share": "A share is gone, denies access, takes no more bytes, or does not let its files be "
    "listed.",
    "write": "At the n-th write from now: its answer is lost, it fails, its machine loses power, "
    "or it runs more than once.",
    "cmdlet": "The next calls of a cmdlet fail with a message.",
    "sql_agent": "SQL Server Agent of a machine is stopped.",
    "cms": "The central management store cannot be read.",
    "clock": "A machine's clock is ahead (or behind, with a negative number).",
    "foreign_log_backup": "Somebody else's tool backs up the log of a database: to a file, in "
    "stripes, to nowhere, or to a program.",
    "file": "A file is damaged, or gone.",
    "deviation": "Objects that a cmdlet returns have another name for a property, or none.",
    "operator": "Somebody else runs T-SQL, at once or right after the n-th write from now.",
    "disk_full": "A folder takes no more bytes.",
    "disk_space": "A drive has only so much room left.",
    "bulk_write": "Much is written to a database at once, which its log keeps until a backup.",
    "backup_job": "A backup tool of somebody else: an Agent job that backs up logs every so many "
    "minutes.",
    "sql_tools": "A machine has other SQL tools: modules, snap-ins, or none.",
    "sql_quirk": "One more of the ways in which Invoke-Sqlcmd is reported to differ from what one "
    "expects.",
    "execution_policy": "A machine has another execution policy.",
    "hidden_forks": "SQL Server does not tell the recovery fork of a database that waits for log.",
    "sql_batch": "Invoke-Sqlcmd loses a part of the answer to batches in which a pattern is found, "
    "or does not run them.",
}


def read(spec: dict[str, t.Any]) -> dict[str, t.Any]:
    """A complete specification with all defaults; fields that may be left out and were are None.

    BadFault otherwise.
    """
    kind = spec.get("kind")
    if kind not in KINDS:
        raise BadFault(f"unknown kind of fault {kind!r}; there are {', '.join(sorted(KINDS))}")
    fields = KINDS[t.cast(str, kind)]
    unknown = sorted(set(spec) - fields.keys() - {"kind"})
    if unknown:
        raise BadFault(
            f"a {kind} fault has no {', '.join(unknown)}; its fields are {', '.join(fields)}"
        )
    complete: dict[str, t.Any] = {"kind": kind}
    for name, (reader, default) in fields.items():
        if spec.get(name) is None:
            if default is _NEEDED:
                raise BadFault(f"a {kind} fault needs {name}")
            complete[name] = default
            continue
        try:
            complete[name] = reader(spec[name])
        except (ValueError, TypeError, OverflowError) as error:
            raise BadFault(f"{kind}.{name}: {spec[name]!r} is not right: {error}") from error
    return complete


def described() -> dict[str, dict[str, t.Any]]:
    """What can be broken: by kind a sentence, its fields (``needed``, ``optional``, or the
    default), and what each mode is where that needs words.
    """
    words = {_NEEDED: "needed", None: "optional"}
    found: dict[str, dict[str, t.Any]] = {}
    for kind, fields in KINDS.items():
        defaults = {
            name: words.get(default, default) for name, (_reader, default) in fields.items()
        }
        choices = {
            name: list(reader.values)
            for name, (reader, _default) in fields.items()
            if isinstance(reader, _OneOf)
        }
        found[kind] = {"about": ABOUT[kind], "fields": defaults, "choices": choices}
    found["answer"]["modes"] = dict(ANSWERS)
    return found
