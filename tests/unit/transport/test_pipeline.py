"""Answers of several calls in one pipeline, as PowerShell sends them: told apart, and complete or
not.
"""

from __future__ import annotations

import types

import pytest
from pypsrp.complex_objects import PSInvocationState

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql import backup
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    AnswersDiffer,
    CmdletFailed,
    CmdletMissing,
    Moved,
    SqlFailed,
    Unproven,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Cmdlet, Sql
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import (
    first_look,
    line,
    pipeline,
    psrp,
    sql_tools,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import (
    session as transport,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.winrm_endpoint import (  # noqa: E501
    Endpoint,
)

FAILED = PSInvocationState.FAILED
GET = Cmdlet("Get-CsPool")
READ = Sql("SET NOCOUNT ON; SELECT name FROM sys.databases")
TOOL = sql_tools.SqlTool("SQLPS", "1.0", frozenset({"IncludeSqlUserErrors"}))


def error(error_id="CommandNotFoundException", text="no"):
    return line.Problem(error_id, "", "", text)


def mark(number):
    return lambda marks: line.Output(f"<S>{marks.text(number)}</S>")


def text(value):
    return line.Output(f"<S>{value}</S>")


def row(**columns):
    cells = "".join(f'<S N="{name}">{value}</S>' for name, value in columns.items())
    return line.Output(
        f'<Obj RefId="0"><TN RefId="0"><T>System.Data.DataRow</T></TN><Props>{cells}</Props></Obj>'
    )


def end(number=0):
    return line.Output(
        '<Obj RefId="0"><TN RefId="0"><T>System.Data.DataRow</T></TN><Props>'
        f'<I32 N="pchat_end">{number}</I32></Props></Obj>'
    )


class Line:
    """Answers each errand with these messages; what is not a message makes one of the marks."""

    def __init__(self, came, ended):
        self.came, self.ended = came, ended
        self.taken_up = False

    def send(self, errand):
        told = [statement.params for statement in errand.statements]
        marks = [params["InputObject"] for params in told if "InputObject" in params]
        own = types.SimpleNamespace(
            text=[text for text in marks if isinstance(text, str)].__getitem__
        )
        items = [item(own) if callable(item) else item for item in self.came]
        return line.Came(tuple(items), self.ended)


@pytest.fixture
def answered():
    """Sends calls through a session whose host answers with these messages."""

    def send(calls, came, ended="completed", first=0):
        session = transport.PsrpSession(
            Endpoint({"server": "h", "port": 1, "ssl": False, "path": "wsman"}, "")
        )
        session._seen.save_tool(session._choice, TOOL)
        session._opened = Line(came, ended)
        return session._send(calls, 600.0, first=first)

    return send


def test_each_call_gets_its_own_output(answered):
    came = [mark(0), text("a"), mark(1), text("b"), text("c"), mark(2)]
    assert answered([GET, GET], came) == [[{"value": "a"}], [{"value": "b"}, {"value": "c"}]]


def test_nothing_between_two_marks_is_a_call_that_answered_with_nothing(answered):
    assert answered([GET, GET], [mark(0), mark(1), text("b"), mark(2)])[0] == []


def test_null_and_the_empty_text_are_answers(answered):
    came = [mark(0), line.Output(""), text(""), mark(1)]
    assert answered([GET], came) == [[{"value": None}, {"value": ""}]]


def test_an_error_belongs_to_the_call_whose_mark_is_missing(answered):
    with pytest.raises(CmdletMissing) as caught:
        answered([GET, Cmdlet("Get-CsPol"), GET], [mark(0), text("a"), mark(1), error()], "failed")
    assert caught.value.details["cmdlet"] == "Get-CsPol"


def test_an_error_that_comes_before_all_output_belongs_to_the_first_call(answered):
    came = [mark(0), error(), mark(1), text("b"), mark(2)]
    with pytest.raises(CmdletMissing) as caught:
        answered([Cmdlet("Get-CsPol"), GET], came)
    assert caught.value.details["cmdlet"] == "Get-CsPol"


def test_an_error_record_in_the_middle_belongs_to_the_call_between_its_marks(answered):
    came = [mark(0), text("a"), mark(1), error("X,Y"), text("b"), mark(2)]
    with pytest.raises(CmdletFailed) as caught:
        answered(
            [
                GET,
                Cmdlet("Get-CsService"),
            ],
            came,
        )
    assert caught.value.details["cmdlet"] == "Get-CsService"


def test_completed_without_the_last_mark_is_no_answer_even_when_the_error_record_is_lost(answered):
    with pytest.raises(Unproven, match=r"no answer of Get-CsPool"):
        answered([Cmdlet("Get-CsService"), GET], [mark(0), text("a"), mark(1)])


def test_a_pipeline_of_which_nothing_came_is_no_answer(answered):
    with pytest.raises(Unproven):
        answered([GET], [])


def test_a_failed_pipeline_whose_error_is_lost_is_no_answer(answered):
    with pytest.raises(Unproven):
        answered([GET], [mark(0)], "failed")


def test_a_session_without_the_cmdlet_of_the_marks_is_told_so(answered):
    with pytest.raises(CmdletMissing, match="Write-Output"):
        answered([GET], [error(), text("a")])


def test_data_of_a_host_cannot_pass_for_a_mark(answered):
    came = [mark(0), text("pchat 0000 1"), mark(1)]
    assert answered([GET], came) == [[{"value": "pchat 0000 1"}]]


def test_rows_arrive_without_those_in_which_the_batch_speaks_of_itself(answered):
    assert answered([READ], [mark(0), row(name="mgc"), end(), mark(1)]) == [[{"name": "mgc"}]]


def test_no_rows_are_an_answer_only_with_the_end_of_the_batch(answered):
    assert answered([READ], [mark(0), end(), mark(1)]) == [[]]
    with pytest.raises(Unproven, match="did not say that this batch came to its end"):
        answered([READ], [mark(0), mark(1)])


def test_the_number_at_the_end_of_a_batch_is_its_error_though_none_arrived(answered):
    with pytest.raises(SqlFailed) as caught:
        answered([READ], [mark(0), row(name="mgc"), end(3201), mark(1)])
    assert caught.value.details["errors"] == [3201]


def test_a_guard_that_found_another_world_is_told_by_its_row(answered):
    with pytest.raises(Moved, match="mgc is not online any more"):
        answered([READ], [mark(0), row(pchat_moved="mgc is not online any more"), end(), mark(1)])


def test_a_step_inside_a_batch_that_failed_is_told_by_its_row(answered):
    with pytest.raises(SqlFailed, match="sp_add_job returned 1"):
        answered([READ], [mark(0), row(pchat_failed="sp_add_job returned 1"), end(), mark(1)])


def test_of_a_batch_that_was_run_once_more_the_last_run_counts(answered):
    came = [mark(0), row(name="half"), end(515), row(name="mgc"), end(0), mark(1)]
    assert answered([READ], came) == [[{"name": "mgc"}]]
    with pytest.raises(SqlFailed):
        answered([READ], [mark(0), end(0), end(515), mark(1)])


def test_a_write_travels_alone():
    write = backup.back_up("LOG", "mgc", "D:\\x.trn", "pchat x", [])
    for calls in ([write, write], [GET, write], [write, GET]):
        with pytest.raises(ValueError, match="must travel alone"):
            pipeline.only_one_writes(calls)
    pipeline.only_one_writes([write])
    with pytest.raises(ValueError, match="is no read"):
        transport.PsrpSession(Endpoint({}, "")).read(write)


def test_a_session_sends_nothing_of_a_pipeline_in_which_a_write_would_have_company(answered):
    write = backup.back_up("LOG", "mgc", "D:\\x.trn", "pchat x", [])
    with pytest.raises(ValueError, match="must travel alone"):
        answered([write, GET], [mark(0), end(), mark(1), mark(2)])


def test_the_first_statement_is_one_that_cannot_fail():
    statements = pipeline.marked([GET, GET], pipeline.Marks())
    names = ["Write-Output", "Get-CsPool", "Write-Output", "Get-CsPool", "Write-Output"]
    assert [statement.name for statement in statements] == names


def test_each_call_is_a_statement_of_its_own_whose_errors_end_it():
    added = []
    shell = types.SimpleNamespace(
        add_cmdlet=added.append,
        add_parameter=lambda *parameter: added.append(parameter),
        add_statement=lambda: added.append(";"),
    )
    pipeline_class = psrp.Pipeline
    try:
        psrp.Pipeline = lambda pool: shell
        pipeline.built(None, pipeline.marked([GET], pipeline.Marks())[1:])
    finally:
        psrp.Pipeline = pipeline_class
    assert added[:3] == ["Get-CsPool", ("ErrorAction", "Stop"), ";"]
    assert added[3] == "Write-Output"


def test_the_error_record_of_the_final_state_comes_last_and_once():
    shell = psrp.Pipeline(types.SimpleNamespace(host=None, protocol_version="2.3"))
    one, other = (types.SimpleNamespace(fq_error=name) for name in ("One", "Other"))
    shell._process_error_record(types.SimpleNamespace(data=one))
    end = types.SimpleNamespace(state=FAILED, error_record=other)
    shell._process_pipeline_state(types.SimpleNamespace(data=end))
    came = shell.came()
    assert [item.error_id for item in came.items] == ["One", "Other"]
    assert came.ended == "failed"


LIST = (
    text("pchat"),
    text(""),
    line.Output("<I64>2147483648</I64>"),
    line.Output(
        '<Obj RefId="0"><TN RefId="0"><T>Deserialized.System.Collections.ArrayList</T></TN>'
        "<LST><S>inner</S><S></S></LST></Obj>"
    ),
    line.Output("<B>true</B>"),
)


def probe_row(**other):
    cells = {
        "no_text": "<S N='no_text'></S>",
        "no_number": "<S N='no_number'></S>",
        "no_date": "<S N='no_date'></S>",
        "empty": "<S N='empty'></S>",
        "blank": "<S N='blank'> </S>",
        "digits": "<S N='digits'>1234567890123456789012345</S>",
        "number": "<D N='number'>1234567890123456789012345</D>",
        "date_text": "<S N='date_text'>2015-06-01T08:00:16</S>",
        "date": "<DT N='date'>2015-06-01T08:00:16</DT>",
        "flag": "<B N='flag'>true</B>",
        **other,
    }
    return line.Output(
        '<Obj RefId="0"><TN RefId="0"><T>System.Data.DataRow</T></TN><Props>'
        + "".join(cells.values())
        + "</Props></Obj>"
    )


def first(came_row, listed=LIST):
    return [mark(0), *listed, mark(1), mark(2), came_row, end(), mark(3), text("a"), mark(4)]


def asked():
    return [*first_look.questions(sql_tools.Choice(), with_sql=True), GET]


def test_the_first_look_lets_a_host_through_that_answers_as_others_do(answered):
    assert answered(asked(), first(probe_row()), first=3)[3] == [{"value": "a"}]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("no_text", "<S N='no_text'>NULL</S>"),
        ("no_number", "<I32 N='no_number'>0</I32>"),
        ("no_date", "<DT N='no_date'>1900-01-01T00:00:00</DT>"),
        ("number", "<Db N='number'>1.2345678901234568E+24</Db>"),
        ("digits", "<S N='digits'>1.23457e+024</S>"),
        ("date", "<DT N='date'>2015-01-06T08:00:16</DT>"),
        ("flag", "<S N='flag'>1</S>"),
    ],
)
def test_the_first_look_refuses_a_host_that_answers_otherwise(answered, column, cell):
    with pytest.raises(AnswersDiffer, match=f"http://h:1/wsman.*{column}"):
        answered(asked(), first(probe_row(**{column: cell})), first=3)


def test_the_first_look_refuses_a_host_that_keeps_a_list_together(answered):
    whole = [line.Output('<Obj RefId="0"><LST><S>pchat</S></LST></Obj>')]
    with pytest.raises(AnswersDiffer, match="a list"):
        answered(asked(), first(probe_row(), whole), first=3)
