"""What to say of a proxy that stands between the controller and a host. FOR INTERNAL COLLECTION USE ONLY."""
from __future__ import annotations

import typing as t
import urllib.parse
from collections.abc import Mapping

#: The environment variables that requests, and pypsrp with it, takes a proxy from; also in lower case.
VARIABLES = {"http": "HTTP_PROXY", "https": "HTTPS_PROXY"}


def proxy_refused(wsman: Mapping[str, t.Any], environment: Mapping[str, str]) -> str:
    """The sentence for HTTP 407 (Proxy Authentication Required, RFC 9110): who answered, and how to pass it by.

    ``wsman``: keyword arguments of pypsrp's WSMan; ``environment``: the controller's. User and password of a proxy are never told.
    """
    host = wsman["server"]
    variable = VARIABLES["https" if wsman["ssl"] else "http"]
    chosen = wsman.get("proxy")
    proxy = chosen or environment.get(variable) or environment.get(variable.lower()) or environment.get("ALL_PROXY")
    where = f" {_without_credentials(str(proxy))}" if proxy else ""
    source = "from ansible_psrp_proxy or ansible_winrm_proxy" if chosen else f"from {variable} of the controller's environment"
    return (f"A proxy{where} ({source}) answered instead of the host and wants a logon of its own "
            f"(407). If {host} can be reached directly, add it to NO_PROXY, or set "
            "ansible_psrp_ignore_proxy: true (with ansible_connection winrm: "
            "ansible_winrm_proxy: null). If the way leads through the proxy, give its user in the "
            "proxy's URL.")


def _without_credentials(url: str) -> str:
    """``http://proxy:3128`` of ``http://user:password@proxy:3128/``."""
    parts = urllib.parse.urlsplit(url if "//" in url else f"//{url}")
    scheme = f"{parts.scheme}://" if parts.scheme else ""
    return scheme + parts.netloc.rpartition("@")[2]
