"""Every module has an action, documentation that matches its options, examples that parse, and
a place in the action group.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import os
import pathlib
import subprocess
import sys
import textwrap

import pytest
import yaml

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._action.many_hosts import (
    ManyHostsAction,
)
from dev.commands.new_module.module import FILL_IN

ROOT = pathlib.Path(__file__).parents[3]
MODULES = sorted(
    p.stem for p in (ROOT / "plugins" / "modules").glob("*.py") if p.stem != "__init__"
)
PREFIX = "lync.persistent_chat."
ACTIONS = "ansible_collections.lync.persistent_chat.plugins.action"
KEYS = ("type", "elements", "required", "choices", "default")
DEFAULTS = {"type": "str", "required": False}


@pytest.fixture(scope="module")
def documents():
    """ansible-doc's view of every module, doc fragments merged; one process for all."""
    tool = os.path.join(os.path.dirname(sys.executable), "ansible-doc")
    env = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
    }
    done = subprocess.run(
        [tool, "-j", *(PREFIX + m for m in MODULES)],
        capture_output=True,
        text=True,
        env=env,
        check=True,
    )
    return json.loads(done.stdout)


def spec_of(module):
    found = importlib.import_module(
        f"ansible_collections.lync.persistent_chat.plugins.action.{module}"
    )
    return found.ActionModule.ARGUMENT_SPEC


def differences(docs, spec, where=""):
    """Sentences on where documentation and argument spec disagree, suboptions included."""
    if set(docs) != set(spec):
        yield (
            f"{where or 'options'}: documented {sorted(set(docs) - set(spec))} only, in the spec"
            f" {sorted(set(spec) - set(docs))} only"
        )
    for name in set(docs) & set(spec):
        for key in KEYS:
            told, real = (
                docs[name].get(key, DEFAULTS.get(key)),
                spec[name].get(key, DEFAULTS.get(key)),
            )
            if told != real:
                yield f"{where}{name}.{key}: documented {told!r}, spec {real!r}"
        if "options" in spec[name] or "suboptions" in docs[name]:
            yield from differences(
                docs[name].get("suboptions") or {},
                spec[name].get("options") or {},
                f"{where}{name}.",
            )


def test_every_module_has_an_action_and_every_action_a_module():
    actions = {p.stem for p in (ROOT / "plugins" / "action").glob("*.py")}
    assert set(MODULES) == actions


@pytest.mark.parametrize("module", MODULES)
def test_documentation_matches_the_argument_spec(documents, module):
    docs = documents[PREFIX + module]["doc"]
    assert list(differences(docs.get("options") or {}, spec_of(module))) == []


@pytest.mark.parametrize("module", MODULES)
def test_documentation_is_complete(documents, module):
    docs = documents[PREFIX + module]
    assert docs["doc"]["version_added"]
    assert docs["doc"]["seealso"]
    assert {"check_mode", "diff_mode", "platform"} <= set(docs["doc"]["attributes"])
    assert all("sample" in value for value in (docs.get("return") or {}).values())
    assert docs["return"]


@pytest.mark.parametrize("module", MODULES)
def test_examples_use_documented_options(documents, module):
    spec = spec_of(module)
    tasks = yaml.safe_load(documents[PREFIX + module]["examples"])
    used = [task[PREFIX + module] or {} for task in tasks if PREFIX + module in task]
    assert used, "no example uses the module"
    for options in used:
        assert set(options) <= set(spec), options


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_left_for_the_author_to_fill_in(module):
    files = sorted((ROOT / "plugins").rglob(f"{module}.py"))
    assert files
    left = [str(path) for path in files if FILL_IN in path.read_text(encoding="utf-8")]
    assert left == []


def test_the_action_group_lists_every_module():
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["action_groups"]["persistent_chat"] == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_its_attributes_are_true(documents, module):
    """What works on the controller shows no difference, and neither does what only reads."""
    found = importlib.import_module(f"{ACTIONS}.{module}").ActionModule
    attributes = documents[PREFIX + module]["doc"]["attributes"]
    resource = getattr(found, "RESOURCE", None)
    on_controller = not found._requires_connection and not issubclass(found, ManyHostsAction)
    plans_nothing = resource is not None and never_plans(resource)
    assert (attributes["platform"]["platforms"] == "posix") == on_controller
    if resource is not None:
        returned = {"before", "after", "steps"} & set(documents[PREFIX + module]["return"])
        assert resource.tells_only == plans_nothing == (not returned), "said once, or thrice"
    plans = resource is not None and not plans_nothing
    assert attributes["diff_mode"]["support"] == ("full" if plans else "none")


def never_plans(resource):
    """Whether ``plan`` is nothing but an empty list."""
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(resource.plan))).body
    returned = function.body[-1]
    return isinstance(returned, ast.Return) and ast.unparse(returned.value) in ("[]", "()")


@pytest.mark.parametrize(
    "module",
    ["mirror_database", "mirror_principal", "mirror_role", "mirroring", "mirroring_endpoint"],
)
def test_modules_about_mirroring_are_explained_side_by_side(documents, module):
    notes = " ".join(documents[PREFIX + module]["doc"]["notes"])
    assert notes.count("Five modules are about mirroring") == 1
    assert f"M({PREFIX}{module})" in notes
