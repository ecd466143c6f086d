"""Whatever is asked of a running lab, the answer is a sentence; what cannot be understood is the
caller's doing.
"""

from __future__ import annotations

import json
import os
import random
import string

import pytest

from pchat_lab.control import commands
from pchat_lab.faults.specs import KINDS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"{}",
        b'"text"',
        b"[1]",
        b"[null]",
        b'[["x"]]',
        b"[" * 100_000,
        b"\xff\xfe",
        b'["\\ud800"]',
        b"[1e999]",
        b"x" * (9 << 20),
    ],
)
def test_a_body_that_is_no_list_of_texts(control, body):
    status, answer = control.ask("/journal", body)
    assert status == 400
    assert answer["error"]


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/", "POST", 400),
        ("/nothing", "POST", 400),
        ("/state/x", "POST", 400),
        ("/%00", "POST", 400),
        ("/../state", "POST", 400),
        ("/state", "GET", 405),
        ("/state", "DELETE", 405),
        ("/" + "x" * 4000, "POST", 400),
    ],
)
def test_paths_and_methods(control, path, method, status):
    met, answer = control.ask(path, b"[]", method)
    assert (met, bool(answer["error"])) == (status, True)


@pytest.mark.parametrize("token", ["", "x", "\u00e9", "x" * 5000])
def test_a_wrong_token(control, token):
    assert control.ask("/state", b"[]", **{"X-Lab-Token": token.encode().decode("latin-1")}) == (
        403,
        {"error": "wrong token: the lab's own is in control.json in its folder"},
    )


@pytest.mark.parametrize(
    "words",
    [
        ("clock", "advance"),
        ("clock", "advance", "-1"),
        ("clock", "advance", "1e9"),
        ("clock", "advance", "9" * 400),
        ("clock", "advance", "101d"),
        ("clock", "advance", "nan"),
        ("clock", "advance", "\u0663m"),
        ("clock", "back", "1m"),
        ("journal", "--since"),
        ("journal", "--since", "\u00b2"),
        ("journal", "--since", "9" * 5000),
        ("journal", "--all"),
        ("chat",),
        ("chat", "post", "x"),
        ("chat", "post", "-1"),
        ("chat", "post", "1.5"),
        ("chat", "post", "1000000000"),
        ("chat", "traffic", "inf"),
        ("chat", "traffic", "nan"),
        ("chat", "post", "1", "pool=none"),
        ("chat", "post", "1", "server=none"),
        ("chat", "post", "1", "colour=red"),
        ("chat", "post", "1", "x"),
        ("chat", "list"),
        ("fault", "add"),
        ("fault", "add", "meteor"),
        ("fault", "add", "host", "host"),
        ("fault", "add", "host", "host=fe-n1", "seconds=inf"),
        ("fault", "add", "host", "host=fe-n1", "seconds=nan"),
        ("fault", "add", "host", "host=fe-n1", "seconds=-3"),
        ("fault", "add", "host", "host=fe-n1", "mode=hang", "seconds=1e300"),
        ("fault", "add", "host", "host=\x00"),
        ("fault", "add", "write", "number=1e9"),
        ("fault", "add", "write", "number=inf"),
        ("fault", "add", "cmdlet", "name=x", "times=0"),
        ("fault", "add", "link", "between=a"),
        ("fault", "add", "clock", "host=fe-n1", "skew_seconds=1e12"),
        ("fault", "add", "answer", "host=fe-n1", "mode=sulky"),
        ("fault", "add", "operator", "host=sql-n1", "sql=SELEC 1"),
        ("fault", "add", "operator", "host=sql-n1", "sql=SELECT 1", "database=none"),
        ("fault", "add", "operator", "host=sql-n1", "sql=SELECT 1", "instance=none"),
        ("fault", "clear", "f99"),
        ("fault", "clear", "a", "b"),
        ("fault", "x"),
        ("stats", "--rest"),
        ("state", "x"),
        ("reset", "x"),
        ("checkpoint",),
        ("checkpoint", "a", "/"),
        ("checkpoint", "a", "/nowhere/b"),
        ("checkpoint", "a", "\x00"),
        ("states",),
        ("states", "keep"),
        ("states", "end", "x"),
        ("revert",),
        ("revert", "none"),
        ("revert", "a", "/nowhere"),
        ("revert", "a", "/"),
        ("revert", "a", "/dev/zero"),
        ("revert", "a", "\x00"),
        ("revert", "a", os.devnull),
        ("document", "x"),
        ("stop", "x"),
        ("endpoint",),
        ("endpoint", "a", "/nowhere"),
        ("endpoint", "a", "/"),
        ("endpoint", "a", "/dev/zero"),
        ("endpoint", "a", "\x00"),
        ("endpoint", "a", os.devnull),
    ],
)
def test_commands_that_make_no_sense(control, words):
    status, answer = control.command(*words)
    assert status == 400, answer
    assert answer["error"]
    assert control.command("fault", "list") == (200, {"answer": []})


