"""site.yml on an estate of three pools that share a deployment."""

from __future__ import annotations

from support import labs
from support.predicted import built_as_predicted


def test_several_pools(warm):
    """Pools of one deployment share its topology: check mode tells for each what it would do
    alone, the first one then does it for all.
    """
    with labs.running("several_pools") as lab:
        lab.warm = warm
        built_as_predicted(lab, shared=frozenset({"publish_topology", "enable_topology"}))
        assert lab.chatlab("journal", "--impossible") == []
