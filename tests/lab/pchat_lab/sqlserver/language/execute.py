"""EXECUTE: stored procedures that the lab knows, strings, and sp_executesql."""

from __future__ import annotations

import re
import typing as t

from ...powershell.errors import LabGap
from .batch import Return, run_text
from .documented import is_documented
from .errors import SqlError, error
from .objects import ObjectName
from .parser import Node, parse
from .registry import PROCEDURES, Procedure, statement
from .results import Variable
from .select import assign
from .statements import value_of
from .types import parse_type, type_of_node
from .values import as_text, convert, type_name

if t.TYPE_CHECKING:
    from .session import SqlSession


@statement("ExecuteStatement", writes=False)
def execute_statement(session: SqlSession, node: Node) -> None:
    execute(session, node.ExecuteSpecification)


def execute(session: SqlSession, specification: Node) -> None:
    """EXEC.

    SqlError 2812, 201, 8144, 8145, 8162, or what the procedure raises; the return code goes to its
    variable in any case.
    """
    if (
        specification.get("LinkedServer") is not None
        or specification.get("ExecuteContext") is not None
    ):
        raise LabGap(specification.text)
    entity = specification.ExecutableEntity
    if entity.kind == "ExecutableStringList":
        run_string(
            session, "".join(as_text(value_of(session, part) or "") for part in entity.Strings), {}
        )
        return
    reference = entity.ProcedureReference
    if reference.get("ProcedureVariable") is not None:
        name = ObjectName(*_split(as_text(value_of(session, reference.ProcedureVariable))))
    else:
        name = ObjectName.of(reference.ProcedureReference.Name)
    is_text = name.name.lower() == "sp_executesql"
    code = (
        _executesql(session, entity.Parameters)
        if is_text
        else _procedure(session, name, entity.Parameters, specification)
    )
    if specification.Variable is not None:
        assign(session, specification.Variable.Name, "Equals", code)


def _split(text: str) -> tuple[str, str, str]:
    parts = [re.sub(r"^\[(.*)\]$", r"\1", part) for part in text.split(".")]
    return t.cast("tuple[str, str, str]", tuple([""] * (3 - len(parts)) + parts))


def find_procedure(session: SqlSession, name: ObjectName) -> Procedure:
    """System procedures (sp_, xp_ of master) are found from every database; msdb's only there.

    SqlError 2812.
    """
    found = PROCEDURES.get(name.name.lower())
    database = (name.database or session.database).lower()
    schema = name.schema.lower() or "dbo"
    if found is None and is_documented(name.name, schema, database):
        raise LabGap(f"the procedure {name}")
    if found is None or schema not in ("dbo", "sys"):
        raise error(2812, str(name))
    home = found.database.lower()
    everywhere = home == "master" and found.name.lower().startswith(("sp_", "xp_", "fn_"))
    if home != database and not everywhere:
        raise error(2812, str(name))
    if name.database:
        session.open_database(name.database)
    return found


def _procedure(
    session: SqlSession, name: ObjectName, given: tuple[Node, ...], specification: Node
) -> int:
    found = find_procedure(session, name)
    arguments, outputs = bind_arguments(session, found, given)
    session.depth += 1
    session.outputs = frozenset(outputs)
    if found.writes:
        session.wrote = True
    here = session.database
    if (
        name.database and found.database == "master"
    ):  # a system procedure works in the database that its name is qualified with
        session.database = session.open_database(name.database).name
    try:
        code = found.run(session, arguments)
    except SqlError as failure:
        for one in failure.all():
            one.procedure = one.procedure or found.name
        if specification.Variable is not None:
            assign(session, specification.Variable.Name, "Equals", 1)
        raise
    finally:
        session.depth -= 1
        session.database = here
    for parameter, variable in outputs.items():
        assign(session, variable, "Equals", arguments[parameter])
    return code


