"""The layer below PowerShell answers as recorded Windows servers do: what a shell is, what is
refused, and in which portions things come.
"""

from __future__ import annotations

import base64
import pathlib
import threading
import time
import typing as t
import uuid
import xml.etree.ElementTree as ET

import psrpcore
import pytest
import yaml
from psrpcore._payload import unpack_fragment, unpack_message
from pypsrp.complex_objects import RunspacePoolState
from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import NAMESPACES, SelectorSet, WSMan

HOST = "fe-n1"
RECORDINGS = pathlib.Path(__file__).resolve().parents[5] / "shared" / "reference" / "captures"
FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
SHELL_DISCONNECTED = 0x803381C4
STREAM_DISCONNECTED = 0x803381DE
QUOTA = 2150859173


class Recorder(WSMan):
    """A client that keeps the body of every answer, by the action that was asked."""

    def __init__(self, **arguments: t.Any) -> None:
        super().__init__(**arguments)
        self.seen: list[tuple[str, ET.Element]] = []
        self.activities: list[str | None] = []

    def invoke(self, action: t.Any, *arguments: t.Any, **more: t.Any) -> t.Any:
        answer = super().invoke(action, *arguments, **more)
        body = answer.find("s:Body", NAMESPACES)
        assert body is not None
        self.seen.append((str(action).rpartition("/")[2], body))
        self.activities.append(answer.findtext("s:Header/wsmv:ActivityId", None, NAMESPACES))
        return answer

    def messages(self) -> list[list[str]]:
        """The kinds of PSRP messages in the answers to Receive, an answer a list."""
        return [
            [_kind(s.text) for s in body.iter(f"{{{NAMESPACES['rsp']}}}Stream")]
            for action, body in self.seen
            if action == "Receive"
        ]


def _kind(text: str | None) -> str:
    message = unpack_message(
        bytearray(unpack_fragment(bytearray(base64.b64decode(text or ""))).data)
    )
    return message.message_type.name


def _recorded(name: str, action: str, element: str) -> list[ET.Element]:
    """These elements of the answers to an action in a recording of a real server."""
    found = []
    for exchange in yaml.safe_load((RECORDINGS / f"{name}.yml").read_text(encoding="utf-8"))[
        "messages"
    ]:
        asked = (
            ET.fromstring(exchange["request"]).findtext(".//{*}Action")
            if exchange.get("request")
            else ""
        )
        if (asked or "").endswith(f"/{action}"):
            found += list(
                ET.fromstring(exchange["response"]).iter(
                    f"{{{NAMESPACES[element.split(':')[0]]}}}{element.split(':')[1]}"
                )
            )
    return found


def _names(element: ET.Element) -> list[str]:
    return [child.tag.rpartition("}")[2] for child in element]


recordings = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not there")


@recordings
def test_a_new_shell_is_described_like_a_recorded_one(plain):
    wsman = Recorder(**plain.arguments(HOST))
    with RunspacePool(wsman):
        made = next(body for action, body in wsman.seen if action == "Create").find(
            "rsp:Shell", NAMESPACES
        )
    (recorded,) = _recorded("test_psrp_open_runspace", "Create", "rsp:Shell")
    assert _names(made) == _names(recorded)
    said = {child.tag.rpartition("}")[2]: child.text for child in recorded}
    for name in (
        "InputStreams",
        "OutputStreams",
        "MaxIdleTimeOut",
        "Locale",
        "CompressionMode",
        "ProfileLoaded",
        "Encoding",
        "BufferMode",
        "State",
    ):
        assert made.findtext(f"rsp:{name}", None, NAMESPACES) == said[name]


@recordings
def test_a_shell_that_is_asked_after_tells_its_memory_and_processes(plain):
    with RunspacePool(plain.wsman(HOST)) as pool:
        selectors = SelectorSet()
        selectors.add_option("ShellId", pool.id)
        found = pool.connection.get(
            "http://schemas.microsoft.com/wbem/wsman/1/windows/shell", selector_set=selectors
        ).find(".//rsp:Shell", NAMESPACES)
    recorded = _recorded("test_psrp_is_alive_state_disconnected", "Get", "rsp:Shell")
    assert _names(found) == _names(recorded[0])


def test_every_answer_has_an_activity_of_its_own(plain):
    wsman = Recorder(**plain.arguments(HOST))
    with RunspacePool(wsman):
        pass
    assert len({uuid.UUID(text) for text in wsman.activities}) == len(wsman.seen) == 4


