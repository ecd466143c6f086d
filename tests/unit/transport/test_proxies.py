"""A proxy that answers instead of the host is named, and how to pass it by; never its password."""
from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.proxies import proxy_refused

PLAIN = {"server": "10.0.0.1", "ssl": False}


@pytest.mark.parametrize(("wsman", "environment", "said"), [
    (PLAIN, {"HTTP_PROXY": "http://eve:secret@proxy:3128/"}, "A proxy http://proxy:3128 (from HTTP_PROXY of"),
    (PLAIN, {"http_proxy": "eve:secret@proxy:3128"}, "A proxy proxy:3128 (from HTTP_PROXY of"),
    ({**PLAIN, "ssl": True}, {"HTTPS_PROXY": "http://proxy"}, "A proxy http://proxy (from HTTPS_PROXY of"),
    ({**PLAIN, "proxy": "http://u:secret@mine:8080"}, {"HTTP_PROXY": "http://other"}, "A proxy http://mine:8080 (from ansible_psrp_proxy or"),
    (PLAIN, {}, "A proxy (from HTTP_PROXY of"),
])
def test_it_says_which_and_how_to_pass_it_by(wsman, environment, said):
    told = proxy_refused(wsman, environment)
    assert said in told
    assert "NO_PROXY" in told
    assert "10.0.0.1" in told
    assert "secret" not in told
    assert "eve" not in told
