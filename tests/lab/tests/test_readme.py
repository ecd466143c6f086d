"""What the lab's README shows works: its estate is built, its examples register and answer."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest

pytest.importorskip("pythonnet", reason="the lab's SQL Server needs .NET: dev/requirements/lab.txt")

from lab.tests.test_layout import FLOORS

from pchat_lab.estate.build import build
from pchat_lab.faults import specs
from pchat_lab.faults.fault import STRIKES
from pchat_lab.powershell.registry import CMDLETS
from pchat_lab.sqlserver.language import registry
from pchat_lab.sqlserver.language.session import SqlSession
from pchat_lab.world.world import World

README = pathlib.Path(__file__).resolve().parents[1] / "README.md"
REGISTERS: tuple[dict[str, t.Any], ...] = (
    CMDLETS,
    STRIKES,
    registry.STATEMENTS,
    registry.PROCEDURES,
    registry.VIEWS,
    registry.FUNCTIONS,
    registry.FUNCTION_TYPES,
)


def examples(language: str) -> list[str]:
    """The blocks of the README in a language, in their order."""
    text = README.read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


@pytest.fixture
def world() -> t.Iterator[World]:
    """A world in which the examples have registered; afterwards nobody knows of them."""
    made = build("default", clock_runs=False)
    before = [dict(register) for register in REGISTERS]
    for example in examples("python"):
        exec(compile(example, README.name, "exec"), {})
    yield made
    for register, known in zip(REGISTERS, before, strict=True):
        register.clear()
        register.update(known)


def rows(world: World, text: str) -> list[list[t.Any]]:
    with SqlSession.internal(world.machine("sql-n1").instances[""]) as session:
        return session.execute(text).check().result_sets[-1].rows


def test_the_smallest_estate_is_built(tmp_path: pathlib.Path) -> None:
    (estate,) = examples("yaml")
    file = tmp_path / "small.yml"
    file.write_text(estate, encoding="utf-8")
    made = build(file, clock_runs=False)
    assert {machine.kind for machine in made.machines.values()} == {
        "front_end",
        "chat_server",
        "sql",
        "file_server",
    }


def test_the_procedure_the_view_and_the_function_answer(world: World) -> None:
    assert rows(world, "EXEC msdb.dbo.sp_answer @question = N'what'") == [["what: 42"]]
    assert rows(world, "SELECT answer FROM sys.answers WHERE question = N'what'") == [[42]]
    assert rows(world, "SELECT ANSWER(N'what')") == [[42]]


def test_the_statement_runs(world: World) -> None:
    instance = world.machine("sql-n1").instances[""]
    with SqlSession.internal(instance) as session:
        session.execute("SHUTDOWN")
    assert instance.sessions == {}


def test_the_cmdlet_is_there(world: World) -> None:
    info = CMDLETS["get-answer"]
    assert info.module == "Lync"
    assert info.signature.parameters["Question"].position == 0
    assert info.signature.parameters["Loud"].type == "switch"


def test_the_fault_breaks_and_is_mended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(specs.KINDS, "cold_room", {"host": specs.KINDS["clock"]["host"]})
    machine = world.machine("sql-n1")
    identity = world.faults.add({"kind": "cold_room", "host": "sql-n1"})
    assert machine.hangs
    world.faults.clear(identity)
    assert not machine.hangs


def test_the_table_of_rooms_is_the_one_that_is_held() -> None:
    told = re.findall(r"^\| (\d) \| `(\w+)/` \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    held = {(str(number), room) for number, floor in enumerate(FLOORS, 1) for room in floor}
    assert set(told) == held