def bind_arguments(
    session: SqlSession, procedure: Procedure, given: tuple[Node, ...]
) -> tuple[dict[str, t.Any], dict[str, str]]:
    """Values by parameter name, and which variables the OUTPUT ones go back to."""
    known = {parameter.name: parameter for parameter in procedure.parameters}
    values: dict[str, t.Any] = {}
    outputs: dict[str, str] = {}
    for position, argument in enumerate(given):
        if argument.Variable is not None:
            key = argument.Variable.Name.lower()
            if key not in known:
                raise _in(procedure, error(8145, argument.Variable.Name, procedure.name))
        elif position < len(procedure.parameters):
            key = procedure.parameters[position].name
        else:
            raise _in(procedure, error(8144, procedure.name))
        if key in values:
            raise _in(procedure, SqlError(8143, f"Parameter '{key}' was supplied multiple times."))
        if argument.IsOutput:
            if not known[key].output:
                raise _in(procedure, error(8162, key))
            outputs[key] = argument.ParameterValue.Name
        values[key] = _argument(session, argument, known[key].default, known[key].type)
    for parameter in procedure.parameters:
        if parameter.name not in values:
            if not parameter.has_default:
                raise _in(procedure, error(201, procedure.name, parameter.name))
            values[parameter.name] = parameter.default
    return values, outputs


def _in(procedure: Procedure, failure: SqlError) -> SqlError:
    failure.procedure = procedure.name
    return failure


def _argument(session: SqlSession, node: Node, default: t.Any, kind: str) -> t.Any:
    value = node.ParameterValue
    if value.kind == "DefaultLiteral":
        return default
    # EXEC p word: a bare word is a string.
    raw = value.Value if value.kind == "IdentifierLiteral" else value_of(session, value)
    try:
        return convert(raw, parse_type(kind or "sql_variant"))
    except SqlError as failure:
        if failure.number in (245, 8169, 241, 206):
            name = type_name(raw)
            raise error(
                8114, "nvarchar" if name == "varchar" else name, parse_type(kind).name
            ) from None
        raise


def run_string(session: SqlSession, text: str, variables: dict[str, Variable]) -> None:
    """A text as its own scope: other variables, a USE in it ends with it."""
    outer = session.variables, session.table_variables, session.database
    session.variables = variables
    session.table_variables = {}
    session.depth += 1
    try:
        run_text(session, text)
    except Return:
        pass
    except SqlError as failure:
        failure.level = session.depth  # type: ignore[attr-defined]
        raise
    finally:
        session.depth -= 1
        session.variables, session.table_variables = outer[:2]
        if outer[2].lower() in session.instance.databases:
            session.database = outer[2]


def _executesql(session: SqlSession, given: tuple[Node, ...]) -> int:
    if not given:
        raise error(201, "sp_executesql", "@statement")
    text = as_text(value_of(session, given[0].ParameterValue) or "")
    variables: dict[str, Variable] = {}
    outputs: dict[str, str] = {}
    if len(given) > 1:
        declaration = as_text(value_of(session, given[1].ParameterValue) or "")
        clean = re.sub(r"\b(OUTPUT|OUT)\b", "", declaration, flags=re.IGNORECASE)
        if clean.strip():
            for element in parse(f"DECLARE {clean}", session.instance.major)[0].Declarations:
                variables[element.VariableName.Value.lower()] = Variable(
                    type_of_node(element.DataType), None
                )
        order = list(variables)
        for position, argument in enumerate(given[2:]):
            name = ""
            if argument.Variable is not None:
                name = argument.Variable.Name.lower()
            elif position < len(order):
                name = order[position]
            if name not in variables:
                raise error(8144, "sp_executesql")
            variables[name].value = convert(
                value_of(session, argument.ParameterValue), variables[name].type
            )
            if argument.IsOutput:
                outputs[name] = argument.ParameterValue.Name
    run_string(session, text, variables)
    for name, variable in outputs.items():
        assign(session, variable, "Equals", variables[name].value)
    return session.last_error
