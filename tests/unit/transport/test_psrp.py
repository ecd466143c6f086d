"""What is changed of pypsrp writes what pypsrp would have written."""

from __future__ import annotations

from xml.etree import ElementTree

from pypsrp.complex_objects import ApartmentState
from pypsrp.powershell import PowerShell
from pypsrp.serializer import Serializer

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import psrp

ARGUMENTS = {
    "Text": "x_000A_",
    "Number": psrp.encoded(2**40),
    "Share": psrp.encoded(0.5),
    "List": psrp.encoded(["a", 2**40, True]),
    "Table": psrp.encoded({"key": 2**40}),
    "Nothing": None,
}


class Fragmenter:
    """Keeps the message as the text that would be sent."""

    written = ""

    def fragment(self, message, _pool, _pipeline):
        self.written = ElementTree.tostring(Serializer().serialize(message), encoding="unicode")
        raise StopIteration


class Unconnected:
    protocol_version = "2.3"
    apartment_state = ApartmentState.UNKNOWN
    host = None
    id = "0"

    def __init__(self):
        self._fragmenter = Fragmenter()


def written(kind, statements):
    pool = Unconnected()
    shell = kind(pool)
    for number in range(statements):
        if number:
            shell.add_statement()
        shell.add_cmdlet("Get-Something").add_parameters(ARGUMENTS).add_cmdlet("Out-Something")
    try:
        shell.begin_invoke()
    except StopIteration:
        return pool._fragmenter.written
    raise AssertionError("nothing was written")


def test_one_statement_is_written_as_by_pypsrp():
    assert written(psrp.Pipeline, 1) == written(PowerShell, 1)


def test_several_statements_are_written_as_by_pypsrp():
    assert written(psrp.Pipeline, 3) == written(PowerShell, 3)
