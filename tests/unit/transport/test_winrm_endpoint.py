"""psrp and winrm inventories name the same endpoint."""

from __future__ import annotations

import inspect

import pytest
from winrm import protocol as winrm_protocol

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import winrm_endpoint
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.winrm_endpoint import (  # noqa: E501
    ConnectionUnusable,
    endpoint_of,
)

PSRP = dict(
    remote_addr="10.0.0.1",
    remote_user="u",
    remote_password="p",
    protocol=None,
    port=None,
    path="wsman",
    auth="negotiate",
    cert_validation="validate",
    ca_cert=None,
    connection_timeout=30,
    message_encryption="auto",
    proxy=None,
    ignore_proxy=False,
    max_envelope_size=153600,
    operation_timeout=20,
    read_timeout=30,
    reconnection_retries=0,
    reconnection_backoff=2,
    certificate_key_pem=None,
    certificate_pem=None,
    credssp_auth_mechanism="auto",
    credssp_disable_tlsv1_2=False,
    credssp_minimum_version=2,
    negotiate_send_cbt=True,
    negotiate_delegate=None,
    negotiate_hostname_override=None,
    negotiate_service="WSMAN",
    configuration_name="Microsoft.PowerShell",
)
WINRM = dict(
    remote_addr="10.0.0.1",
    remote_user="u",
    remote_password="p",
    scheme=None,
    port=5986,
    path="/wsman",
    transport=["ntlm"],
    connection_timeout=None,
    _extras={},
)


class Connection:
    def __init__(self, plugin, options):
        self.transport, self._options = plugin, options

    def get_option(self, name):
        return self._options[name]


def psrp(**changes):
    return endpoint_of(Connection("psrp", {**PSRP, **changes}))


def winrm(**changes):
    return endpoint_of(Connection("winrm", {**WINRM, **changes}))


@pytest.mark.parametrize(
    ("options", "ssl", "port"),
    [
        ({}, True, 5986),
        ({"port": 5985}, False, 5985),
        ({"port": 15985}, True, 15985),
        ({"protocol": "http"}, False, 5985),
        ({"protocol": "https", "port": 5985}, True, 5985),
    ],
)
def test_psrp_protocol_and_port(options, ssl, port):
    wsman = psrp(**options).wsman
    assert (wsman["ssl"], wsman["port"]) == (ssl, port)


@pytest.mark.parametrize(
    ("options", "ssl", "port"),
    [
        ({}, True, 5986),
        ({"port": 5985}, False, 5985),
        ({"port": 5985, "scheme": "https"}, True, 5985),
    ],
)
def test_winrm_scheme_and_port(options, ssl, port):
    wsman = winrm(**options).wsman
    assert (wsman["ssl"], wsman["port"], wsman["path"]) == (ssl, port, "wsman")


def test_certificates_are_verified_unless_told_otherwise():
    assert psrp().wsman["cert_validation"] is True
    assert winrm().wsman["cert_validation"] is True
    assert psrp(ca_cert="/ca.pem").wsman["cert_validation"] == "/ca.pem"
    assert (
        winrm(_extras={"ansible_winrm_ca_trust_path": "/ca.pem"}).wsman["cert_validation"]
        == "/ca.pem"
    )
    assert psrp(cert_validation="ignore").wsman["cert_validation"] is False
    assert (
        winrm(_extras={"ansible_winrm_server_cert_validation": "ignore"}).wsman["cert_validation"]
        is False
    )


def test_winrm_extras():
    wsman = winrm(
        transport=["credssp"],
        _extras={
            "ansible_winrm_operation_timeout_sec": 60,
            "ansible_winrm_message_encryption": "always",
        },
    ).wsman
    assert (
        wsman["auth"],
        wsman["operation_timeout"],
        wsman["read_timeout"],
        wsman["encryption"],
    ) == ("credssp", 60, 70, "always")


@pytest.mark.parametrize(
    ("extras", "wanted"),
    [
        ({}, (None, None)),
        ({"ansible_winrm_proxy": "legacy_requests"}, (None, None)),
        ({"ansible_winrm_proxy": "http://proxy:3128"}, ("http://proxy:3128", None)),
        ({"ansible_winrm_proxy": None}, (None, True)),
        ({"ansible_winrm_proxy": ""}, (None, True)),
    ],
)
def test_winrm_proxy_is_the_one_that_pywinrm_would_take(extras, wanted):
    wsman = winrm(_extras=extras).wsman
    assert (wsman.get("proxy"), wsman.get("no_proxy")) == wanted


def test_every_setting_that_pywinrm_knows_and_we_do_not_map_is_one_that_psrp_has_no_use_for():
    """Whoever adds one to pywinrm makes this fail: it is mapped, or named here with the reason."""
    known = set(inspect.signature(winrm_protocol.Protocol).parameters)
    # options of the plugin
    elsewhere = {"endpoint", "transport", "username", "password"}
    unused = {"realm", "keytab"}  # without effect in pywinrm, too
    source = inspect.getsource(winrm_endpoint)
    unmapped = {name for name in known - elsewhere - unused if f'"{name}"' not in source}
    assert unmapped == set()


def test_identity_has_no_password():
    assert "p" not in psrp().identity


def test_other_connections_are_refused():
    with pytest.raises(ConnectionUnusable, match="Set ansible_connection to psrp"):
        endpoint_of(Connection("ssh", {}))
