"""Names, texts and addresses inside T-SQL: quoted where they are legal, refused where they are not.
FOR INTERNAL COLLECTION USE ONLY.

The rules of identifiers and literals: sql-docs, Database Identifiers and Constants. sqlcmd's own
variables and commands are switched off on the call (-DisableVariables, -DisableCommands), so
``$(x)`` is ordinary text here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ...._engine.errors import Refused

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
#: SET PARTNER takes a host name and a port, never an instance name (ALTER DATABASE database
#: mirroring reference).
_ADDRESS = re.compile(
    r"TCP://([A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?):(\d{1,5})", re.IGNORECASE
)
#: How an absolute path begins: a drive, or a UNC name.
_ROOTED = re.compile(r"[A-Za-z]:(?=\\)|\\(?=\\)")
#: What Windows does not allow in names of files and folders.
_NOT_IN_PATHS = re.compile(r'[<>:"|?*/]')


def identifier(name: str) -> str:
    """``[name]``.

    Refused: empty, longer than 128 characters, blanks at either end, control characters.
    """
    return "[" + plain_name(name).replace("]", "]]") + "]"


def plain_name(name: str) -> str:
    """A name that goes into a literal or an identifier, unchanged."""
    if not name or len(name) > 128 or name != name.strip() or _CONTROL.search(name):
        raise Refused(
            f"{name!r} cannot be a SQL Server name: it must have 1 to 128 characters, no blanks at"
            " its ends and no line breaks or other control characters. Correct the option.",
            code="bad_name",
            value=name,
        )
    return name


def literal(text: str) -> str:
    """``N'text'``.

    Refused: control characters (a line break could end a batch in the tools that run it).
    """
    if _CONTROL.search(text):
        raise Refused(
            f"{text!r} holds a line break or another control character, which no name or path"
            " needs. Correct the option.",
            code="bad_text",
            value=text,
        )
    return "N'" + text.replace("'", "''") + "'"


def path(text: str) -> str:
    """A local path or UNC name as a literal.

    Refused: relative paths, wildcards and characters that Windows does not allow in names.
    """
    rooted = _ROOTED.match(text)
    if rooted is None or len(text) > 480 or _NOT_IN_PATHS.search(text, rooted.end()):
        raise Refused(
            f"{text!r} is not an absolute Windows path or UNC name that SQL Server can use. Give it"
            " like D:\\folder or \\\\host\\share.",
            code="bad_path",
            value=text,
        )
    return literal(text)


def address(text: str) -> str:
    """A mirroring address as a literal.

    Refused: anything but TCP://host:port with a port of 1 to 65535.
    """
    match = _ADDRESS.fullmatch(text)
    if match is None or not 1 <= int(match[3]) <= 65535:
        raise Refused(
            f"{text!r} is not a mirroring address. It must be TCP://host.domain:port, without an"
            " instance name.",
            code="bad_address",
            value=text,
        )
    return "N'" + text + "'"


def account(name: str) -> str:
    """A Windows account as an identifier: DOMAIN\\name."""
    if not re.fullmatch(r'[^\\/\[\]:;|=,+*?<>"]+\\[^\\/\[\]:;|=,+*?<>"]+', name):
        raise Refused(
            f"{name!r} is not a Windows account of the form DOMAIN\\name.",
            code="bad_account",
            value=name,
        )
    return identifier(name)


def literals(names: Sequence[str]) -> str:
    """Names for IN (...): ``N'a', N'b'``."""
    return ", ".join(literal(plain_name(name)) for name in names)


def numbers(values: Iterable[int]) -> str:
    """Numbers for IN (...): ``1, 2``."""
    return ", ".join(str(int(value)) for value in values)


def like(text: str) -> str:
    """For LIKE: a pattern that this text alone matches (LIKE reference, wildcard characters as
    literals). No literal yet.
    """
    return re.sub(r"[%_\[]", r"[\g<0>]", text)