def test_a_pool_opens_over_two_answers_the_state_alone_in_the_last(plain):
    wsman = Recorder(**plain.arguments(HOST))
    with RunspacePool(wsman):
        assert wsman.messages() == [
            ["SessionCapability", "ApplicationPrivateData"],
            ["RunspacePoolState"],
        ]


@recordings
def test_recorded_pools_open_like_that(plain):
    streams = [
        [_kind(s.text) for s in answer.findall("rsp:Stream", NAMESPACES)]
        for answer in _recorded("test_psrp_open_runspace", "Receive", "rsp:ReceiveResponse")
    ]
    assert streams == [["SessionCapability", "ApplicationPrivateData"], ["RunspacePoolState"]]


@pytest.mark.parametrize("times", [0, 1, 2])
def test_after_connect_the_private_data_comes_alone_and_the_state_is_not_told(plain, times):
    pool = RunspacePool(plain.wsman(HOST))
    pool.open()
    for _reconnected in range(times):
        pool.disconnect()
        pool.connect()
    pool.disconnect()
    wsman = Recorder(**plain.arguments(HOST))
    (again,) = (p for p in RunspacePool.get_runspace_pools(wsman) if p.id == pool.id)
    again.connect()
    assert wsman.messages() == [["ApplicationPrivateData"]]
    answer = next(body for action, body in wsman.seen if action == "Connect").find(
        "rsp:ConnectResponse", NAMESPACES
    )
    assert _names(answer) == ["InputStreams", "OutputStreams", "connectResponseXml"]
    assert [
        str(o)
        for o in PowerShell(again)
        .add_cmdlet("Write-Output")
        .add_parameter("InputObject", "here")
        .invoke()
    ] == ["here"]
    again.close()


def test_only_the_first_pipeline_of_a_session_prepares_modules(plain):
    with RunspacePool(plain.wsman(HOST)) as pool:
        told = []
        for _number in range(2):
            shell = PowerShell(pool).add_cmdlet("Write-Output").add_parameter("InputObject", 1)
            shell.invoke()
            told.append([str(p.activity) for p in shell.streams.progress])
    assert told == [["Preparing modules for first use."], []]


@recordings
def test_a_recorded_pipeline_prepares_modules_with_the_same_record(plain):
    wsman = Recorder(**plain.arguments(HOST))
    with RunspacePool(wsman) as pool:
        PowerShell(pool).add_cmdlet("Write-Output").add_parameter("InputObject", 1).invoke()
    ours = next(
        s.text
        for _a, body in wsman.seen
        for s in body.iter(f"{{{NAMESPACES['rsp']}}}Stream")
        if _kind(s.text) == "ProgressRecord"
    )
    theirs = next(
        s.text
        for s in _recorded("test_psrp_clear_commands", "Receive", "rsp:Stream")
        if _kind(s.text) == "ProgressRecord"
    )

    def fields(text: str) -> dict[str, str | None]:
        xml = bytes(
            unpack_message(bytearray(unpack_fragment(bytearray(base64.b64decode(text))).data)).data
        ).decode("utf-8-sig")
        members = ET.fromstring(xml).find(".//{*}MS")
        assert members is not None
        return {
            child.attrib["N"]: child.findtext(".//{*}ToString") or child.text for child in members
        }

    assert fields(ours) == fields(theirs)


@pytest.mark.parametrize("number", [0, -1])
def test_runspace_counts_below_one_are_refused(plain, number):
    with RunspacePool(plain.wsman(HOST)) as pool:
        with pytest.raises(Exception, match=r"[Mm]in"):
            pool.min_runspaces = number
        with pytest.raises(Exception, match=r"[Mm]ax"):
            pool.max_runspaces = number
        assert pool.get_available_runspaces() == 1
        pool.max_runspaces = 3
        pool.min_runspaces = 2
        assert pool.get_available_runspaces() == 3
        with pytest.raises(Exception, match=r"[Mm]in"):
            pool.min_runspaces = 4


@pytest.mark.parametrize("number", [0, -1])
def test_a_pool_of_no_runspaces_is_not_opened(plain, number):
    with (
        pytest.raises(WSManFaultError),
        RunspacePool(plain.wsman(HOST), min_runspaces=number, max_runspaces=number),
    ):
        pass
    assert plain.wire.stats()["total"]["shells"] == 0


