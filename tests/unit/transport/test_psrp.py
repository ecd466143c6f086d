"""What is changed of pypsrp writes what pypsrp would have written."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from pypsrp.complex_objects import ApartmentState
from pypsrp.messages import CreatePipeline
from pypsrp.powershell import PowerShell
from pypsrp.serializer import Serializer

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import psrp, skeletons

ARGUMENTS = {
    "Text": "x_000A_",
    "Number": psrp.encoded(2**40),
    "Share": psrp.encoded(0.5),
    "List": psrp.encoded(["a", 2**40, True]),
    "Table": psrp.encoded({"key": 2**40}),
    "Nothing": None,
}


#: Texts that an XML writer may get wrong, and one that looks like what stands for a text.
ODD = (
    "plain",
    "a < b && c > d ]]> \"quoted\" 'too'",
    "line\r\nline\ttab",
    "_x000A_ \x00\x1b\x7f",
    "Grüße \u2028 \U0001f600",
    "pchat-0011223344556677-0- {0} %s \\1",
    "half a pair \ud800.",
    " ",
)


class Fragmenter:
    """Keeps the message as the text that would be sent (pypsrp's Message.pack)."""

    written = b""

    def __init__(self, serializer):
        self._serializer = serializer

    def fragment(self, message, _pool, _pipeline):
        found = self._serializer.serialize(message)
        if not isinstance(found, bytes):
            found = ElementTree.tostring(found, encoding="utf-8", method="xml")
        self.written = found
        raise StopIteration


class Unconnected:
    apartment_state = ApartmentState.UNKNOWN
    host = None
    id = "0"

    def __init__(self, serializer, version="2.3"):
        self.protocol_version = version
        self._serializer = serializer
        self._fragmenter = Fragmenter(serializer)


def sent(shell):
    """The message that begins a pipeline."""
    try:
        shell.begin_invoke()
    except StopIteration:
        return shell.runspace_pool._fragmenter.written
    raise AssertionError("nothing was written")


def written(kind, statements, arguments=None, version="2.3"):
    own = kind is psrp.Pipeline
    shell = kind(Unconnected(psrp._RawOutput() if own else Serializer(), version))
    given = ARGUMENTS if arguments is None else arguments
    for number in range(statements):
        if number:
            shell.add_statement()
        shell.add_cmdlet("Get-Something").add_parameters(given).add_cmdlet("Out-Something")
    return sent(shell)


def both(*how):
    return written(psrp.Pipeline, *how), written(PowerShell, *how)


@pytest.fixture(autouse=True)
def nothing_is_known():
    skeletons.shared.cache_clear()


@pytest.mark.parametrize("statements", [1, 3])
def test_statements_are_written_as_by_pypsrp(statements):
    own, theirs = both(statements)
    assert own == theirs


@pytest.mark.parametrize("version", ["2.1", "2.2", "2.3"])
def test_another_text_in_a_known_shape_is_written_as_by_pypsrp(version):
    for first in ODD:
        for second in ODD:
            arguments = {"Query": first, "List": ["x", second, first], "Number": 1}
            own, theirs = both(2, arguments, version)
            assert own == theirs


@pytest.mark.parametrize(
    "values",
    [("", "x", ""), (1, True, "1"), (0, False, None), (1.5, [], ["", 1]), (2**40, 2**41, 7)],
)
def test_what_is_no_text_belongs_to_the_shape(values):
    for value in (*values, *values):
        arguments = {"Query": "text", "Value": psrp.encoded(value)}
        own, theirs = both(2, arguments)
        assert own == theirs


def test_a_shape_is_written_once(monkeypatch):
    asked = []
    serialize = Serializer.serialize

    def counting(self, value, *others, **named):
        asked.extend([value] if isinstance(value, CreatePipeline) else [])
        return serialize(self, value, *others, **named)

    monkeypatch.setattr(Serializer, "serialize", counting)
    for text in ODD:
        written(psrp.Pipeline, 3, {"Query": text})
    assert len(asked) == 1


def test_no_text_is_kept():
    written(psrp.Pipeline, 2, {"Query": "Passw0rd!", "List": ["Passw0rd!"]})
    assert skeletons.shared()._known
    kept = [(shape, vars(one)) for shape, one in skeletons.shared()._known.items()]
    assert "Passw0rd!" not in repr(kept)


def test_shapes_are_kept_up_to_a_number(monkeypatch):
    monkeypatch.setattr(skeletons, "MOST", 3)
    for number in range(9):
        arguments = {"Number": number, "Query": "text"}
        own, theirs = both(1, arguments)
        assert own == theirs
    assert len(skeletons.shared()._known) == 3
