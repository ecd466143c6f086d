"""Modules run against a lab's hosts by hand, without ansible-playbook.

The resource, the engine and the session are the ones that the actions use; ansible-playbook would
take a second per case.
"""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Iterator

import pytest
import yaml

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.engine import (
    Outcome,
    converge,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import agrees
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import winrm_endpoint
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.session import (
    PsrpSession,
)
from support.labs import Lab

from .replay import wsman_arguments

DOMAIN = "contoso.example"
LOGS = "\\\\fs-s1.contoso.example\\pchat-logs"


class Estate:
    """A lab, and modules run against its hosts by hand."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.inventory = yaml.safe_load(lab.connection_file.read_text(encoding="utf-8"))["all"]

    @contextlib.contextmanager
    def session(self, host: str) -> Iterator[PsrpSession]:
        """An administrator's session on a host, by its short name."""
        variables = self.inventory["hosts"][f"{host}.{DOMAIN}"]
        options = {"path": "wsman", **wsman_arguments(self.inventory["vars"], variables)}
        endpoint = winrm_endpoint.Endpoint(options, "Microsoft.PowerShell")
        with PsrpSession(endpoint) as session:
            yield session

    @staticmethod
    def make(host: str, resource: t.Any, spec: dict[str, t.Any], **options: t.Any) -> t.Any:
        """The resource with the options that are given, and the defaults of the others."""
        complete = {}
        for name, detail in spec.items():
            complete[name] = options.get(name, detail.get("default"))
        return resource(complete, f"{host}.{DOMAIN}")

    def run(
        self,
        host: str,
        resource: t.Any,
        spec: dict[str, t.Any],
        check_mode: bool = False,
        **options: t.Any,
    ) -> Outcome:
        """One task."""
        with self.session(host) as session:
            return converge(self.make(host, resource, spec, **options), session, check_mode)

    def writes(self) -> int:
        """How many the lab has seen."""
        return len(self.lab.chatlab("journal", "--writes"))

    def both(
        self, host: str, resource: t.Any, spec: dict[str, t.Any], steps: list[str], **options: t.Any
    ) -> Outcome:
        """Check mode changes nothing and tells the truth; done; then there is nothing to do."""
        before = self.writes()
        told = self.run(host, resource, spec, check_mode=True, **options)
        assert self.writes() == before
        done = self.run(host, resource, spec, **options)
        assert [step.name for step in done.steps] == steps
        assert _calls_of(told) == _calls_of(done)
        assert agrees(told.after, done.after), (told.after, done.after)
        for check_mode in (True, False):
            assert self.run(host, resource, spec, check_mode=check_mode, **options).steps == ()
        return done

    def refused(
        self, code: str, host: str, resource: t.Any, spec: dict[str, t.Any], **options: t.Any
    ) -> Refused:
        """Refused with this code, in check mode and without, and nothing was written."""
        before = self.writes()
        for check_mode in (True, False):
            with pytest.raises(Refused) as caught:
                self.run(host, resource, spec, check_mode=check_mode, **options)
            assert caught.value.code == code
        assert self.writes() == before
        return caught.value


def _calls_of(outcome: Outcome) -> list[tuple[str, list[str]]]:
    """Name of each step, and its calls as they are shown."""
    found = []
    for step in outcome.steps:
        found.append((step.name, [str(call) for call in step.calls]))
    return found