def _receive(
    wsman: WSMan, shell: str, command: str | None = None, timeout: int | None = None
) -> None:
    selectors = SelectorSet()
    selectors.add_option("ShellId", shell)
    asked = ET.Element(f"{{{NAMESPACES['rsp']}}}Receive")
    stream = ET.SubElement(asked, f"{{{NAMESPACES['rsp']}}}DesiredStream")
    if command:
        stream.set("CommandId", command)
    stream.text = "stdout"
    wsman.receive(
        "http://schemas.microsoft.com/powershell/Microsoft.PowerShell",
        asked,
        selector_set=selectors,
        timeout=timeout,
    )


def test_a_negative_timeout_is_refused_as_an_invalid_field(plain):
    with (
        RunspacePool(plain.wsman(HOST)) as pool,
        pytest.raises(WSManFaultError, match=r"invalid timeout field.*PT-1S") as refused,
    ):
        _receive(pool.connection, pool.id, timeout=-1)
    assert refused.value.code == 2150858767


@recordings
def test_faults_have_the_codes_and_words_of_recorded_ones(plain):
    with RunspacePool(plain.wsman(HOST)) as pool:
        for recording, action, ask in (
            (
                "test_psrp_receive_failure",
                "Receive",
                lambda: _receive(pool.connection, pool.id, str(uuid.uuid4()).upper()),
            ),
            (
                "test_psrp_is_alive_other_wsman_error",
                "Get",
                lambda: _receive(pool.connection, pool.id, timeout=-1),
            ),
        ):
            recorded = _recorded(recording, action, "s:Fault")[0].find(f".//{{{FAULT}}}WSManFault")
            with pytest.raises(WSManFaultError) as ours:
                ask()
            assert str(ours.value.code) == recorded.attrib["Code"]
            assert "".join(recorded.itertext()).strip() in str(ours.value)


def test_a_disconnected_shell_gives_nothing(plain):
    wsman = plain.wsman(HOST)
    pool = RunspacePool(wsman)
    pool.open()
    pool.disconnect()
    try:
        for ask in (
            lambda: _receive(wsman, pool.id),
            lambda: _receive(plain.wsman(HOST), pool.id),
            lambda: (
                PowerShell(pool)
                .add_cmdlet("Write-Output")
                .add_parameter("InputObject", 1)
                .begin_invoke()
            ),
        ):
            with pytest.raises(WSManFaultError) as refused:
                ask()
            assert refused.value.code == SHELL_DISCONNECTED
    finally:
        pool.close()


def test_a_receive_that_waits_on_another_connection_ends_with_the_disconnection(plain):
    pool = RunspacePool(plain.wsman(HOST))
    pool.open()
    codes: list[t.Any] = []

    def wait() -> None:
        try:
            _receive(plain.wsman(HOST, operation_timeout=60, read_timeout=61), pool.id)
        except WSManFaultError as fault:
            codes.append(fault.code)

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.5)
    pool.disconnect()
    waiting.join(30)
    assert codes == [STREAM_DISCONNECTED]
    pool.close()


def test_disconnect_and_reconnect_are_answered_with_an_empty_body(plain):
    wsman = Recorder(**plain.arguments(HOST))
    with RunspacePool(wsman) as pool:
        pool.disconnect()
        pool.connect()
        assert pool.state == RunspacePoolState.OPENED
        assert [
            str(o)
            for o in PowerShell(pool)
            .add_cmdlet("Write-Output")
            .add_parameter("InputObject", "back")
            .invoke()
        ] == ["back"]
    assert [list(body) for action, body in wsman.seen if action in ("Disconnect", "Reconnect")] == [
        [],
        [],
    ]


def test_commands_are_listed_by_id_line_and_state(plain):
    wsman = Recorder(**plain.arguments(HOST))
    with RunspacePool(wsman) as pool:
        shell = PowerShell(pool).add_cmdlet("Write-Output").add_parameter("InputObject", 1)
        shell.begin_invoke()
        pool.disconnect()
        (found,) = (p for p in RunspacePool.get_runspace_pools(wsman) if p.id == pool.id)
        assert list(found.pipelines) == [shell.id]
        listed = [
            c for _action, body in wsman.seen for c in body.iter(f"{{{NAMESPACES['rsp']}}}Command")
        ]
        assert [[(c.tag.rpartition("}")[2], c.text) for c in one] for one in listed] == [
            [("CommandId", shell.id), ("CommandLine", None), ("CommandState", "Running")]
        ]


