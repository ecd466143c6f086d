"""What is known of the pool comes from the central store, from a replica of it, or nobody."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.documents.look import (
    NO_POOL,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.pool_look import (
    read_pool_state,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    CmdletFailed,
    CmdletMissing,
)

POOL = "chat.contoso.example"
IDENTITY = "PersistentChatServer:chat.contoso.example"
STATE = {"Identity": IDENTITY, "PoolState": "Normal"}
SERVICE = {
    "PoolFqdn": POOL,
    "Identity": IDENTITY,
    "ActiveServers": ["chat-n1.contoso.example"],
    "InactiveServers": [],
    "Registrar": "Registrar:fepool.contoso.example",
}
POOLS = [
    {"Fqdn": "chat.contoso.example", "Computers": ["chat-n1.contoso.example"]},
    {"Fqdn": "FEPool.contoso.example", "Computers": ["FE-N1.contoso.example"]},
]
REPLICAS = [
    {"ReplicaFqdn": "FE-N1.contoso.example", "UpToDate": True},
    {"ReplicaFqdn": "FE-S1.contoso.example", "UpToDate": False},
]
CENTRAL = [{"ActiveMasterFqdn": "FE-N1.contoso.example"}]


class Host:
    """Answers each pipeline with the next of these, or fails with it."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def read(self, *_calls):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_the_central_store_tells_all():
    told = read_pool_state(Host([[SERVICE], [STATE], REPLICAS, CENTRAL, POOLS]), POOL)
    assert set(told) == set(NO_POOL)
    assert (told["store"], told["cms"]) == ("central", "fe-n1.contoso.example")
    assert (told["active"], told["pool_state"]) == (["chat-n1.contoso.example"], "Normal")
    assert told["late"] == ["fe-s1.contoso.example"]
    assert told["next_hop"] == "fepool.contoso.example"
    assert told["next_hop_servers"] == ["fe-n1.contoso.example"]


def test_a_replica_tells_the_state_and_the_identity_by_which_a_moved_store_is_written_to():
    told = read_pool_state(Host(CmdletFailed("no route"), [[STATE]]), POOL)
    assert set(told) == set(NO_POOL)
    assert (told["store"], told["why"], told["active"]) == ("local", "no route", None)
    assert (told["identity"], told["pool_state"]) == (IDENTITY, "Normal")
    assert told["published"] is True


def test_a_replica_without_the_pool_knows_neither():
    told = read_pool_state(Host(CmdletFailed("no route"), [[]]), POOL)
    assert (told["identity"], told["pool_state"]) == (None, None)


def test_where_nobody_answers_nothing_is_known_and_both_reasons_are_told():
    told = read_pool_state(Host(CmdletFailed("no route."), CmdletFailed("no replica")), POOL)
    assert (told["store"], told["published"], told["members"]) == (None, False, [])
    assert told["why"] == "no route. The local replica does not help either: no replica"


def test_a_cmdlet_that_is_not_there_says_nothing_of_the_store():
    missing = CmdletMissing("no such cmdlet", cmdlet="Get-CsService")
    with pytest.raises(CmdletMissing):
        read_pool_state(Host(missing), POOL)
