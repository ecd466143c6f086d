"""From the connection options of a task to the arguments of pypsrp's WSMan.

Inventories written for ``ansible_connection: psrp`` and for ``ansible_connection: winrm`` name the
same WinRM endpoint; both work unchanged. Only documented options of the two connection plugins are
read, through ``get_option``: neither plugin is opened, so no script is ever sent to the host. FOR
INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._engine.errors import PChatError
from .._engine.plain import plain

#: Ansible's connection plugin name -> how to read its options.
_WINRM_AUTH = {
    "basic": "basic",
    "plaintext": "basic",
    "ssl": "negotiate",
    "ntlm": "ntlm",
    "kerberos": "kerberos",
    "credssp": "credssp",
    "certificate": "certificate",
    "negotiate": "negotiate",
}


#: How long to wait, and how often.
_HURRY = ("connection_timeout", "read_timeout", "operation_timeout", "reconnection_retries")
#: Seconds beyond the connection's own limits.
_GRACE = 15.0


class ConnectionUnusable(PChatError):
    """The task's connection cannot carry PSRP, or is set up in a way that we cannot map."""

    code = "connection_unusable"


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """Where and how to connect: ``wsman`` are keyword arguments of pypsrp.wsman.WSMan (with the
    password: never log them).
    """

    wsman: t.Mapping[str, t.Any]
    configuration: str

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells two endpoints apart, without secrets."""
        keys = ("server", "port", "ssl", "path", "username", "auth")
        return (*(str(self.wsman.get(k)) for k in keys), self.configuration)

    @property
    def way(self) -> tuple[str, ...]:
        """All that tells two endpoints apart but how long they are waited for, with secrets: only
        for a comparison in memory.
        """
        options = [repr(item) for item in self.wsman.items() if item[0] not in _HURRY]
        return (*sorted(options), self.configuration)

    @property
    def request_limit(self) -> float:
        """Seconds after which one request with all its tries is given up from outside."""
        connect = float(self.wsman.get("connection_timeout") or 30)
        answer = float(self.wsman.get("read_timeout") or 30)
        tries = 1 + int(self.wsman.get("reconnection_retries") or 0)
        return (connect + answer) * tries + _GRACE

    @property
    def server(self) -> str:
        """Name or address, as it was given."""
        return str(self.wsman.get("server"))

    @property
    def port(self) -> int:
        return int(self.wsman.get("port") or 0)

    @property
    def path(self) -> str:
        """Of the service, without the slash before it."""
        return str(self.wsman.get("path"))

    @property
    def is_tls(self) -> bool:
        return bool(self.wsman.get("ssl"))

    @property
    def label(self) -> str:
        scheme = "https" if self.is_tls else "http"
        return f"{scheme}://{self.server}:{self.port}/{self.path}"


def endpoint_of(connection: t.Any) -> Endpoint:
    """Map the options of an Ansible connection plugin.

    Raises ConnectionUnusable for any plugin but psrp and winrm.
    """
    kind = getattr(connection, "transport", None)
    if kind == "psrp":
        return _from_psrp(connection.get_option)
    if kind == "winrm":
        return _from_winrm(connection.get_option)
    raise ConnectionUnusable(
        f"ansible_connection is {kind!r}, but the cmdlets of this collection travel over WinRM"
        " only. Set ansible_connection to psrp (or winrm) for this host.",
        connection=str(kind),
    )


def _truth(value: t.Any) -> bool:
    return (
        value
        if isinstance(value, bool)
        else str(value).strip().lower() in ("1", "true", "yes", "on")
    )


def _from_psrp(option: t.Callable[[str], t.Any]) -> Endpoint:
    protocol = option("protocol")
    port = option("port")
    if protocol is None:
        protocol = "http" if port is not None and int(port) == 5985 else "https"
    if port is None:
        port = 5986 if protocol == "https" else 5985
    validation: bool | str = True
    if option("cert_validation") == "ignore":
        validation = False
    elif option("ca_cert"):
        validation = str(option("ca_cert"))
    same = (
        "connection_timeout",
        "max_envelope_size",
        "operation_timeout",
        "read_timeout",
        "reconnection_retries",
        "certificate_key_pem",
        "certificate_pem",
        "credssp_auth_mechanism",
        "credssp_disable_tlsv1_2",
        "credssp_minimum_version",
        "negotiate_send_cbt",
        "negotiate_delegate",
        "negotiate_hostname_override",
        "negotiate_service",
    )
    wsman = {name: option(name) for name in same}
    wsman.update(
        server=option("remote_addr"),
        port=int(port),
        username=option("remote_user"),
        password=option("remote_password"),
        ssl=protocol == "https",
        path=option("path"),
        auth=option("auth"),
        cert_validation=validation,
        encryption=option("message_encryption"),
        proxy=option("proxy"),
        no_proxy=_truth(option("ignore_proxy")),
        reconnection_backoff=float(option("reconnection_backoff")),
    )
    return Endpoint(_known(wsman), plain(str(option("configuration_name"))))


def _known_transports(option: t.Callable[[str], t.Any]) -> list[str]:
    """What pypsrp calls the transports that were asked for."""
    transports = [str(name).lower() for name in option("transport") or ["negotiate"]]
    known = [_WINRM_AUTH[name] for name in transports if name in _WINRM_AUTH]
    if not known:
        raise ConnectionUnusable(
            f"ansible_winrm_transport {transports} has no PSRP equivalent. Use one of"
            f" {sorted(_WINRM_AUTH)}."
        )
    return known


def _validation(extras: t.Mapping[str, t.Any]) -> bool | str:
    """Whether a certificate is verified, or the file of those that are trusted."""
    if str(extras.get("server_cert_validation", "validate")) == "ignore":
        return False
    if extras.get("ca_trust_path") not in (None, "", "legacy_requests"):
        return str(extras["ca_trust_path"])
    return True


def _from_winrm(option: t.Callable[[str], t.Any]) -> Endpoint:
    extras = {
        str(k).removeprefix("ansible_winrm_"): v for k, v in (option("_extras") or {}).items()
    }
    port = option("port")
    port = 5986 if port is None else int(port)
    scheme = option("scheme") or ("http" if port == 5985 else "https")
    auth = _preferred(_known_transports(option), option("remote_password"), extras)
    operation = int(extras.get("operation_timeout_sec", 20))
    wsman: dict[str, t.Any] = dict(
        server=option("remote_addr"),
        port=port,
        username=option("remote_user"),
        password=option("remote_password"),
        ssl=scheme == "https",
        path=str(option("path") or "/wsman").lstrip("/"),
        auth=auth,
        cert_validation=_validation(extras),
        connection_timeout=int(option("connection_timeout") or 30),
        operation_timeout=operation,
        read_timeout=int(extras.get("read_timeout_sec", operation + 10)),
        encryption=str(extras.get("message_encryption", "auto")),
        negotiate_delegate=_truth(extras.get("kerberos_delegation", False)),
        credssp_disable_tlsv1_2=_truth(extras.get("credssp_disable_tlsv1_2", False)),
        negotiate_send_cbt=_truth(extras.get("send_cbt", True)),
    )
    wsman.update(_proxy(extras))
    if extras.get("kerberos_hostname_override"):
        wsman["negotiate_hostname_override"] = extras["kerberos_hostname_override"]
    if extras.get("service"):
        wsman["negotiate_service"] = extras["service"]
    for ours, theirs in (("certificate_pem", "cert_pem"), ("certificate_key_pem", "cert_key_pem")):
        if extras.get(theirs):
            wsman[ours] = extras[theirs]
    return Endpoint(_known(wsman), "Microsoft.PowerShell")


def _proxy(extras: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """As pywinrm takes it: a URL; nothing (null or empty) to pass by those of the environment;
    legacy_requests, its default, for those.
    """
    asked = extras.get("proxy", "legacy_requests")
    if asked == "legacy_requests":
        return {}
    return {"proxy": str(asked)} if asked else {"no_proxy": True}


def _preferred(known: list[str], password: t.Any, extras: t.Mapping[str, t.Any]) -> str:
    """The winrm plugin tries its transports in turn; PSRP takes one.

    'ssl' (listed for basic over https) becomes negotiate.
    """
    if extras.get("cert_pem") and "certificate" in known:
        return "certificate"
    if not password and "kerberos" in known:
        return "kerberos"
    return known[0]


def _known(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Those that say something; pypsrp has a default for the others and needs the exact types."""
    return {key: plain(value) for key, value in options.items() if value is not None}


def impatient(endpoint: Endpoint, seconds: int) -> Endpoint:
    """The same endpoint for a look: a host that does not answer within this time counts as not
    answering.
    """
    now = {
        "connection_timeout": seconds,
        "read_timeout": seconds + 5,
        "operation_timeout": seconds,
        "reconnection_retries": 0,
    }
    return dataclasses.replace(endpoint, wsman={**endpoint.wsman, **now})
