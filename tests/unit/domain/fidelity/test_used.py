"""What the collection sends is found completely: against the files themselves, and against
Microsoft's own parser.
"""

from __future__ import annotations

import ast
import importlib.util
import pathlib

import pytest
from unit.domain.scriptdom import VERSIONS, syntax_errors

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity import (
    tsql,
    used,
)
from pchat_lab.sqlserver.language.parser import parse

CALLS = pathlib.Path(__file__).parents[4] / "plugins" / "plugin_utils" / "_domain" / "calls"
BATCHES = sorted({(name, batch.text) for name, made in used.batches().items() for batch in made})
needs_parser = pytest.mark.skipif(
    importlib.util.find_spec("pythonnet") is None,
    reason="Microsoft's parser needs .NET: dev/requirements/lab.txt",
)
#: Parts of dates, which the parser takes for columns.
DATEPARTS = {"second", "minute", "hour", "day", "month", "year"}


def test_every_function_that_makes_a_call_is_asked():
    written = {
        f"{path.stem}.{node.name}"
        for path in CALLS.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and ast.unparse(node.returns or ast.Constant(None)) in ("Cmdlet", "Sql")
    }
    assert written == set(used.calls())


def test_every_cmdlet_and_parameter_that_stands_in_the_files_is_found():
    """Names and literal keys of parameters, as the syntax tree has them."""
    trees = [
        ast.parse((CALLS / f"{name}.py").read_text(encoding="utf-8"))
        for name in ("lync", "windows", "powershell")
    ]
    named = {
        node.args[0].value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Cmdlet"
    }
    assert named == set(used.cmdlets())
    keys = {
        key.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and key.value[0].isupper()
    }
    assert keys - used.COMMON == {
        parameter for parameters in used.cmdlets().values() for parameter in parameters
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_the_samples_are_real_t_sql(version):
    assert {text: wrong for _name, text in BATCHES if (wrong := syntax_errors(text, version))} == {}


def columns_by_parser(text):
    """(tables, columns) that Microsoft's parser sees in a batch."""
    tables, columns = set(), set()
    for statement in parse(text):
        for node in statement.walk():
            if node.kind in ("NamedTableReference", "SchemaObjectFunctionTableReference"):
                tables.add(tsql.full_name(node.SchemaObject.text))
            elif (
                node.kind == "ColumnReferenceExpression"
                and node.get("MultiPartIdentifier") is not None
            ):
                columns.add(node.MultiPartIdentifier.Identifiers[-1].Value.lower())
    return tables, columns - DATEPARTS


@needs_parser
@pytest.mark.parametrize("name", sorted({name for name, _text in BATCHES}))
def test_views_and_columns_are_those_that_the_parser_sees(name):
    for text in (text for known, text in BATCHES if known == name):
        tables, columns = columns_by_parser(text)
        found = tsql.columns(text)
        if any(map(tsql.is_data, tables)):
            assert found == {}
            continue
        assert set(found) == tables
        assert {column for names in found.values() for column in names} == columns


@needs_parser
@pytest.mark.parametrize("name", sorted({name for name, _text in BATCHES}))
def test_procedures_and_arguments_are_those_that_the_parser_sees(name):
    for text in (text for known, text in BATCHES if known == name):
        seen = []
        for statement in parse(text):
            for node in statement.walk():
                if node.kind == "ExecutableProcedureReference":
                    seen.append(
                        (
                            tsql.full_name(node.ProcedureReference.ProcedureReference.Name.text),
                            {
                                p.Variable.Name.lower(): p.IsOutput
                                for p in node.Parameters
                                if p.get("Variable") is not None
                            },
                        )
                    )
        assert tsql.procedures(text) == seen


def test_defaults_are_read_from_the_text_of_a_procedure():
    head = """create procedure sys.sp_x -- @a sysname = N'not this'
        @a sysname, @b nvarchar(500) = N'x, y' /* @c int = 1 */ ,@c numeric(25, 0)
        ,@d int = NULL OUTPUT, @e bit = 0) as begin declare @z int = 4"""
    assert dict(tsql.defaults(head, ["@a", "@b", "@c", "@d", "@e", "@none"])) == {
        "@a": None,
        "@b": "N'x, y'",
        "@c": None,
        "@d": "NULL",
        "@e": "0",
    }
