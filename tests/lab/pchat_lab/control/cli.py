"""chatlab: start, steer and stop labs."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import logging
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import typing as t
from collections.abc import Callable

import yaml

from ..estate import document
from ..estate.shape import EstateError
from .running import pid_of, reserved

START_LIMIT = 60.0
#: A lab's name is the name of a folder under home(), and of nothing else.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
#: What the starter of a lab tells it once it listens; a lab that is not told so ends.
GO_ON = b"!"


class CommandError(Exception):
    """What the user reads on standard error."""


def home() -> pathlib.Path:
    """Where labs keep what they are asked by: ``$CHATLAB_HOME``, or .cache/lab of the folder one is
    in.
    """
    return pathlib.Path(os.environ.get("CHATLAB_HOME") or pathlib.Path.cwd() / ".cache" / "lab")


def folder_of(name: str) -> pathlib.Path:
    """Where the lab of this name lives. CommandError for what is no name."""
    if NAME.fullmatch(name) is None:
        raise CommandError(
            f"{name!r} is no name of a lab: it becomes the name of a folder in {home()}; use "
            "letters, digits, dots, hyphens and "
            "underlines, the first a letter or a digit"
        )
    return home() / name


def ask(folder: pathlib.Path, command: str, arguments: list[str]) -> t.Any:
    """One request to the lab's control endpoint."""
    if pid_of(folder) is None:
        raise CommandError(
            f"no lab named {folder.name} is running; start one with: chatlab up --name "
            f"{folder.name}"
        )
    control = json.loads((folder / "control.json").read_text(encoding="ascii"))
    connection = http.client.HTTPConnection("127.0.0.1", control["port"], timeout=120)
    connection.request(
        "POST",
        f"/{command}",
        json.dumps(arguments),
        {"Content-Type": "application/json", "X-Lab-Token": control["token"]},
    )
    answer = json.loads(connection.getresponse().read())
    if "error" in answer:
        raise CommandError(answer["error"])
    return answer["answer"]


def free_net(until: contextlib.ExitStack) -> str:
    """A block 127.A that nobody listens in, ours until that stack is left: the first whose WinRM
    ports can be bound on its first addresses.
    """
    for number in range(20, 250):
        if until.enter_context(reserved(net := f"127.{number}")) and _nobody_listens(net):
            return net
    raise CommandError("no free block of loopback addresses; use --ports")


def _nobody_listens(net: str) -> bool:
    try:
        for last in (".1.1", ".1.11", ".2.1"):
            for port in (5985, 5986):
                with socket.socket() as probe:
                    probe.bind((f"{net}{last}", port))
    except OSError:
        return False
    return True


def up(options: argparse.Namespace) -> t.Any:
    """Start a lab in a process of its own, and wait until it answers."""
    folder = folder_of(options.name)
    if pid_of(folder) is not None:
        raise CommandError(
            f"a lab named {options.name} runs already; stop it with: chatlab down --name "
            f"{options.name}"
        )
    _check_settings(options)
    _empty(folder)
    with contextlib.ExitStack() as started:
        net = options.net
        if options.ports:
            net = "127.0"
        elif net == "auto":
            net = free_net(started)
        _start(options, folder, net)
    hosts = yaml.safe_load((folder / "connection.yml").read_text(encoding="utf-8"))["all"]["hosts"]
    return {
        "name": options.name,
        "estate": options.estate,
        "connection": str(folder / "connection.yml"),
        "hosts": {name: f"{h['ansible_host']}:{h['ansible_port']}" for name, h in hosts.items()},
    }


def _check_settings(options: argparse.Namespace) -> None:
    """What the lab's own process could only say in its log.

    CommandError names the option, or the place in the estate file.
    """
    if (
        options.net != "auto"
        and re.fullmatch(r"127\.(25[0-4]|2[0-4]\d|1\d\d|[1-9]?\d)", options.net) is None
    ):
        raise CommandError(
            f"--net {options.net!r} is no block of loopback addresses; give the first two numbers, "
            "as 127.31, or auto"
        )
    for name in ("open_cost", "import_cost", "max_life"):
        if not 0 <= getattr(options, name) <= 7 * 86400:
            raise CommandError(
                f"--{name.replace('_', '-')} {getattr(options, name)} is not a number of seconds "
                "between 0 and a week"
            )
    if options.keytab and not pathlib.Path(options.keytab).is_file():
        raise CommandError(f"--keytab {options.keytab}: there is no such file")
    try:
        document.read(options.estate)
    except EstateError as error:
        raise CommandError(str(error)) from error


