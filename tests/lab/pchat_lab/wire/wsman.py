"""WS-Management envelopes (MS-WSMV): requests parsed, responses and faults built."""

from __future__ import annotations

import dataclasses
import re
import uuid
import xml.etree.ElementTree as ET

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "wsa": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "wsman": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "wsmid": "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd",
    "wsmv": "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd",
    "f": "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
    "wst": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "wsen": "http://schemas.xmlsoap.org/ws/2004/09/enumeration",
    "cfg": "http://schemas.microsoft.com/wbem/wsman/1/config",
    "pwsh": "http://schemas.microsoft.com/powershell",
}
for _prefix, _uri in NS.items():
    ET.register_namespace(_prefix, _uri)

POWERSHELL = "http://schemas.microsoft.com/powershell/"
COMMAND_STATE = NS["rsp"] + "/CommandState/"
#: Fault codes that clients look at (wsmerror.h). pypsrp sends Receive again after the first one.
OPERATION_TIMEOUT = 2150858793
SHELL_NOT_FOUND = 2150858843
RESOURCE_URI_UNKNOWN = 2150858752
INVALID_HEADER = 2150858767
SHELL_DISCONNECTED = 2150859204
SHELL_IN_USE = 2150859205
STREAM_DISCONNECTED = 2150859230
SHELL_QUOTA = 2150859173
INTERNAL = 2150858880

_FAULT = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
_ADDRESSING_FAULT = NS["wsa"] + "/fault"
_FAULT_DETAIL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"


