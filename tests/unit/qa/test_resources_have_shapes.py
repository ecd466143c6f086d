"""Each resource says by types which options it takes and which facts it reads.

The types are held against what Ansible is told (the argument spec) and what users are told (the
module's RETURN): a key that stands in one of them only is a finding.
"""

from __future__ import annotations

import importlib
import pathlib
import typing as t

import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[3]
ACTIONS = "ansible_collections.lync.persistent_chat.plugins.action"
MODULES = "ansible_collections.lync.persistent_chat.plugins.modules"
#: Options of these types, as Ansible hands them over.
TYPES = {"str": str, "path": str, "int": int, "bool": bool, "list": list, "dict": dict}


def action_of(module: str) -> t.Any:
    return importlib.import_module(f"{ACTIONS}.{module}").ActionModule


ALL = sorted(
    path.stem
    for path in (ROOT / "plugins" / "action").glob("*.py")
    if hasattr(action_of(path.stem), "RESOURCE")
)


def options_of(module: str) -> t.Any:
    return t.get_type_hints(action_of(module).RESOURCE.__init__)["options"]


def facts_of(module: str) -> t.Any:
    return t.get_type_hints(action_of(module).RESOURCE.read)["return"]


def wanted_type(detail: dict[str, t.Any]) -> tuple[t.Any, bool]:
    """(type of the values, whether None may come): None is what an option is that nobody set."""
    has_value = detail.get("required") or detail.get("default") is not None
    return TYPES[detail.get("type", "str")], not has_value


def told_type(hint: t.Any) -> tuple[t.Any, bool]:
    parts = [part for part in t.get_args(hint) if part is not type(None)]
    is_union = type(None) in t.get_args(hint)
    plain = parts[0] if is_union else hint
    if t.is_typeddict(plain):
        return dict, is_union
    return t.get_origin(plain) or plain, is_union


def test_there_are_resources():
    assert len(ALL) > 20


@pytest.mark.parametrize("module", ALL)
def test_the_shape_of_the_options_is_the_argument_spec(module):
    shape = options_of(module)
    assert t.is_typeddict(shape)
    told = {name: told_type(hint) for name, hint in t.get_type_hints(shape).items()}
    spec = action_of(module).ARGUMENT_SPEC
    assert told == {name: wanted_type(detail) for name, detail in spec.items()}


@pytest.mark.parametrize("module", ALL)
def test_the_shape_of_the_facts_is_what_the_module_says_it_returns(module):
    shape = facts_of(module)
    assert t.is_typeddict(shape)
    documented = yaml.safe_load(importlib.import_module(f"{MODULES}.{module}").RETURN)["state"]
    keys = set(documented.get("contains") or documented["sample"])
    assert set(t.get_type_hints(shape)) == keys


@pytest.mark.parametrize("module", ALL)
def test_plan_compares_the_facts_that_read_returns(module):
    hints = t.get_type_hints(action_of(module).RESOURCE.plan)
    assert hints["current"] is facts_of(module)