def test_a_user_has_at_most_thirty_shells_on_a_machine(plain):
    wsman = plain.wsman("chat-n1")
    pools = [RunspacePool(wsman) for _number in range(31)]
    try:
        for pool in pools[:30]:
            pool.open()
        with pytest.raises(
            WSManFaultError, match="maximum number of 30 concurrent shells"
        ) as refused:
            pools[30].open()
        assert refused.value.code == QUOTA
    finally:
        for pool in pools[:30]:
            pool.close()


@pytest.mark.parametrize(
    "change",
    [
        ("PT20S", "P1Y"),
        ("PT20S", "soon"),
        (">153600<", ">12<"),
        (">153600<", f">{'9' * 40}<"),
        ("<rsp:Shell ", "<rsp:Other "),
        ("</rsp:Shell>", "</rsp:Other>"),
        ("AAAAAAAAAAEAAAAA", "!!!!"),
        ("AAAAAAAAAAEAAAAA", "AAAA"),
        ('ShellId="', 'ShellId="x'),
        ("/wbem/wsman/1/wsman.xsd", "/wbem/other.xsd"),
        ("/transfer/Create", "/transfer/Bake"),
    ],
)
def test_odd_messages_are_faults_and_no_errors_of_the_lab(plain, change):
    wsman = plain.wsman(HOST, operation_timeout=20, read_timeout=25)
    send = wsman.transport.send
    wsman.transport.send = lambda message, **more: send(
        message.replace(change[0].encode(), change[1].encode()), **more
    )
    with pytest.raises(WSManFaultError) as refused:
        RunspacePool(wsman).open()
    assert "LAB BUG" not in str(refused.value)
    assert plain.wire.stats()["total"]["shells"] == 0


def test_messages_that_are_no_psrp_are_faults(plain):
    with RunspacePool(plain.wsman(HOST)) as pool:
        for data in (b"", b"\x00" * 30, b"x" * 100, psrpcore.__name__.encode()):
            if data:
                with pytest.raises(WSManFaultError, match="cannot be read"):
                    pool.shell.send("stdin", data)


def _fragment(kind: int, pool: str, data: bytes) -> bytes:
    """One PSRP message to the server as one fragment (MS-PSRP 2.2.1, 2.2.4)."""
    message = (
        (2).to_bytes(4, "little")
        + kind.to_bytes(4, "little")
        + uuid.UUID(pool).bytes_le
        + bytes(16)
        + data
    )
    return (99).to_bytes(8, "big") + bytes(8) + b"\x03" + len(message).to_bytes(4, "big") + message


@pytest.mark.parametrize(
    "inner",
    [
        ("<LST>", "</LST>"),
        ('<Obj RefId="1"><LST>', "</LST></Obj>"),
        ('<Obj RefId="1"><MS>', "</MS></Obj>"),
    ],
)
def test_objects_that_are_nested_too_deep_are_a_fault(plain, inner):
    start, end = inner
    deep = (
        f'<Obj RefId="0"><MS><Obj N="x" RefId="1">{start * 20_000}{end * 20_000}</Obj></MS></Obj>'
    )
    with RunspacePool(plain.wsman(HOST)) as pool:
        with pytest.raises(WSManFaultError, match="cannot be read"):
            pool.shell.send("stdin", _fragment(0x00021002, pool.id, deep.encode()))
        assert [
            str(o)
            for o in PowerShell(pool)
            .add_cmdlet("Write-Output")
            .add_parameter("InputObject", "on")
            .invoke()
        ] == ["on"]


def test_an_envelope_that_is_nested_too_deep_is_a_fault(plain):
    wsman = plain.wsman(HOST)
    send = wsman.transport.send
    for deep in (b"<a>" * 200_000 + b"</a>" * 200_000, b"<a>" * 200_000):
        wsman.transport.send = lambda message, deep=deep, **more: send(
            message.replace(b"</s:Body>", deep + b"</s:Body>"), **more
        )
        with pytest.raises(WSManFaultError) as refused:
            _receive(wsman, str(uuid.uuid4()))
        assert "LAB BUG" not in str(refused.value)
