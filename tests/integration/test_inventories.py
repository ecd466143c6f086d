"""The inventories that users copy: Ansible reads them, and the check finds nothing against them;
what it finds in a wrong one needs no host and no password.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from support import labs

EXAMPLES = labs.ROOT / "examples" / "inventories"
BIN = pathlib.Path(sys.executable).parent
#: Each with how many hosts it has, and what it is there to show.
ALL = {
    "small/hosts.yml": (8, {"instance": {""}, "compliance": False}),
    "named_instances/hosts.yml": (12, {"instance": {"", "CHAT", "CHATDR", "WITNESS"}}),
    "ini_vault/hosts.ini": (12, {"short": True, "compliance": True}),
}


def run(program, *arguments):
    return subprocess.run(
        [str(BIN / program), *arguments],
        cwd=labs.ROOT,
        env=labs.play_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def check(warm):
    """Checks an inventory; what it returned and printed."""

    def check(inventory):
        playbook = str(labs.ROOT / "playbooks" / "inventory_check.yml")
        done = warm.run(["-i", str(inventory), playbook], {}, 120)
        return done.rc, done.output

    return check


def test_every_example_is_tried():
    assert {name.partition("/")[0] for name in ALL} == {path.name for path in EXAMPLES.iterdir()}


@pytest.mark.parametrize("name", ALL)
def test_ansible_reads_it(name, tmp_path):
    word = tmp_path / "word"
    word.write_text("example\n", encoding="utf-8")
    done = run(
        "ansible-inventory",
        *("-i", str(EXAMPLES / name), "--list", "--vault-password-file", str(word)),
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    hosts = json.loads(done.stdout)["_meta"]["hostvars"]
    count, shows = ALL[name]
    assert len(hosts) == count
    if "instance" in shows:
        assert {about.get("pchat_sql_instance", "") for about in hosts.values()} == shows[
            "instance"
        ]
    if "compliance" in shows:
        values = {about.get("pchat_compliance", False) for about in hosts.values()}
        assert values == {shows["compliance"]}
    if "short" in shows:
        assert not any("." in host for host in hosts)


@pytest.mark.parametrize("name", ALL)
def test_it_says_what_is_meant(check, name):
    returned, text = check(EXAMPLES / name)
    assert returned == 0, text
    assert "The inventory is whole" in text
    assert f": {ALL[name][0]} hosts, with" in text


@pytest.mark.parametrize("estate", ["default", "low_bandwidth", "several_pools"])
def test_the_inventories_of_the_lab_say_what_is_meant(check, estate):
    returned, text = check(labs.ROOT / "inventories" / estate / "hosts.yml")
    assert returned == 0, text
    assert "The inventory is whole" in text


def test_faults_of_a_copy_are_found_without_a_host_or_a_password(check, tmp_path):
    folder = shutil.copytree(EXAMPLES / "ini_vault", tmp_path / "copy")
    hosts = folder / "hosts.ini"
    text = hosts.read_text(encoding="utf-8").replace("[pchat_sql_mirror]", "[pchat_sql_miror]")
    hosts.write_text(text, encoding="utf-8")
    pool = folder / "group_vars" / "pool_wingtip" / "pool.yml"
    with pool.open("a", encoding="utf-8") as file:
        file.write("mirror_port: abc\nmirror_sync_timeout: '{{ nobody }}'\n")
        file.write("stretched_pool_topology_document: nowhere.xml\n")
    returned, text = check(hosts)
    assert returned == 2, text
    for said in (
        "unknown_group: The group pchat_sql_miror is read by nobody",
        "missing_function: no host of this pool is in pchat_sql_mirror",
        "bad_value: mirror_port: argument",
        "bad_value: stretched_pool_topology_document names nowhere.xml",
        "bad_template: mirror_sync_timeout has no value for ",
    ):
        assert said in " ".join(text.split()), text
    assert "not a real password" not in text


def test_plays_of_roles_alone_are_plays():
    plays = sorted(map(str, (labs.ROOT / "examples" / "plays").glob("*.yml")))
    assert len(plays) > 8
    inventory = str(EXAMPLES / "small" / "hosts.yml")
    done = run("ansible-playbook", "-i", inventory, "--syntax-check", *plays)
    assert done.returncode == 0, done.stdout + done.stderr
    assert os.path.exists(plays[0])
