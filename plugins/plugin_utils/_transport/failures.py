"""What went wrong, as the collection's errors: silence, a refusal of the host, or a failed call.

Nothing here is decided by the text of an error, which is another one in each version and language.
FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import contextlib
import re
import typing as t
from collections.abc import Iterator

from .._engine.errors import (
    CmdletFailed,
    CmdletMissing,
    HostRefuses,
    PChatError,
    SqlFailed,
    Unproven,
    Unreachable,
)
from .._engine.model import Call, Cmdlet
from . import tickets
from .bounded import Overdue
from .line import Problem

#: HTTP status of a WinRM listener, or of what stands before it -> the likely cause.
_STATUS = {
    401: (
        "Check ansible_user, ansible_password (expired, locked?) and the authentication that the "
        "listener offers; with Kerberos, that the name the ticket is for is the host's own."
    ),
    403: (
        "The account may not use this endpoint, or a proxy forbids the way: check its rights, and "
        "HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the controller."
    ),
    404: "Nothing serves this path: check ansible_psrp_path, and what listens on this port.",
    407: (
        "A proxy asks for a logon: check HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the controller, or"
        " set ansible_psrp_ignore_proxy (ansible_winrm_proxy for winrm)."
    ),
    500: (
        "The service answers with an error: a quota of shells (MaxShellsPerUser), memory, or an "
        "unencrypted message that it refuses."
    ),
    502: "A proxy or gateway could not reach the host: check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.",
    503: "The WinRM service, or a proxy before it, is overloaded or stopping.",
}
#: Of requests-credssp.
_CREDSSP = frozenset({"AuthenticationException", "NTStatusException"})
#: Of requests: nothing came in time.
_LATE = frozenset({"ReadTimeout", "ConnectTimeout"})
#: Error id of a connection that Invoke-Sqlcmd could not make (module SqlServer and SQLPS alike).
_NO_CONNECTION = "SqlExceptionError"
#: The binding of a call found no such parameter, so nothing of it was executed.
_NO_PARAMETER = "NamedParameterNotFound"
#: A restricted endpoint shows parameters of Invoke-Sqlcmd whatever module stands behind it.
_OLDER_MODULE = (
    "Nothing was executed. A restricted endpoint shows Encrypt and TrustServerCertificate on every "
    "host; Invoke-Sqlcmd has them from the module SqlServer 22 on. Set pchat_sql_encryption to "
    "default for this host, or install that module there."
)
#: A cmdlet that is not there, and one whose module could not be loaded.
_MISSING = ("CommandNotFoundException", "CouldNotAutoLoadModule", "CouldNotAutoloadMatchingModule")


@contextlib.contextmanager
def reached(what: str, label: str, opening: bool = False) -> Iterator[None]:
    """Anything below the pipeline level means: silence or a refusal of the host, and nobody knows
    what it did with the last request.
    """
    try:
        yield
    except PChatError:
        raise
    except Overdue as error:
        raise Unreachable(
            f"Could not {what} on {label}: it does not answer in time ({error})",
            attempted_open=opening,
        ) from error
    except Exception as error:
        raise of_connection(what, label, error, attempted_open=opening) from error


def is_late(error: Unreachable) -> bool:
    """Whether a time-out passed, so that asking once more would wait for another one."""
    cause = error.__cause__
    return isinstance(cause, Overdue) or bool(
        _LATE & {kind.__name__ for kind in type(cause).__mro__}
    )


def of_connection(what: str, label: str, error: BaseException, **details: t.Any) -> Unreachable:
    """Anything below the pipeline: ``Unreachable`` for silence, ``HostRefuses`` for an answer.

    ``what`` was tried at the endpoint ``label``.
    """
    names = {kind.__name__ for kind in type(error).__mro__}
    tried = f"Could not {what} on {label}"
    status = _status(error, names)
    if status is not None:
        cause = _STATUS.get(status, "")
        return HostRefuses(
            f"{tried}: it answers with HTTP status {status}. {cause}".rstrip(),
            status=status,
            **details,
        )
    logon = _logon(error, names)
    if logon is not None:
        return HostRefuses(f"{tried}: {logon.sentence}", status=logon.status, **details)
    if "SSLError" in names:
        return HostRefuses(
            f"{tried}: {error} There is an answer, but the certificate is not trusted or TLS fails:"
            " give the issuing CA as ansible_psrp_ca_cert (or ansible_winrm_ca_trust_path).",
            status="tls",
            **details,
        )
    if "ProxyError" in names:
        return HostRefuses(
            f"{tried}: the proxy does not let it through, so the host was never asked: {error}. "
            "Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the controller.",
            status="proxy",
            **details,
        )
    if _name_unknown(error):
        return HostRefuses(
            f"{tried}: its name does not resolve here, so it was never asked. Check "
            "the inventory and the controller's DNS.",
            status="name",
            **details,
        )
    if "WSManFaultError" in names:
        code = getattr(error, "code", None)
        return HostRefuses(f"{tried}: {error}", status="wsman", wsman_code=code, **details)
    if names & _LATE:
        return Unreachable(f"{tried}: it does not answer in time", **details)
    if names & {"ConnectionError", "TimeoutError", "ChunkedEncodingError", "OSError"}:
        return Unreachable(f"{tried}: {type(error).__name__}: {error}", **details)
    return HostRefuses(
        f"{tried}: it answers, but not like WinRM ({type(error).__name__}: {error}). Check what "
        "listens there.",
        status="garbled",
        **details,
    )


class _Logon(t.NamedTuple):
    """A logon that did not come about, in the words of ``HostRefuses``."""

    status: str
    sentence: str


def _logon(error: BaseException, names: set[str]) -> _Logon | None:
    """None for any other error."""
    kerberos = tickets.advice(error)
    if kerberos is not None:
        return _Logon("kerberos", f"no logon by Kerberos ({error}). {kerberos}")
    if names & _CREDSSP:
        return _Logon(
            "credssp",
            f"no logon by CredSSP ({error}). Check that the host takes it (Enable-WSManCredSSP "
            "-Role Server), ansible_user and ansible_password.",
        )
    if "ImportError" in names:
        return _Logon(
            "library",
            f"the controller lacks a Python library for this kind of logon ({error}). Install "
            "pypsrp[kerberos] or pypsrp[credssp] into the Python that runs ansible-playbook.",
        )
    return None


def _status(error: BaseException, names: set[str]) -> int | None:
    if "AuthenticationError" in names:
        return 401
    if "WinRMTransportError" in names:
        return int(getattr(error, "code", 0) or 0)
    response = getattr(error, "response", None)
    code = getattr(response, "status_code", None)
    if code is None and "RetryError" in names:
        return 503  # the only status that is tried again
    return int(code) if code is not None else None


def _name_unknown(error: BaseException) -> bool:
    """Whether a failed look-up of the name stands at the bottom of it (urllib3, socket)."""
    seen: BaseException | None = error
    for _level in range(10):
        if seen is None:
            return False
        reason = getattr(seen, "reason", None)
        kinds = {type(seen).__name__, type(reason).__name__}
        if kinds & {"NameResolutionError", "gaierror"}:
            return True
        inner = seen.args[0] if seen.args and isinstance(seen.args[0], BaseException) else None
        seen = inner or seen.__cause__ or seen.__context__
    return False


def problem_of(record: t.Any) -> Problem:
    """What is told of an error record as pypsrp reads it."""
    return Problem(
        error_id=str(getattr(record, "fq_error", "") or ""),
        category=str(getattr(record, "category", "") or ""),
        target=str(getattr(record, "target_name", "") or ""),
        text=_text(record),
    )


#: Of a pipeline that failed without one.
_NO_RECORD = Problem("", "", "", "it failed without an error record")


def of_records(call: Call, problems: t.Sequence[Problem], hint: str = "") -> CmdletFailed:
    """The error records of one call as one exception; SQL errors keep their order, the cause
    first.
    """
    first = problems[0] if problems else _NO_RECORD
    message = " | ".join(dict.fromkeys(one.text for one in problems or [first]))
    error_id = first.error_id
    details: dict[str, t.Any] = {
        "error_id": error_id,
        "category": first.category,
        "target": first.target,
        "cmdlet": str(call),
    }
    kind = error_id.split(",")[0]
    name = call.name if isinstance(call, Cmdlet) else "Invoke-Sqlcmd"
    if kind in _MISSING:
        return CmdletMissing(
            f"The cmdlet {name} is not there for this session: {message} Install its module on the "
            "host, or let the endpoint show it (fidelity.yml lists all that are used).",
            name=name,
            **details,
        )
    if isinstance(call, Cmdlet):
        return CmdletFailed(f"{call.name} failed: {message}", **details)
    numbers = re.findall(r"\b(?:Msg|Error) (\d+)\b", message)
    return SqlFailed(
        f"SQL Server refused: {message}{_advice(kind, hint)}",
        errors=[int(number) for number in numbers],
        **details,
    )


def _advice(kind: str, hint: str) -> str:
    if kind == _NO_PARAMETER:
        return f" {_OLDER_MODULE}"
    if hint and kind == _NO_CONNECTION:
        return f" {hint}"
    return ""


def unanswered(call: Call, ended: str) -> Unproven:
    """A pipeline came to its end without an answer of this call, and without an error that says
    why.
    """
    name = call.name if isinstance(call, Cmdlet) else "a batch of T-SQL"
    return Unproven(
        f"The pipeline ended ({ended}), but no answer of {name} came, and no error that says why. "
        "What is not there is not known to be nothing.",
        cmdlet=str(call),
    )


def _text(record: t.Any) -> str:
    exception = getattr(record, "exception", None)
    message = getattr(exception, "message", None)
    if not message:
        message = getattr(exception, "adapted_properties", {}).get("Message")
    return str(message or record).strip()
