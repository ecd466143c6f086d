"""Between the lab's own objects and psrpcore's, which know how to become CLIXML."""
from __future__ import annotations

import datetime as dt
import decimal
import typing as t
import uuid

from psrpcore import types as ps

from .objects import DBNull, Int64, PSObject, Xml


def to_wire(value: t.Any) -> t.Any:
    """What a cmdlet returned, as psrpcore wants it."""
    if isinstance(value, PSObject):
        made = ps.PSCustomObject(**{k: to_wire(v) for k, v in value.properties.items()})
        made.PSObject.type_names = list(value.type_names)
        made.PSObject.to_string = t.cast(str, value.to_string)
        return made
    if isinstance(value, DBNull):
        made = ps.PSCustomObject()
        made.PSObject.type_names = ["System.DBNull", "System.Object"]
        made.PSObject.to_string = ""
        return made
    if isinstance(value, Int64):
        return ps.PSInt64(value.value)
    if isinstance(value, Xml):
        return ps.PSXml(value.text)
    if isinstance(value, dt.datetime):
        return ps.PSDateTime(value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond, tzinfo=value.tzinfo)
    if isinstance(value, uuid.UUID):
        return ps.PSGuid(str(value))
    if isinstance(value, decimal.Decimal):
        return ps.PSDecimal(str(value))
    if isinstance(value, (list, tuple)):
        return [to_wire(v) for v in value]
    if isinstance(value, dict):
        return {k: to_wire(v) for k, v in value.items()}
    return value


def from_wire(value: t.Any) -> t.Any:
    """A parameter as it arrived -> plain Python: str, bool, int, float, list, dict, None; a SecureString becomes Secret."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, ps.PSSecureString):
        return Secret(value.decrypt())
    if isinstance(value, (ps.PSString, ps.PSXml)):
        return str(value)
    if isinstance(value, ps.PSBool):
        return bool(value)
    if isinstance(value, dict):
        return {str(k): from_wire(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [from_wire(v) for v in value]
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return str(value)


class Secret(str):
    """A decrypted SecureString: a str that never enters the journal."""