def _empty(folder: pathlib.Path) -> None:
    """A fresh folder for a lab.

    CommandError when something else than a lab's leavings is in the way: that is not ours to
    remove.
    """
    if folder.is_symlink() or (
        folder.exists() and not (folder / "options.json").is_file() and any(folder.iterdir())
    ):
        raise CommandError(
            f"{folder} exists and is no lab's folder (it has no options.json), so it is left "
            "alone; choose another --name"
        )
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, mode=0o700)


def _start(options: argparse.Namespace, folder: pathlib.Path, net: str) -> None:
    """The lab's own process, listening when this returns.

    CommandError with the end of its log when it does not come to that.
    """
    tools = options.sql_tools.split(",") if options.sql_tools else None
    settings = {
        "estate": options.estate,
        "product": options.product,
        "tools": tools,
        "net": net,
        "ports": options.ports,
        "open_cost": options.open_cost,
        "import_cost": options.import_cost,
        "frozen_clock": options.frozen_clock,
        "max_life": options.max_life,
        "keytab": options.keytab and str(pathlib.Path(options.keytab).resolve()),
    }
    (folder / "options.json").write_text(json.dumps(settings), encoding="utf-8")
    with (folder / "lab.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "pchat_lab", "serve", "--folder", str(folder)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    ends = time.monotonic() + START_LIMIT
    while pid_of(folder) is None:
        if process.poll() is not None or time.monotonic() > ends:
            process.kill()
            tail = (folder / "lab.log").read_text(encoding="utf-8", errors="replace")[-2000:]
            raise CommandError(f"the lab did not start:\n{tail}")
        time.sleep(0.05)
    with contextlib.suppress(BrokenPipeError), t.cast("t.IO[bytes]", process.stdin) as told:
        told.write(GO_ON)


def down(options: argparse.Namespace) -> t.Any:
    """Stop a lab."""
    folder = folder_of(options.name)
    pid = pid_of(folder)
    if pid is None:
        return {"name": options.name, "stopped": False}
    with contextlib.suppress(CommandError, OSError, http.client.HTTPException):
        ask(
            folder,
            "stop",
            [],
            # not by a signal: the .NET runtime of the T-SQL parser takes SIGTERM for itself, and
            # nothing is tidied
        )
    ends = time.monotonic() + 10
    while pid_of(folder) is not None and time.monotonic() < ends:
        time.sleep(0.05)
    if pid_of(folder) == pid:
        os.kill(pid, signal.SIGKILL)
        (folder / "lab.pid").unlink(missing_ok=True)
    return {"name": options.name, "stopped": True}


def running() -> list[dict[str, t.Any]]:
    """The labs of this home that run."""
    found = []
    for file in sorted(home().glob("*/lab.pid")):
        pid = pid_of(file.parent)
        if pid is not None:
            settings = json.loads((file.parent / "options.json").read_text(encoding="utf-8"))
            found.append(
                {
                    "name": file.parent.name,
                    "pid": pid,
                    "estate": settings["estate"],
                    "net": settings["net"],
                }
            )
    return found


def serve(folder: pathlib.Path) -> int:
    """The daemon itself."""
    from .lab import LabProcess, collect_seldom

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    settings = json.loads((folder / "options.json").read_text(encoding="utf-8"))

    try:
        lab = LabProcess(folder, settings)
    except EstateError as error:
        print(error)  # the end of the log is what the starter shows
        return 2
    collect_seldom()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, lab.stop)
        started = loop.create_task(_until_told(lab.stop))
        await lab.run(settings["max_life"])
        started.cancel()

    asyncio.run(main())
    return 0


