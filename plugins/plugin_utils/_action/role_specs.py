"""The variables that the roles of this collection document, read from its own files. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import pathlib
import typing as t

from ansible.module_utils.common.yaml import yaml_load

from .._domain.estate.contract import SET_BY_PLAYBOOKS, VARIABLES
from .._domain.estate.written import RoleVariable

ROLES = pathlib.Path(__file__).parents[3] / "roles"
#: Their tasks run for each host; those of the others on the host that speaks for a pool.
ON_EVERY_HOST = frozenset(("facts", "fidelity"))
#: What the outage's roles share is for them to set.
INTERNAL = frozenset(("outage",))
_NOT_OF_ROLES = SET_BY_PLAYBOOKS | {variable.name for variable in VARIABLES}

Spec = dict[str, t.Any]


class Entry(t.TypedDict, total=False):
    """An entry point of a role, as far as it is read here."""

    options: dict[str, Spec]


class Document(t.TypedDict):
    """A file ``meta/argument_specs.yml``."""

    argument_specs: dict[str, Entry]


def specs_of_roles() -> dict[str, dict[str, Spec]]:
    """Role -> variable -> its argument spec; without what the playbooks set, and without what
    ``contract`` documents.
    """
    found: dict[str, dict[str, Spec]] = {}
    for file in sorted(ROLES.glob("*/meta/argument_specs.*")):
        role = file.parents[1].name
        if role in INTERNAL:
            continue
        variables: dict[str, Spec] = {}
        document: Document = yaml_load(file.read_text(encoding="utf-8"))
        for entry in document["argument_specs"].values():
            for name, spec in entry.get("options", {}).items():
                if name not in _NOT_OF_ROLES:
                    variables[name] = spec
        found[role] = variables
    return found


def variables_of_roles(specs: dict[str, dict[str, Spec]]) -> dict[str, RoleVariable]:
    """Variable -> what an inventory has to know of it."""
    found: dict[str, RoleVariable] = {}
    for role, variables in specs.items():
        for name, spec in variables.items():
            before = found.get(name, RoleVariable(False, False))
            required = before.required or bool(spec.get("required"))
            everywhere = before.on_every_host or role in ON_EVERY_HOST
            found[name] = RoleVariable(required, everywhere)
    return found
