"""What is given to the automation platform is whole: templates, surveys, workflows."""

from __future__ import annotations

import pathlib

import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[3]
PLATFORM = ROOT / "examples" / "platform"
OBJECTS = yaml.safe_load((PLATFORM / "controller.yml").read_text(encoding="utf-8"))
TEMPLATES = {template["name"]: template for template in OBJECTS["controller_templates"]}
WORKFLOWS = OBJECTS["controller_workflows"]
CONTRACT = (ROOT / "docs" / "inventory.md").read_text(encoding="utf-8")
ASKS = ("failover", "failback", "mirror_failover")

of_each_template = pytest.mark.parametrize("name", TEMPLATES)
of_each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w["name"])


def playbook(template):
    return pathlib.PurePosixPath(template["playbook"]).stem


def questions(thing):
    return thing.get("survey_spec", {}).get("spec", [])


@of_each_template
def test_its_playbook_is_one_of_the_collection(name):
    file = PLATFORM / TEMPLATES[name]["playbook"]
    (play,) = yaml.safe_load(file.read_text(encoding="utf-8"))
    imported = play["ansible.builtin.import_playbook"]
    assert imported == f"lync.persistent_chat.{playbook(TEMPLATES[name])}"
    assert (ROOT / "playbooks" / f"{playbook(TEMPLATES[name])}.yml").is_file()


@of_each_template
def test_its_variables_are_those_of_the_collection(name):
    template = TEMPLATES[name]
    variables = {question["variable"] for question in questions(template)}
    variables |= set(template.get("extra_vars", {}))
    assert [variable for variable in variables if f"`{variable}`" not in CONTRACT] == []


@of_each_template
def test_it_asks_nothing_that_nobody_can_answer(name):
    template = TEMPLATES[name]
    if playbook(template) not in ASKS or template["job_type"] == "check":
        return
    assert template["extra_vars"] == {f"{playbook(template)}_confirm": False}


@of_each_template
def test_what_carries_out_is_only_reached_through_an_approval(name):
    if playbook(TEMPLATES[name]) not in ASKS or TEMPLATES[name]["job_type"] == "check":
        return
    found = 0
    for workflow in WORKFLOWS:
        nodes = {node["identifier"]: node for node in workflow["simplified_workflow_nodes"]}
        for node in nodes.values():
            for following in node.get("success_nodes", []):
                if nodes[following].get("unified_job_template") == name:
                    assert "approval_node" in node
                    found += 1
    assert found == 1


@of_each_workflow
def test_its_nodes_lead_to_nodes_and_are_templates(workflow):
    nodes = {node["identifier"]: node for node in workflow["simplified_workflow_nodes"]}
    for node in nodes.values():
        assert ("approval_node" in node) != (node.get("unified_job_template") in TEMPLATES)
        following = [*node.get("success_nodes", []), *node.get("always_nodes", [])]
        assert set(following) <= set(nodes)


@of_each_workflow
def test_plan_and_operation_get_the_same_answers(workflow):
    asked = {question["variable"] for question in questions(workflow)}
    for node in workflow["simplified_workflow_nodes"]:
        template = TEMPLATES.get(node.get("unified_job_template"), {})
        theirs = {question["variable"] for question in questions(template)}
        assert theirs in (set(), asked)


def test_every_playbook_of_the_project_is_one_of_the_collection():
    names = {path.stem for path in (PLATFORM / "project").glob("*.yml")}
    assert names <= {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    assert {playbook(template) for template in TEMPLATES.values()} <= names
