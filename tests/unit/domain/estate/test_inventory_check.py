"""What is found in an inventory before anything is asked of a host: each fault by its own code,
with what to do.
"""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._action.role_specs import (
    specs_of_roles,
    variables_of_roles,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.estate.inventory_check import (  # noqa: E501
    judge,
    lines,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.estate.written import (
    Written,
    WrittenHost,
)

POOL = {
    "pchat_pool": "chat.contoso.example",
    "ansible_connection": "psrp",
    "stretched_pool_active_servers": ["chat-n1.contoso.example"],
    "mirror_seed_share": r"\\fs-s1.contoso.example\pchat-seed",
    "log_shipping_primary_share": r"\\fs-s1.contoso.example\pchat-logs$",
    "log_shipping_secondary_copy_folder": "D:\\pchat-copy",
}
HOSTS = {
    "fe-n1": ("management", "site_primary"),
    "fe-s1": ("management", "site_backup"),
    "chat-n1": ("servers", "site_primary"),
    "chat-s1": ("servers", "site_backup"),
    "sql-n1": ("sql_primary", "site_primary"),
    "sql-n2": ("sql_mirror", "site_primary"),
    "sql-s1": ("sql_backup", "site_backup"),
    "fs-s1": ("file_servers", "site_backup"),
}
ROLES = variables_of_roles(specs_of_roles())


class Inventory:
    """An inventory that is whole, until it is changed."""

    def __init__(self):
        self.hosts = {}
        self.groups = {"all": [], "ungrouped": []}
        self.unreadable = {}
        for name, groups in HOSTS.items():
            self.add(name, *[f"pchat_{group}" for group in groups])

    def add(self, short, *groups, **variables):
        name = f"{short}.contoso.example"
        self.hosts[name] = (set(groups), {**POOL, **variables})
        for group in ("all", *groups):
            self.groups.setdefault(group, []).append(name)

    def leave(self, short, group):
        name = f"{short}.contoso.example"
        self.hosts[name][0].discard(group)
        self.groups[group].remove(name)

    def take(self, short):
        name = f"{short}.contoso.example"
        for group in self.hosts[name][0]:
            self.groups[group].remove(name)
        del self.hosts[name]

    def set(self, variable, value, *shorts):
        for name in self.names(*shorts):
            self.hosts[name][1][variable] = value

    def forget(self, variable, *shorts):
        for name in self.names(*shorts):
            del self.hosts[name][1][variable]

    def names(self, *shorts):
        return [f"{short}.contoso.example" for short in shorts] or list(self.hosts)

    def judged(self):
        hosts = {}
        for name, (groups, variables) in self.hosts.items():
            names = frozenset({*variables, *self.unreadable, "ansible_host", "my_own"})
            hosts[name] = WrittenHost(frozenset(groups), names, variables, self.unreadable)
        return judge(Written(hosts, self.groups, ROLES))


def found(change):
    inventory = Inventory()
    change(inventory)
    return {(finding.urgency, finding.code): finding for finding in inventory.judged().findings}


def test_a_whole_inventory_has_no_findings_and_tells_who_is_what():
    judged = Inventory().judged()
    assert judged.findings == []
    told = list(lines(judged))
    assert told[0] == "Pool chat.contoso.example: 8 hosts, without compliance"
    assert "    sql-n2.contoso.example: SQL Server, mirror, default instance" in told
    assert "    chat-s1.contoso.example: chat server, stands by" in told
    assert told[-1].startswith("The inventory is whole")


@pytest.mark.parametrize(
    ("change", "urgency", "code", "sentence"),
    [
        (lambda i: i.take("sql-n2"), "error", "missing_function", "in pchat_sql_mirror"),
        (lambda i: i.add("sql-x", "pchat_sql_mirror"), "error", "double_function", "all in"),
        (lambda i: i.leave("fs-s1", "pchat_file_servers"), "error", "no_function", "fs-s1"),
        (lambda i: i.leave("chat-s1", "pchat_site_backup"), "error", "wrong_place", "neither"),
        (lambda i: i.set("pchat_fqdn", "sql1", "sql-n1"), "error", "not_qualified", "pchat_fqdn"),
        (lambda i: i.forget("pchat_pool", "fs-s1"), "error", "no_pool", "fs-s1"),
        (
            lambda i: i.set("pchat_pool", "caht.contoso.example", "fs-s1"),
            "error",
            "misspelt_pool",
            "nearly chat.contoso.example",
        ),
        (
            lambda i: i.set("pchat_fqdn", "fe-n1.contoso.example", "fe-s1"),
            "error",
            "same_machine",
            "taken for two",
        ),
        (
            lambda i: i.add("sql-x", "pchat-sql-backup-mirror", "pchat_site_backup"),
            "error",
            "unknown_group",
            "If pchat_sql_backup_mirror is meant",
        ),
        (
            lambda i: i.groups.update(pchat_sql_witness=[]),
            "warning",
            "empty_group",
            "pchat_sql_witness",
        ),
        (
            lambda i: i.set("pchat_sql_instnace", "CHAT", "sql-n1"),
            "error",
            "unknown_variable",
            "If pchat_sql_instance is meant",
        ),
        (
            lambda i: i.set("mirror_seed_shares", "x"),
            "error",
            "unknown_variable",
            "If mirror_seed_share is meant",
        ),
        (lambda i: i.set("pchat_mine", 1), "warning", "unknown_variable", "begin otherwise"),
        (lambda i: i.forget("mirror_seed_share"), "error", "missing_variable", "a build needs it"),
        (
            lambda i: i.set("log_shipping_primary_interval", 5, "sql-n1"),
            "error",
            "unread_variable",
            "not for fe-n1.contoso.example and fe-s1.contoso.example",
        ),
        (
            lambda i: i.set("pchat_sql_instance", "CHAT", "chat-n1"),
            "warning",
            "unread_variable",
            "no group of SQL Servers",
        ),
        (
            lambda i: i.set("status_loss", 5, "fe-n1") or i.set("mirror_safety", "off", "fe-s1"),
            "error",
            "differing_variable",
            'nothing for fe-n1.contoso.example, "off" for fe-s1.contoso.example',
        ),
        (
            lambda i: i.set("mirror_port", 5023, "fe-n1", "fe-s1"),
            "error",
            "differing_variable",
            "mirror_port is not the same for all hosts",
        ),
        (
            lambda i: i.set("mirror_seed_share", "D:\\seed"),
            "error",
            "bad_path",
            "no UNC name",
        ),
        (
            lambda i: i.set("log_shipping_secondary_copy_folder", "copy"),
            "error",
            "bad_path",
            "not an absolute Windows path",
        ),
        (
            lambda i: i.set("log_shipping_primary_share", r"\\sql-n1.contoso.example\logs"),
            "warning",
            "share_in_primary_site",
            "lost together",
        ),
        (lambda i: i.take("chat-s1"), "warning", "no_backup_hosts", "nobody could chat"),
        (lambda i: i.take("fe-s1"), "warning", "no_backup_hosts", "nobody is left to be asked"),
        (
            lambda i: i.set("ansible_connection", "ssh", "sql-n1"),
            "error",
            "connection_unusable",
            "sql-n1.contoso.example is ssh",
        ),
        (
            lambda i: i.unreadable.update(stretched_pool_next_hop="'x' is undefined"),
            "error",
            "bad_template",
            "'x' is undefined. What stands",
        ),
        (
            lambda i: i.set("stretched_pool_active_servers", ["chat-n1"]),
            "error",
            "not_a_member",
            "not in pchat_servers of this pool",
        ),
    ],
)
def test_each_fault_has_its_code_and_says_what_to_do(change, urgency, code, sentence):
    findings = found(change)
    assert (urgency, code) in findings, list(findings)
    assert sentence in findings[urgency, code].text


def test_variables_of_the_playbooks_and_of_the_user_are_no_findings():
    def change(inventory):
        inventory.set("pchat_parts", [])
        inventory.set("mirror_share", "a name of the user's own")
        inventory.groups["pchat_members"] = list(inventory.hosts)
        inventory.groups["pool_chat"] = list(inventory.hosts)

    assert found(change) == {}


def test_two_instances_of_one_machine_are_two():
    def change(inventory):
        inventory.set("pchat_fqdn", "sql-n1.contoso.example", "sql-n2")
        inventory.set("pchat_sql_instance", "SECOND", "sql-n2")

    assert found(change) == {}


def test_errors_come_first():
    inventory = Inventory()
    inventory.set("pchat_mine", 1)
    inventory.forget("mirror_seed_share")
    judged = inventory.judged()
    assert [finding.urgency for finding in judged.findings] == ["error", "warning"]
    assert [finding.code for finding in judged.errors] == ["missing_variable"]