class Fault(Exception):
    """Becomes an s:Fault with a WSManFault detail.

    ``reason``: the general sentence, where servers have a special one as ``message``.
    """

    action = _FAULT
    blames = "s:Sender"
    detail = ""  # of DSP0226, where servers name one

    def __init__(
        self, code: int, message: str, subcode: str = "wsman:InvalidSelectors", reason: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.subcode = subcode
        self.reason = reason or message
        self.request: Request | None = None  # of a header that could be read so far


class TimedOut(Fault):
    """Nothing came within the request's OperationTimeout."""

    blames = "s:Receiver"

    def __init__(self) -> None:
        super().__init__(
            OPERATION_TIMEOUT,
            "The WS-Management service cannot complete the operation within the time specified in "
            "OperationTimeout.",
            "wsman:TimedOut",
        )


class InvalidTimeout(Fault):
    """The header's OperationTimeout is no duration of at least nothing."""

    action = _ADDRESSING_FAULT

    def __init__(self, text: str) -> None:
        about = "The WS-Management service cannot process the request. "
        super().__init__(
            INVALID_HEADER,
            f"{about}The XML contains an invalid timeout field in the SOAP header: {text}.",
            "wsa:InvalidMessageInformationHeader",
            f"{about}The request contains one or more invalid SOAP headers.",
        )


class UnknownSelector(Fault):
    """The shell or command that the request names is not there."""

    detail = _FAULT_DETAIL + "UnexpectedSelectors"

    def __init__(self, message: str) -> None:
        super().__init__(
            SHELL_NOT_FOUND,
            message,
            "wsman:InvalidSelectors",
            "The WS-Management service cannot process the request because the "
            "request contained invalid selectors for the resource.",
        )


class UnknownCommand(UnknownSelector):
    def __init__(self) -> None:
        super().__init__(
            "The Windows Remote Shell received a request to perform an operation on a command "
            "identifier that does not exist. Either "
            "the command has completed execution or the client specified an invalid command "
            "identifier."
        )


@dataclasses.dataclass(frozen=True)
class Request:
    """What a server needs of a request's header, and its body."""

    action: str
    resource_uri: str
    message_id: str
    session_id: str
    operation_timeout: float
    max_envelope: int
    selectors: dict[str, str]
    body: ET.Element

    @property
    def verb(self) -> str:
        return self.action.rsplit("/", 1)[-1]

    def find(self, path: str) -> ET.Element:
        """An element of the body that the verb cannot do without."""
        found = self.body.find(path, NS)
        if found is None:
            raise Fault(
                INTERNAL, f"The request lacks the element {path}.", "wsman:SchemaValidationError"
            )
        return found


def element(
    parent: ET.Element | None, name: str, text: str | None = None, **attributes: str
) -> ET.Element:
    prefix, local = name.split(":")
    tag = f"{{{NS[prefix]}}}{local}"
    made = ET.Element(tag, attributes) if parent is None else ET.SubElement(parent, tag, attributes)
    made.text = text
    return made


def seconds(duration: str | None, default: float) -> float:
    """An xs:duration of at most hours, e.g.

    PT20S or PT7200.000S; ``default`` when there is none. InvalidTimeout for anything else.
    """
    if not duration:
        return default
    match = re.fullmatch(
        r"PT(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d*)?)S)?", duration, re.ASCII
    )
    if match is None:
        raise InvalidTimeout(duration[:40])
    return int(match[1] or 0) * 3600 + int(match[2] or 0) * 60 + float(match[3] or 0)


def parse(data: bytes) -> Request:
    """Raises Fault for anything that is no SOAP envelope."""
    try:
        root = ET.fromstring(data)
    except (
        ET.ParseError,
        ValueError,
        LookupError,
    ) as error:  # LookupError: an encoding that nobody knows
        raise Fault(
            INTERNAL, f"The request is not well-formed XML: {error}", "wsman:SchemaValidationError"
        ) from error
    header = root.find("s:Header", NS)
    body = root.find("s:Body", NS)
    if body is None:
        raise Fault(INTERNAL, "The request has no SOAP body.", "wsman:SchemaValidationError")

    def text(path: str, default: str = "") -> str:
        found = header.find(path, NS) if header is not None else None
        return default if found is None or found.text is None else found.text

    if body.find("wsmid:Identify", NS) is not None:
        return Request("Identify", "", "", "", 0, 0, {}, body)
    selectors = header.findall("wsman:SelectorSet/wsman:Selector", NS) if header is not None else []
    asked = Request(
        text("wsa:Action"),
        text("wsman:ResourceURI"),
        text("wsa:MessageID"),
        text("wsmv:SessionId"),
        60.0,
        _envelope_size(text("wsman:MaxEnvelopeSize", "153600")),
        {e.attrib.get("Name", ""): e.text or "" for e in selectors},
        body,
    )
    try:
        return dataclasses.replace(
            asked, operation_timeout=seconds(text("wsman:OperationTimeout"), 60.0)
        )
    except Fault as refused:
        refused.request = asked
        raise


def _envelope_size(text: str) -> int:
    """MS-WSMV 3.1.4.1.1: at least 8192 bytes."""
    if re.fullmatch(r"[0-9]{4,9}", text) is None or int(text) < 8192:
        raise Fault(
            INVALID_HEADER,
            f"The WS-Management service cannot process the request. MaxEnvelopeSize {text[:40]!r} "
            "is no size from 8192 bytes.",
            "wsman:EncodingLimit",
        )
    return int(text)


def _envelope(action: str, relates_to: str) -> tuple[ET.Element, ET.Element]:
    envelope = element(None, "s:Envelope")
    header = element(envelope, "s:Header")
    element(header, "wsa:Action", action)
    element(header, "wsa:MessageID", f"uuid:{str(uuid.uuid4()).upper()}")
    element(header, "wsmv:ActivityId", str(uuid.uuid4()).upper())
    element(header, "wsa:To", NS["wsa"] + "/role/anonymous")
    if relates_to:
        element(header, "wsa:RelatesTo", relates_to)
    return envelope, element(envelope, "s:Body")


def response(request: Request, content: list[ET.Element]) -> bytes:
    envelope, body = _envelope(request.action + "Response", request.message_id)
    body.extend(content)
    return bytes(ET.tostring(envelope, encoding="utf-8"))


def identify_response() -> bytes:
    envelope = element(None, "s:Envelope")
    element(envelope, "s:Header")
    answer = element(element(envelope, "s:Body"), "wsmid:IdentifyResponse")
    element(answer, "wsmid:ProtocolVersion", NS["wsman"])
    element(answer, "wsmid:ProductVendor", "Microsoft Corporation")
    element(answer, "wsmid:ProductVersion", "OS: 6.3.9600 SP: 0.0 Stack: 3.0")
    return bytes(ET.tostring(envelope, encoding="utf-8"))


def fault(request: Request | None, error: Fault, machine: str) -> bytes:
    asked = request or error.request
    envelope, body = _envelope(error.action, asked.message_id if asked else "")
    made = element(body, "s:Fault")
    code = element(made, "s:Code")
    element(code, "s:Value", error.blames)
    element(element(code, "s:Subcode"), "s:Value", error.subcode)
    text = element(element(made, "s:Reason"), "s:Text", error.reason)
    text.attrib["{http://www.w3.org/XML/1998/namespace}lang"] = "en-US"
    detail = element(made, "s:Detail")
    if error.detail:
        element(detail, "wsman:FaultDetail", error.detail)
    element(
        element(detail, "f:WSManFault", Code=str(error.code), Machine=machine),
        "f:Message",
        error.message,
    )
    return bytes(ET.tostring(envelope, encoding="utf-8"))
