"""The restricted endpoints in extensions/jea are what ./run jea writes, open on every kind of
host, and let through what their README says and no more.
"""

from __future__ import annotations

import re

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity import used
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Cmdlet
from dev.release import attempts, jea
from pchat_lab.estate.build import build
from pchat_lab.powershell.capability import BadCapability, read_capability, read_data
from pchat_lab.powershell.executor import Runspace
from pchat_lab.powershell.registry import CMDLETS
from pchat_lab.world.network import Caller

SHIPPED = {path.name: text for path, text in jea.files().items()}
README = (jea.FOLDER / "README.md").read_text(encoding="utf-8")


def test_what_is_committed_is_what_is_generated():
    stale = [
        path.name
        for path, text in jea.files().items()
        if not path.exists() or path.read_text(encoding="ascii") != text
    ]
    assert stale == [], "run ./run jea"


def test_it_shows_the_parameters_of_the_calls_and_the_loaders_and_nothing_else():
    entries = {entry.name: entry for entry in read_capability(SHIPPED[f"{jea.NAME}.psrc"]).entries}
    assert set(entries) == {*used.cmdlets(), "Invoke-Sqlcmd", "Write-Output", *jea.LOADERS} - {
        "Get-Command"
    }
    assert {name for name, entry in entries.items() if entry.parameters is None} == set(jea.LOADERS)
    for name, parameters in used.cmdlets().items():
        if name in entries and name not in jea.LOADERS:
            assert {allowed.name for allowed in entries[name].parameters.values()} == parameters, (
                name
            )


def test_no_plain_name_has_a_parameter_that_writes_or_filters():
    for name in jea.LOADERS:
        assert set(CMDLETS[name.lower()].signature.parameters) <= {
            "Urn",
            "CentralManagementStoreStatus",
            "ReplicaFqdn",
        }


@pytest.mark.parametrize("name", list(SHIPPED))
def test_sessions_are_of_the_type_and_without_language(name):
    if name.endswith(".pssc"):
        found = read_data(SHIPPED[name])
        assert (found["SessionType"], found["LanguageMode"]) == (
            "RestrictedRemoteServer",
            "NoLanguage",
        )


@pytest.mark.parametrize(
    "name", [name for name, text in SHIPPED.items() if "VisibleCmdlets" in text]
)
@pytest.mark.parametrize("estate", ["default", "low_bandwidth", "several_pools"])
def test_one_file_opens_on_every_host_and_shows_whatever_the_host_has(name, estate):
    missing = {host: hidden for host, hidden in _hidden(SHIPPED[name], estate).items() if hidden}
    assert missing == {}


def test_without_what_loads_modules_thirteen_cmdlets_are_never_there():
    hidden = _hidden(attempts.without_loaders(), "default")
    assert {name for names in hidden.values() for name in names} == {
        "Get-CimInstance",
        "Get-NetTCPConnection",
        "Test-NetConnection",
        "Get-NetFirewallRule",
        "New-NetFirewallRule",
        "Set-NetFirewallRule",
        "Get-SmbShare",
        "New-SmbShare",
        "Remove-SmbShare",
        "Get-SmbShareAccess",
        "Grant-SmbShareAccess",
        "Revoke-SmbShareAccess",
        "Invoke-Sqlcmd",
    }


def _hidden(text: str, estate: str) -> dict[str, list[str]]:
    """Machine -> cmdlets of the file that it has and does not show; a pool that does not open
    hides all.
    """
    world = build(estate, clock_runs=False)
    capability = read_capability(text)
    found = {}
    for machine in world.machines.values():
        session = Runspace(
            world, machine, Caller(next(iter(world.accounts.values())), True), "r", capability
        )
        assert session.restricted is not None
        here = [
            CMDLETS[entry.name.lower()]
            for entry in capability.entries
            if session.there(CMDLETS[entry.name.lower()])
        ]
        found[machine.fqdn] = [
            info.name for info in here if session.restricted.refusal or not session.has(info)
        ]
    return found


def test_every_value_that_stands_in_the_code_passes_its_own_rule():
    limits = jea.limits()
    for call in (
        call for made in used.calls().values() for call in made if isinstance(call, Cmdlet)
    ):
        for parameter, value in call.params.items():
            allowed = limits.get((call.name, parameter))
            if allowed is not None and allowed.values and value != "sample":
                assert str(value) in allowed.values, call


def test_every_filter_that_is_sent_passes_the_rule_for_filters():
    rule = jea.limits()["Get-CimInstance", "Filter"].pattern.replace(r"\z", r"\Z")
    sent = set()
    for made in used.calls().values():
        for call in made:
            if isinstance(call, Cmdlet) and call.name == "Get-CimInstance":
                sent.add(str(call.params.get("Filter", "")))
    sent.discard("")
    assert len(sent) > 1
    assert [text for text in sent if re.match(rule, text) is None] == []


@pytest.mark.parametrize("attempt", attempts.ATTEMPTS, ids=lambda attempt: attempt.text)
def test_what_somebody_may_try(attempt):
    assert (
        attempts.happens(read_capability(SHIPPED[f"{jea.NAME}.psrc"]), attempt) == attempt.outcome
    )


def test_the_readme_tells_what_was_tried():
    assert attempts.table() in README


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@{ }", "no VisibleCmdlets"),
        ("@{ VisibleCmdlets = $x }", "no value"),
        ("@{ VisibleCmdlets = 'a'", "does not end"),
        ("'a'", "one hashtable"),
        ("@{ VisibleCmdlets = @('a' }", "array"),
        ("@{ VisibleCmdlets = @{ Parameters = 'x' } }", "an entry"),
        ("@{ A 'b' }", "a name and ="),
        ("@{ VisibleCmdlets = & }", "unexpected"),
        ("", "too early"),
        (
            "@{ VisibleCmdlets = @{ Name = 'a'; Parameters = @{ Name = 'b'; Mandatory = 'x' } } }",
            "takes",
        ),
    ],
)
def test_what_is_no_capability_file_is_refused(text, said):
    with pytest.raises(BadCapability, match=said):
        read_capability(text)
