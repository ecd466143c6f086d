"""Parameters as they arrive over the wire -> the lab's own values."""

from __future__ import annotations

import datetime as dt
import decimal
import typing as t
import uuid

from psrpcore import types as ps

from .objects import (
    Byte,
    Char,
    Collection,
    Int16,
    Int64,
    Single,
    Table,
    UInt32,
    UInt64,
    Uri,
    Version,
    Xml,
)

#: psrpcore's primitives -> what makes the lab's own of them. Those that PowerShell 5 and the lab do
#: not tell apart become the nearest one.
_PRIMITIVES: dict[type, t.Callable[[t.Any], t.Any]] = {
    ps.PSString: str,
    ps.PSBool: bool,
    ps.PSInt: int,
    ps.PSInt64: Int64,
    ps.PSInt16: Int16,
    ps.PSByte: Byte,
    ps.PSUInt: UInt32,
    ps.PSUInt64: UInt64,
    ps.PSChar: lambda value: Char(int(value)),
    ps.PSDouble: float,
    ps.PSSingle: Single,
    ps.PSUri: Uri,
    ps.PSXml: Xml,
    ps.PSDecimal: lambda value: decimal.Decimal(str(value)),
    ps.PSVersion: lambda value: Version(str(value)),
    ps.PSByteArray: bytes,
    ps.PSGuid: lambda value: uuid.UUID(str(value)),
    ps.PSDuration: lambda value: dt.timedelta(value.days, value.seconds, value.microseconds),
    ps.PSDateTime: lambda value: dt.datetime.fromisoformat(value.isoformat()),
}


class Secret(str):
    """A decrypted SecureString: a str that never enters the journal."""


def from_wire(value: t.Any) -> t.Any:
    """None, a primitive of ``objects``, a Collection or a Table of such; a SecureString becomes
    Secret.

    What came over the wire is of a ``Deserialized.`` type from then on.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, ps.PSSecureString):
        return Secret(value.decrypt())
    made = _PRIMITIVES.get(type(value))
    if made is not None:
        return made(value)
    if isinstance(value, dict):
        return Table(
            {str(k): from_wire(v) for k, v in value.items()},
            *_deserialized(value, "System.Collections.Hashtable", "System.Object"),
        )
    if isinstance(value, (list, tuple)):
        return Collection(
            [from_wire(v) for v in value],
            *_deserialized(value, "System.Object[]", "System.Array", "System.Object"),
        )
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return str(value)


def _deserialized(value: t.Any, *usual: str) -> list[str]:
    described = getattr(value, "PSObject", None)
    names = described.type_names if described is not None and described.type_names else usual
    return [f"Deserialized.{name.removeprefix('Deserialized.')}" for name in names]
