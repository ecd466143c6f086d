"""What can be asked of a running lab.

Each takes the arguments of the command line as strings and returns JSON.
"""

from __future__ import annotations

import pathlib
import re
import typing as t
from collections.abc import Callable

from ..estate.describe import describe, fingerprint
from ..faults.specs import BadFault, described
from ..powershell.capability import BadCapability, read_capability
from .checkpoints import OtherEstateError

if t.TYPE_CHECKING:
    from .lab import LabProcess

Arguments = list[str]

#: Lab seconds that the clock may be put forward at once, messages that may be posted at once, bytes
#: of a role capability file.
LONGEST_STEP = 100 * 86400
MOST_MESSAGES = 100_000
LARGEST_FILE = 1 << 20


class Refused(Exception):
    """The command cannot be understood or carried out; the text says why."""


def run(lab: LabProcess, command: str, arguments: Arguments) -> t.Any:
    """Carry out a command of ``COMMANDS`` with its arguments; what it answers."""
    if command not in COMMANDS:
        raise Refused(f"unknown command {command!r}; there are {', '.join(sorted(COMMANDS))}")
    return COMMANDS[command](lab, arguments)


def _fields(words: Arguments) -> dict[str, str]:
    """``a=b c=d`` as a dict."""
    bad = [w for w in words if "=" not in w]
    if bad:
        raise Refused(f"expected name=value, got {bad}")
    return dict(w.split("=", 1) for w in words)


def _state(lab: LabProcess, arguments: Arguments) -> t.Any:
    if arguments not in ([], ["--fingerprint"]):
        raise Refused("state takes nothing but --fingerprint")
    return fingerprint(lab.world) if arguments else describe(lab.world)


def _journal(lab: LabProcess, arguments: Arguments) -> t.Any:
    """--writes, --since N, --impossible"""
    entries = lab.world.journal.entries
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word == "--writes":
            entries = [e for e in entries if e.write]
        elif word == "--impossible":
            entries = [e for e in entries if e.impossible]
        elif word == "--since" and words and re.fullmatch(r"[0-9]{1,9}", words[0]):
            since = int(words.pop(0))
            entries = [e for e in entries if e.number > since]
        else:
            raise Refused(f"journal takes --writes, --impossible and --since N, not {word!r}")
    return [e.as_json() for e in entries]


