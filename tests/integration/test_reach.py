"""Nothing is green that did nothing: a run that reaches no pool ends with 2 and a sentence. No
lab is needed: nothing is ever connected to.
"""

from __future__ import annotations

import pytest

from support import labs

PLAYBOOKS = (
    "site",
    "preflight",
    "status",
    "failover",
    "failback",
    "mirror_failover",
    "drill",
    "fidelity",
    "history",
    "inventory_check",
    "salvage",
)
#: They need nobody who speaks for a pool.
MUTE = ("fidelity", "history", "inventory_check")
INVENTORY = str(labs.ROOT / "inventories" / "default" / "hosts.yml")


@pytest.fixture
def run(warm):
    """Runs a playbook of the collection; what it returned and printed."""

    def run(playbook, *arguments, inventory=INVENTORY):
        file = labs.ROOT / "playbooks" / f"{playbook}.yml"
        return warm.run(["-i", inventory, str(file), *arguments], {}, 120)

    return run


def words(done):
    """What was printed, as one line: Ansible breaks lines where it likes."""
    return " ".join(done.output.split())


@pytest.mark.parametrize("playbook", PLAYBOOKS)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tags", "x"), "--tags x"),
        (("--tags", "x", "--skip-tags", "always"), "--tags x"),
        (("--skip-tags", "always"), "--skip-tags always"),
        (("--start-at-task", "Fail over"), "--start-at-task 'Fail over' leaves out the tasks"),
        (("--step",), "--step lets single tasks be left out"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_run_that_would_leave_something_out_is_refused_by(run, playbook, arguments, said):
    done = run(playbook, *arguments, "-e", "drill_confirm=true")
    assert done.rc not in (0, None), done.output
    assert said in words(done)
    assert "so nothing is done" in words(done)
    assert "TASK [" not in done.output


def test_parts_of_a_build_are_named_where_another_tag_is_given(run):
    done = run("site", "--tags", "mirroring")
    assert "Its parts are stretched_pool, mirror, log_shipping, logins" in words(done), done.output


@pytest.mark.parametrize("playbook", [name for name in PLAYBOOKS if name not in MUTE])
def test_a_limit_without_a_management_host_is_refused_by(run, playbook):
    done = run(playbook, "-l", "pchat_sql_primary", "-e", "drill_confirm=true")
    assert done.rc == 2, done.output
    assert (
        "Nothing would be done for chat.contoso.example: of the group pchat_management no host of"
        " this pool is part of this run" in words(done)
    )
    assert "--limit pchat_sql_primary" in words(done)


def test_of_several_pools_the_one_that_is_left_out_is_named(run):
    inventory = str(labs.ROOT / "inventories" / "several_pools" / "hosts.yml")
    done = run("status", "-l", "pool_emea:pool_apac:!fe-apac-n1*:!fe-apac-s1*", inventory=inventory)
    assert done.rc == 2, done.output
    told = words(done)
    assert "Nothing would be done for apac.tailspin.example:" in told
    assert "emea.tailspin.example" not in told


@pytest.mark.parametrize(
    ("inventory", "said"),
    [
        ("all: {hosts: {}}", "The inventory has no hosts"),
        (
            "all: {hosts: {web-1: , web-2: }}",
            "None of the 2 hosts of this run (web-1, web-2) has the variable pchat_pool",
        ),
        (
            "pchat_sql_primary: {hosts: {sql-1: }, vars: {pchat_pool: chat.contoso.example}}",
            "of the group pchat_management the inventory has no host",
        ),
        (
            (
                "{pchat_management: {hosts: {}}, pchat_sql_primary: {hosts: {sql-1: }, vars:"
                " {pchat_pool: chat.contoso.example}}}"
            ),
            "of the group pchat_management the inventory has no host",
        ),
    ],
)
def test_a_wrong_inventory_is_named(run, tmp_path, inventory, said):
    file = tmp_path / "hosts.yml"
    file.write_text(inventory, encoding="utf-8")
    done = run("status", inventory=str(file))
    assert done.rc == 2, done.output
    assert said in words(done)


def test_an_inventory_that_is_not_there_and_a_limit_to_the_controller_itself(run, tmp_path):
    done = run("status", inventory=str(tmp_path / "nowhere.yml"))
    assert (done.rc, "The inventory has no hosts" in words(done)) == (2, True), done.output
    done = run("status", "-l", "localhost")
    assert done.rc != 0, done.output


def test_a_drill_asks_for_its_word_whatever_it_is_limited_to(run):
    done = run("drill", "-l", "pchat_management")
    assert done.rc == 2, done.output
    assert "run with -e drill_confirm=true" in words(done)
