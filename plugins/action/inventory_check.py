# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judges the inventory as Ansible merged it; connects to nothing."""

from __future__ import annotations

import os
import typing as t
from collections.abc import Iterator, Mapping

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..plugin_utils._action.base import PChatAction, Refused, Result, plain, show
from ..plugin_utils._action.role_specs import Spec, specs_of_roles, variables_of_roles
from ..plugin_utils._domain.estate import inventory_check
from ..plugin_utils._domain.estate.contract import VARIABLES
from ..plugin_utils._domain.estate.written import ERROR, InventoryFinding, Written, WrittenHost

#: Of an option's spec, what its value is judged by.
_JUDGED = ("type", "elements", "choices")
#: Paths of files on the controller that have to be there, when they are named.
_FILES = ("stretched_pool_topology_document", "pchat_hooks")


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = {}

    def act(self, options: Mapping[str, object]) -> Result:
        specs: dict[str, Spec] = {}
        by_role = specs_of_roles()
        for variables in by_role.values():
            specs.update(variables)
        for variable in VARIABLES:
            specs[variable.name] = {"type": variable.type}
        written = self._written(by_role, [*specs, "ansible_connection"])
        judged = inventory_check.judge(written, _misfits(written, specs))
        lines = list(inventory_check.lines(judged))
        show(lines)
        findings = [finding._asdict() for finding in judged.findings]
        errors = judged.errors
        if errors:
            raise Refused(
                f"The inventory does not say what it has to: {len(errors)} of"
                f" {len(judged.findings)} findings are errors. The first: {errors[0].text}"
                " Nothing was asked of any host.",
                code="inventory",
                findings=findings,
                lines=lines,
            )
        return {
            "changed": False,
            "pools": [pool.declared for pool in judged.pools],
            "findings": findings,
            "lines": lines,
        }

    def _written(self, by_role: dict[str, dict[str, Spec]], read: list[str]) -> Written:
        groups = {plain(name): plain(list(found)) for name, found in self._vars["groups"].items()}
        hosts = {name: self._host(name, read) for name in groups.get("all", [])}
        return Written(hosts, groups, variables_of_roles(by_role))

    def _host(self, name: str, read: list[str]) -> WrittenHost:
        """What is set for a host; only what the collection reads is looked at, no secret is."""
        theirs = self.variables_of(name)
        names = frozenset(plain(str(key)) for key in theirs)
        values: dict[str, t.Any] = {}
        unreadable: dict[str, str] = {}
        for variable in read:
            if variable not in names:
                continue
            try:
                values[variable] = plain(theirs[variable])
            except AnsibleError as error:
                unreadable[variable] = str(error).partition("\n")[0]
        groups = frozenset(map(plain, theirs["group_names"]))
        return WrittenHost(groups, names, values, unreadable)


def _misfits(written: Written, specs: dict[str, Spec]) -> Iterator[InventoryFinding]:
    """Values that are not of the documented type, and files that are not there; each once."""
    told: set[str] = set()
    for name, host in written.hosts.items():
        for variable, value in host.values.items():
            text = _misfit(variable, value, specs.get(variable, {}))
            if text and text not in told:
                told.add(text)
                sentence = f"{text} It is set for {name}. Correct it: docs/inventory.md."
                yield InventoryFinding(ERROR, "bad_value", variable, sentence)


def _misfit(variable: str, value: object, spec: Spec) -> str:
    """Why a value is none for this variable, '' where it is one."""
    if variable in _FILES and value and not os.path.isfile(os.path.expanduser(str(value))):
        return f"{variable} names {value}, and there is no such file on this controller."
    if value is None or not spec:
        return ""
    judged = {key: spec[key] for key in _JUDGED if key in spec}
    validator = ArgumentSpecValidator({variable: judged})  # type: ignore[no-untyped-call]
    result = validator.validate({variable: value})  # type: ignore[no-untyped-call]
    return f"{variable}: {'; '.join(result.error_messages)}." if result.error_messages else ""