@pytest.mark.parametrize(
    "text",
    [
        "\x89PNG",
        "@{" * 3000,
        "@(" * 3000,
        "@{ VisibleCmdlets = ",
        "@{ VisibleCmdlets = 'a' }}",
        "'",
        "@{ x = @{ } }",
    ],
)
def test_files_that_are_no_role_capability(control, tmp_path, text):
    file = tmp_path / "x.psrc"
    file.write_bytes(text.encode("latin-1"))
    status, answer = control.command("endpoint", "x", str(file))
    assert (status, "no role capability file" in answer.get("error", "")) == (400, True), answer


def test_random_words(control):
    chance = random.Random(20261128)
    pieces = [
        *KINDS,
        *string.printable,
        "=",
        "host=",
        "host=sql-n1",
        "mode=",
        "number=1",
        "seconds=1",
        "add",
        "clear",
        "--since",
        "1d",
        "\u202e",
        "x" * 3000,
        "advance",
        "post",
        "verify",
        "list",
        "--writes",
        "\ud800",
        "name=Get-Service",
        "sql=",
        "path=C:\\x",
    ]
    for _number in range(1500):
        command = chance.choice(
            [c for c in commands.COMMANDS if c not in ("stop", "reset", "checkpoint", "revert")]
        )
        words = [chance.choice(pieces) for _unused in range(chance.randrange(5))]
        status, answer = control.ask(f"/{command}", json.dumps(words).encode())
        assert status in (200, 400), (command, words, answer)
    control.command("fault", "clear")


def test_stats_count_anew_after_a_reset_the_writes_too(control):
    world = control.lab.world
    for write in (True, True, False):
        world.journal.add(
            at=world.clock.now(),
            host="sql-n1.contoso.example",
            user="u",
            runspace="r",
            pipeline="p",
            name="x",
            parameters={},
            write=write,
        )
    before = control.command("stats", "--reset")[1]["answer"]["total"]["writes"]
    assert before >= 2
    found = control.command("stats")[1]["answer"]
    assert found["total"]["writes"] == found["hosts"]["sql-n1.contoso.example"]["writes"] == 0
    world.journal.add(
        at=world.clock.now(),
        host="sql-n1.contoso.example",
        user="u",
        runspace="r",
        pipeline="p",
        name="x",
        parameters={},
        write=True,
    )
    found = control.command("stats")[1]["answer"]
    assert found["total"]["writes"] == found["hosts"]["sql-n1.contoso.example"]["writes"] == 1
    assert len(world.journal.writes()) == before + 1, "the journal keeps everything"


def test_kinds_of_faults_can_be_asked_for(control):
    status, answer = control.command("fault", "kinds")
    assert status == 200
    assert (
        answer["answer"]["answer"]["modes"]["silent"]
        == "a runspace opens, and its pipelines never answer"
    )