def seconds(text: str) -> float:
    """``90``, ``90s``, ``15m``, ``2h``, ``1d``."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smhd]?)", text)
    if match is None:
        raise Refused(f"{text!r} is no time; give seconds, or 15m, 2h, 1d")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]


def _clock(lab: LabProcess, arguments: Arguments) -> t.Any:
    if arguments and arguments[0] == "advance" and len(arguments) == 2:
        by = seconds(arguments[1])
        if by > LONGEST_STEP:
            raise Refused(
                f"{arguments[1]} is more than the {LONGEST_STEP // 86400} days that the clock can "
                "be put forward in one step: whatever is due "
                "on the way really happens, and the lab answers nobody meanwhile; take several "
                "steps"
            )
        lab.world.clock.advance(by)
    elif arguments:
        raise Refused("clock takes nothing, or: advance TIME")
    return {"now": lab.world.clock.now().isoformat()}


def _chat(lab: LabProcess, arguments: Arguments) -> t.Any:
    if not arguments or arguments[0] not in ("post", "verify", "traffic", "list"):
        raise Refused(
            "chat takes: post [COUNT] [pool=FQDN] [server=FQDN], traffic PER_MINUTE [pool=FQDN], "
            "list POOL, or verify"
        )
    if arguments[0] == "verify":
        return lab.world.chat.verify()
    if arguments[:1] == ["list"] and len(arguments) == 2:
        return [
            {
                "number": m.number,
                "at": m.at.isoformat(),
                "server": m.server,
                "instance": m.instance,
                "lsn": str(m.lsn),
            }
            for m in lab.world.chat.acknowledged(arguments[1])
        ]
    if arguments[0] == "list":
        raise Refused("chat list takes the name of a pool")
    words = arguments[1:]
    number = words.pop(0) if words and "=" not in words[0] else "1"
    fields = _fields(words)
    unknown = sorted(fields.keys() - {"pool", "server"})
    if unknown:
        raise Refused(f"chat {arguments[0]} knows pool= and server=, not {', '.join(unknown)}")
    pattern = r"[0-9]{1,9}(\.[0-9]{1,9})?" if arguments[0] == "traffic" else r"[0-9]{1,9}"
    if re.fullmatch(pattern, number) is None or float(number) > MOST_MESSAGES:
        raise Refused(f"{number!r} is no number of messages between 0 and {MOST_MESSAGES}")
    try:
        if arguments[0] == "traffic":
            return lab.world.chat.traffic(float(number), fields.get("pool"))
        return lab.world.chat.post(
            int(number), pool=fields.get("pool"), server=fields.get("server")
        )
    except ValueError as error:
        raise Refused(str(error)) from error


def _fault(lab: LabProcess, arguments: Arguments) -> t.Any:
    faults = lab.world.faults
    words = list(arguments)
    action = words.pop(0) if words else "list"
    try:
        if action == "add" and words:
            return {"id": faults.add({"kind": words.pop(0), **_fields(words)})}
        if action == "clear" and len(words) <= 1:
            return {"cleared": faults.clear(words[0] if words else "all")}
        if action == "list" and not words:
            return faults.list()
        if action == "kinds" and not words:
            return described()
    except BadFault as error:
        raise Refused(str(error)) from error
    raise Refused("fault takes: add KIND name=value ..., clear [ID], list, kinds")


def _stats(lab: LabProcess, arguments: Arguments) -> t.Any:
    answer = lab.wire.stats()
    if arguments == ["--reset"]:
        lab.wire.reset_stats()
    elif arguments:
        raise Refused("stats takes nothing but --reset")
    return answer


def _reset(lab: LabProcess, arguments: Arguments) -> t.Any:
    if arguments:
        raise Refused("reset takes nothing")
    lab.reset()
    return {"estate": lab.options["estate"]}


def _checkpoint(lab: LabProcess, arguments: Arguments) -> t.Any:
    """NAME [FILE]: the file is for other labs of this estate."""
    if len(arguments) not in (1, 2):
        raise Refused(
            "checkpoint takes a name for the estate as it is now, and a file to write it to"
        )
    lab.checkpoints.take(arguments[0], lab.world)
    for file in arguments[1:]:
        try:
            lab.checkpoints.write(arguments[0], pathlib.Path(file))
        except (OSError, ValueError) as error:
            raise Refused(f"the checkpoint cannot be written to {file!r}: {error}") from error
    return {"checkpoints": lab.checkpoints.names()}


def _states(lab: LabProcess, arguments: Arguments) -> t.Any:
    """keep NAME, or end: checkpoints NAME 0 now, NAME 1 after the next write, and so on."""
    if arguments == ["end"]:
        return {"kept": lab.kept_states()}
    if len(arguments) != 2 or arguments[0] != "keep":
        raise Refused("states takes: keep NAME, or end")
    lab.keep_states(arguments[1])
    return {"kept": [0]}


def _revert(lab: LabProcess, arguments: Arguments) -> t.Any:
    """NAME [FILE]: from a file that a lab of this estate wrote, of this computer's owner: it is
    code as well.
    """
    for file in arguments[1:2]:
        try:
            lab.checkpoints.read(arguments[0], pathlib.Path(file))
        except (OSError, ValueError) as error:
            raise Refused(f"the checkpoint cannot be read from {file!r}: {error}") from error
    try:
        name, *_file = arguments
        lab.revert(name)
    except OtherEstateError as error:
        raise Refused(str(error)) from error
    except (ValueError, KeyError):
        raise Refused(
            "revert takes the name of a checkpoint; there are: "
            f"{', '.join(lab.checkpoints.names()) or 'none'}"
        ) from None
    return {"now": lab.world.clock.now().isoformat()}


def _down(lab: LabProcess, arguments: Arguments) -> t.Any:
    if arguments:
        raise Refused("stop takes nothing")
    lab.stop()
    return {"stopping": True}


def _document(lab: LabProcess, arguments: Arguments) -> t.Any:
    """The topology document that an operator would bring."""
    if arguments:
        raise Refused("document takes nothing")
    return {"document": lab.world.lync.wanted_document()}


def _endpoint(lab: LabProcess, arguments: Arguments) -> t.Any:
    """NAME FILE: a session configuration of every machine that shows what this role capability
    (.psrc) or session configuration (.pssc) says.
    """
    if len(arguments) != 2:
        raise Refused("endpoint takes a name and a role capability or session configuration file")
    try:
        file = pathlib.Path(arguments[1])
        if not file.is_file() or file.stat().st_size > LARGEST_FILE:
            raise Refused(f"{arguments[1]!r} is no file of at most {LARGEST_FILE >> 20} MB")
        found = read_capability(file.read_text(encoding="utf-8"))
    except (BadCapability, OSError, ValueError, RecursionError) as error:
        raise Refused(f"{arguments[1]!r} is no role capability file: {error}") from error
    lab.world.session_configurations[arguments[0].lower()] = found
    return {"name": arguments[0], "cmdlets": len(found.entries)}


COMMANDS: dict[str, Callable[[t.Any, Arguments], t.Any]] = {
    "state": _state,
    "journal": _journal,
    "clock": _clock,
    "chat": _chat,
    "fault": _fault,
    "stats": _stats,
    "reset": _reset,
    "checkpoint": _checkpoint,
    "states": _states,
    "revert": _revert,
    "stop": _down,
    "document": _document,
    "endpoint": _endpoint,
}
