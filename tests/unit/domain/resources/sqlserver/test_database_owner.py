"""A copy belongs to whom it belonged to where it was made."""

from __future__ import annotations

import pytest
from unit.domain.answers import Answers, make, names, texts

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    _instance,
    database_owner,
)

DBA = {"name": "CONTOSO\\dba", "sid": "0x0105AA"}


def owner():
    return make(database_owner.DatabaseOwner, database_owner.DATABASE_OWNER_SPEC, database="mgc")


def read(dbo, logins=(), state="ONLINE"):
    row = {**_instance.ABSENT, "name": "mgc", "database_state": state}
    restored_by = {"owner": "CONTOSO\\other", "owner_sid": "0x0105BB", "sa": "chef"}
    users = [{"name": "dbo", "type": "S", "sid": dbo}] if dbo else []
    return owner().read(Answers([[row], [restored_by], users, list(logins)]))


def test_it_is_the_login_with_the_same_sid_whatever_its_name():
    steps = owner().plan(read("0x0105AA", [DBA]))
    assert names(steps) == ["set_owner"]
    assert "DATABASE::[mgc] TO [CONTOSO\\dba]" in texts(steps)
    assert "= N'0x0105BB'" in texts(steps), "the batch tests whose it was"


def test_without_such_a_login_it_is_the_built_in_administrator():
    assert "TO [chef]" in texts(owner().plan(read("0x0105AA")))


@pytest.mark.parametrize(
    "facts",
    [
        {"owner": "contoso\\DBA"},
        {"database_state": "RESTORING"},
        {"belonged_to": None},
        dict.fromkeys(["database_state", "owner", "owner_sid", "belonged_to"]),
    ],
)
def test_nothing_is_to_be_done(facts):
    assert owner().plan({**read("0x0105AA", [DBA]), **facts}) == []


def test_a_copy_whose_owner_is_gone_gets_one():
    steps = owner().plan({**read("0x0105AA", [DBA]), "owner": None})
    assert "a login that is gone" in steps[0].why


def test_there_is_no_such_database():
    assert owner().read(Answers([[], [], [], []]))["database_state"] is None
