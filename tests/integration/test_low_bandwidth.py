"""site.yml on the estate of a narrow line between its sites, with named instances."""

from __future__ import annotations

from support import labs
from support.predicted import built_as_predicted

#: Who knows the stores, and one that they name.
ASKED = ("fe-e1.fabrikam.example", "sql-e1.fabrikam.example")


def test_low_bandwidth(warm):
    """Its databases are in named instances: how those show in the stores can be confirmed
    nowhere else.
    """
    with labs.running("low_bandwidth") as lab:
        lab.warm = warm
        built_as_predicted(lab)
        fidelity = lab.play("fidelity", "-l", ",".join(ASKED))
        assert lab.chatlab("journal", "--impossible") == []
    told = next(
        line["result"] for line in fidelity.results if line["action"].endswith("fidelity_report")
    )
    entry = next(e for e in told["report"]["assumptions"] if e["id"] == "store-instance")
    assert told["refuted"] == []
    assert entry["verdict"] == "confirmed", entry
