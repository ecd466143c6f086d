"""What is printed as a PowerShell command can be pasted: it parses and binds as it stands, in
dry runs, samples and documents.
"""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity import used
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Cmdlet
from dev.release import attempts
from pchat_lab.powershell.binder import bind
from pchat_lab.powershell.command_line import NotACommandLine, arguments, parse
from pchat_lab.powershell.errors import CmdletError
from pchat_lab.powershell.registry import CMDLETS
from support.printed_commands import wrong_with

ROOT = pathlib.Path(__file__).resolve().parents[3]
DOCUMENTS = sorted(
    path
    for folder in ("docs", "extensions", "roles", "playbooks", ".")
    for path in (ROOT.glob("*.md") if folder == "." else (ROOT / folder).rglob("*.md"))
)
MODULES = sorted((ROOT / "plugins" / "modules").glob("*.py"))
_BLOCK = re.compile(r"^( *)```powershell\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([A-Z][a-z]+-[A-Z][A-Za-z]+ [^`\n]+)`")


@pytest.mark.parametrize(
    "name", [name for name, made in used.calls().items() if isinstance(made[0], Cmdlet)]
)
def test_every_call_that_a_dry_run_can_print_parses_and_binds_to_what_is_sent(name):
    for call in used.calls()[name]:
        assert isinstance(call, Cmdlet)
        ((line,),) = parse(str(call))
        info = CMDLETS[call.name.lower()]
        assert _bound(info, arguments(info, line)) == _bound(info, list(call.params.items())), str(
            call
        )


def _bound(info, given):
    """What a call is bound to.

    The sparing samples are empty where a mandatory parameter may not be: then why they are
    refused.
    """
    try:
        return bind(info, given)
    except CmdletError as error:
        if not error.error_id.startswith("ParameterArgumentValidationError"):
            raise
        return error.message


@pytest.mark.parametrize(
    "value",
    [
        "it's",
        "\u2018typographic\u2019 \u201aquotes\u201b",
        'with "double" ones',
        "a `tick, $(x), $env:X and {braces}",
        "two\nlines",
        "",
        "-Force",
        "@{",
        "1",
        "C:\\Program Files\\x; Get-Item y | z # no comment",
        [],
        ["one"],
        ["a", "b'c"],
        [["a", "b"], "c"],
        [["a"]],
        0,
        -5,
        2**40,
        1.5,
        {"Add": ["a", "b"], "odd key": None, "x": {"y": True}},
        None,
    ],
)
def test_values_of_every_kind_come_back_as_they_were(value):
    call = Cmdlet("Write-Output", {"InputObject": value, "NoEnumerate": True})
    ((line,),) = parse(str(call))
    found = dict(arguments(CMDLETS["write-output"], line))
    wanted = (
        value[0]
        if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], list)
        else value
    )
    assert found["InputObject"] == wanted, str(call)


def test_a_switch_that_is_off_has_a_colon_because_a_blank_would_make_it_a_positional_argument():
    assert (
        str(Cmdlet("Enable-CsTopology", {"Force": True, "Confirm": False}))
        == "Enable-CsTopology -Force -Confirm:$false"
    )
    assert wrong_with("Enable-CsTopology -Force -Confirm $false") == [
        "Enable-CsTopology -Force -Confirm $false: A positional parameter cannot be found that"
        " accepts argument 'False'."
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_samples_in_the_reference_bind(path):
    printed = []
    for text in re.findall(r"^\s*calls: (\[.*\])$", path.read_text(encoding="utf-8"), re.MULTILINE):
        printed += [call for call in yaml.safe_load(text) if re.match(r"[A-Z][a-z]+-[A-Z]", call)]
    assert [problem for call in printed for problem in wrong_with(call)] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_documents_parse_and_bind_as_they_stand(path):
    # what is refused there is meant to be
    text = path.read_text(encoding="utf-8").replace(attempts.table(), "")
    blocks = [
        re.sub(f"^{indent}", "", block, flags=re.MULTILINE)
        for indent, block in _BLOCK.findall(text)
    ]
    variables: dict[str, object] = {}
    for name, value in re.findall(r"^ *\$(\w+) = '([^']*)'", "\n".join(blocks), re.MULTILINE):
        variables[name] = value
    problems = [problem for block in blocks for problem in wrong_with(block, variables)]
    problems += [
        problem for line in _INLINE.findall(text) for problem in wrong_with(line, variables)
    ]
    assert problems == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Get-CsPool -Identity <name>", "no value begins so"),
        ("Get-CsPool -Identity 'x", "does not end"),
        ("Get-CsPool $nobody", "not set"),
        ("Get-CsPool -Identity $(Get-X)", "not set"),
        ("Get-CsPool > C:\\x", "no value begins so"),
        ("$x = 'a' Get-CsPool", "one value"),
        ("@{ a = 1 }", "a command was expected"),
        ("Write-Output @{ a 1 }", "needs ="),
        ("Write-Output @('a'", "does not end"),
        ('Write-Output "a`n"', "neither escapes"),
    ],
)
def test_what_is_no_command_line_is_refused(text, said):
    with pytest.raises(NotACommandLine, match=re.escape(said)):
        parse(text)