async def _until_told(stop: Callable[[], None]) -> None:
    """A lab whose starter was killed before it could say that the lab is wanted does not live on
    unnoticed.
    """
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    if await reader.read(len(GO_ON)) != GO_ON:
        stop()


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    top = argparse.ArgumentParser(prog="chatlab", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text)
        made.add_argument("--name", default="default", help="which lab (default: default)")
        made.add_argument("--json", action="store_true", help="machine-readable output")
        return made

    start = add("up", "start a lab in the background")
    start.add_argument(
        "--estate",
        default="default",
        help="a name (default, low_bandwidth, several_pools) or the path of an estate file",
    )
    start.add_argument("--product", choices=["Lync", "SkypeForBusiness"], default=None)
    start.add_argument(
        "--sql-tools",
        default="",
        metavar="NAME[,NAME]",
        help="where Invoke-Sqlcmd comes from on all hosts with SQL Server: "
        "SQLPS 2012, SQLPS 2014, SqlServer 21, SqlServer 22, snap-in 2008 R2; the first is found "
        "first",
    )
    start.add_argument(
        "--net", default="auto", help="loopback block, e.g. 127.31; auto finds a free one"
    )
    start.add_argument(
        "--ports",
        action="store_true",
        help="one address, hosts differ by port (for systems that have only 127.0.0.1)",
    )
    start.add_argument(
        "--open-cost", type=float, default=0.0, help="real seconds that opening a runspace takes"
    )
    start.add_argument(
        "--import-cost",
        type=float,
        default=0.0,
        help="real seconds that the import of Lync's module takes, once per runspace",
    )
    start.add_argument(
        "--frozen-clock",
        action="store_true",
        help="the lab's clock moves only when it is put forward",
    )
    start.add_argument(
        "--keytab",
        default="",
        metavar="FILE",
        help="keys of WSMAN/HOST and the like for every host: logons by Kerberos, of a key "
        "distribution centre that KRB5_CONFIG names; only what its tickets allow travels further",
    )
    start.add_argument(
        "--max-life",
        type=float,
        default=6 * 3600,
        help="seconds after which the lab ends by itself",
    )
    add("down", "stop a lab")
    add("ps", "labs that are running")
    add("inventory", "print the inventory that adds addresses and credentials")
    for name, text in (
        ("state", "everything the estate is now [--fingerprint]"),
        ("journal", "every command that arrived [--writes] [--since N]"),
        ("clock", "lab time; advance 90m"),
        ("chat", "post [COUNT] [pool=..] [server=..] | traffic N | list POOL | verify"),
        ("fault", "add KIND name=value ... | clear [ID] | list"),
        ("stats", "HTTP requests (answered or not), runspaces, pipelines per host [--reset]"),
        (
            "endpoint",
            "NAME FILE: a restricted endpoint from a role capability (.psrc) or session "
            "configuration file (.pssc)",
        ),
        ("reset", "the estate as it was at the start"),
        ("checkpoint", "NAME [FILE]: keep the estate as it is now, in a file as well"),
        (
            "states",
            "keep NAME: checkpoints NAME 0 now, NAME 1 after the next write, ... | end",
        ),
        ("revert", "NAME [FILE]: the estate as it was at that checkpoint, or at the file's"),
        ("document", "the topology document that an operator would bring"),
    ):
        add(name, text)
    daemon = commands.add_parser("serve")
    daemon.add_argument("--folder", required=True)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run one command of chatlab; the exit code."""
    options, rest = parser().parse_known_args(arguments)
    try:
        if options.command == "serve":
            return serve(pathlib.Path(options.folder))
        if options.command in ("up", "down", "ps", "inventory") and rest:
            raise CommandError(f"{options.command} does not take {rest}")
        if options.command == "inventory":
            print((folder_of(options.name) / "connection.yml").read_text(encoding="utf-8"), end="")
            return 0
        if options.command == "up":
            answer = up(options)
        elif options.command == "down":
            answer = down(options)
        elif options.command == "ps":
            answer = running()
        else:
            answer = ask(folder_of(options.name), options.command, rest)
    except (CommandError, OSError, http.client.HTTPException) as error:
        print(f"chatlab: {error}", file=sys.stderr)
        return 1
    if options.command == "document" and not options.json:
        print(answer["document"])
    else:
        print(
            json.dumps(answer)
            if options.json
            else yaml.safe_dump(answer, sort_keys=False, allow_unicode=True, width=160),
            end="\n" if options.json else "",
        )
    return 0
