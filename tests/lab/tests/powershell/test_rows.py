"""Rows of Invoke-Sqlcmd as remoting sends them: columns of every type, and nothing else."""

from __future__ import annotations

import re

import pytest

from support.lab_powershell import Engine


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("CAST(1 AS bigint)", '<I64 N="c">1</I64>'),
        ("CAST(2 AS int)", '<I32 N="c">2</I32>'),
        ("CAST(3 AS smallint)", '<I16 N="c">3</I16>'),
        ("CAST(4 AS tinyint)", '<By N="c">4</By>'),
        ("CAST(1 AS bit)", '<B N="c">true</B>'),
        ("N'\u00e9'", '<S N="c">\u00e9</S>'),
        ("''", '<S N="c"></S>'),
        (
            "CAST('5F0C6E5E-8B7A-4A83-9A59-2F6B7F0A1C2D' AS uniqueidentifier)",
            '<G N="c">5f0c6e5e-8b7a-4a83-9a59-2f6b7f0a1c2d</G>',
        ),
        ("CAST('2015-06-01T08:00:16' AS datetime)", '<DT N="c">2015-06-01T08:00:16</DT>'),
        ("CAST('2015-06-01' AS date)", '<DT N="c">2015-06-01T00:00:00</DT>'),
        ("CAST('08:30' AS time)", '<TS N="c">PT8H30M</TS>'),
        ("CAST(33000000027200001 AS numeric(25, 0))", '<D N="c">33000000027200001</D>'),
        ("CAST(1.5 AS numeric(5, 2))", '<D N="c">1.50</D>'),
        ("CAST(0x00FF AS varbinary(8))", '<BA N="c">AP8=</BA>'),
        ("CAST(1.5 AS float)", '<Db N="c">1.5</Db>'),
        ("CAST(1.5 AS real)", '<Sg N="c">1.5</Sg>'),
    ],
)
def test_a_column_has_the_tag_of_its_type(engine: Engine, expression: str, written: str) -> None:
    row, state = engine.messages(
        ("Invoke-Sqlcmd", {"ServerInstance": ".", "Query": f"SELECT {expression} AS c;"})
    )
    properties = re.search(r"<Props>(.*)</Props>", row.xml)
    assert (properties and properties[1], "4</I32>" in state.xml) == (written, True)


@pytest.mark.parametrize(
    "kind",
    [
        "int",
        "nvarchar(10)",
        "datetime",
        "uniqueidentifier",
        "varbinary(8)",
        "bit",
        "numeric(25, 0)",
    ],
)
def test_null_is_an_empty_text_whatever_the_type_of_the_column(engine: Engine, kind: str) -> None:
    row, _state = engine.messages(
        (
            "Invoke-Sqlcmd",
            {"ServerInstance": ".", "Query": f"SELECT CAST(NULL AS {kind}) AS c, 1 AS d;"},
        )
    )
    assert '<Props><S N="c"></S><I32 N="d">1</I32></Props>' in row.xml
