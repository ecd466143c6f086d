"""Pipelines that are read without psrpcore say the same as read by it, and what is not plain is
left to it.
"""

from __future__ import annotations

import uuid
from xml.etree import ElementTree

import psrpcore
import pytest
from psrpcore.types import PSRPMessageType, deserialize
from pypsrp.complex_objects import ApartmentState
from pypsrp.powershell import PowerShell
from pypsrp.serializer import Serializer, TaggedValue

from pchat_lab.powershell.objects import Collection
from pchat_lab.wire import pipelines
from pchat_lab.wire.pool import statements_of

PLAIN = [
    "x",
    "",
    "two\nlines, \x00, é, \U0001f600 and what looks like an escape: _x000A_",
    "<&>\"'",
    True,
    False,
    0,
    -5,
    None,
    ["a", "b_x000A_"],
    [1, True, None],
    [["a"], "b", [], [[TaggedValue("I64", 1)]]],
    TaggedValue("I64", 2**40),
    TaggedValue("I64", -5),
]
OTHER = [
    {"key": "value"},
    [{"key": "value"}],
    TaggedValue("Db", 0.5),
]


class _Unconnected:
    protocol_version = "2.3"
    apartment_state = ApartmentState.UNKNOWN
    host = None


class _Sent(PowerShell):
    def _invoke(self, msg):
        self.sent = msg


def body(*statements):
    """CREATE_PIPELINE as pypsrp writes it: each statement a cmdlet with its parameters."""
    shell = _Sent(_Unconnected())
    for number, parameters in enumerate(statements):
        if number:
            shell.add_statement()
        shell.add_cmdlet("Set-Something").add_parameters(parameters).add_argument("bare")
    shell.begin_invoke()
    return ElementTree.tostring(Serializer().serialize(shell.sent))


def by_psrpcore(text):
    event = psrpcore.CreatePipelineEvent(
        PSRPMessageType.CreatePipeline,
        deserialize(ElementTree.fromstring(text), psrpcore.ServerRunspacePool()._cipher),
        uuid.uuid4(),
        uuid.uuid4(),
    )
    return statements_of(event.pipeline.commands)


def types_in(statements):
    """The class of every value, and the type names of lists and of what is in them."""
    found = []
    for statement in statements:
        for command in statement:
            found += [(name, kinds(value)) for name, value in command.arguments]
    return found


def kinds(value):
    if not isinstance(value, Collection):
        return type(value)
    return [type(value), value.type_names, *map(kinds, value)]


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_a_plain_value_is_what_psrpcore_makes_of_it(value):
    text = body({"Value": value})
    assert pipelines.read(text) == by_psrpcore(text)
    assert types_in(pipelines.read(text)) == types_in(by_psrpcore(text))


def test_statements_stay_apart():
    text = body({"A": 1}, {"A": "two", "B": ["three"]}, {})
    assert len(pipelines.read(text)) == 3
    assert pipelines.read(text) == by_psrpcore(text)


@pytest.mark.parametrize("value", OTHER, ids=repr)
def test_what_is_not_plain_is_left_to_psrpcore(value):
    text = body({"Value": value})
    assert pipelines.read(text) is None
    assert by_psrpcore(text)


@pytest.mark.parametrize(
    "field", ["NoInput", "HostInfo", "PowerShell", "Cmds", "IsScript", "Args", "MergeToResult"]
)
def test_a_message_without_a_field_is_left_to_psrpcore(field):
    whole = body({"A": 1})
    less = whole.replace(b'N="%s"' % field.encode(), b'N="Other"')
    assert less != whole
    assert pipelines.read(less) is None


def test_a_client_with_a_host_of_its_own_is_left_to_psrpcore():
    host = body({"A": 1}).replace(b'<B N="_isHostNull">true</B>', b'<B N="_isHostNull">false</B>')
    assert pipelines.read(host) is None


@pytest.mark.parametrize("text", [b"", b"<Obj", b"<Obj/>", b"<S>x</S>"])
def test_what_is_no_message_is_left_to_psrpcore(text):
    assert pipelines.read(text) is None
