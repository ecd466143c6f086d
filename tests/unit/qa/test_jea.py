"""The restricted endpoint in extensions/jea is what ./run jea writes, and exposes neither more nor less than the calls in plugins/."""
from __future__ import annotations

import pytest
from tools import jea

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity import used
from pchat_lab.powershell.capability import BadCapability, read_capability, read_data


def test_what_is_committed_is_what_is_generated():
    stale = [path.name for path, text in jea.files().items() if not path.exists() or path.read_text(encoding="ascii") != text]
    assert stale == [], "run ./run jea"


def test_it_exposes_the_cmdlets_of_the_code_and_nothing_else():
    seen = read_capability(jea.role_capability()).cmdlets
    assert set(seen) == {name.lower() for name in (*used.cmdlets(), "Invoke-Sqlcmd", "Write-Output")} - {"get-command"}
    for name, parameters in used.cmdlets().items():
        allowed = seen.get(name.lower())
        if parameters and allowed is not None:
            assert allowed == {p.lower() for p in parameters}, name


def test_the_session_configuration_names_the_role_and_allows_no_language():
    found = read_data(jea.session_configuration())
    assert (found["SessionType"], found["LanguageMode"]) == ("RestrictedRemoteServer", "NoLanguage")
    assert [role["RoleCapabilities"] for role in found["RoleDefinitions"].values()] == [jea.NAME]


@pytest.mark.parametrize(("text", "said"), [
    ("@{ }", "no VisibleCmdlets"), ("@{ VisibleCmdlets = $x }", "no value"), ("@{ VisibleCmdlets = 'a'", "does not end"), ("'a'", "one hashtable"),
    ("@{ VisibleCmdlets = @('a' }", "array"), ("@{ VisibleCmdlets = @{ Parameters = 'x' } }", "an entry"), ("@{ A 'b' }", "a name and ="),
    ("@{ VisibleCmdlets = & }", "unexpected"), ("", "too early")])
def test_what_is_no_capability_file_is_refused(text, said):
    with pytest.raises(BadCapability, match=said):
        read_capability(text)
