"""site.yml on the estates beside the default one, and by Lync's own mirroring cmdlet."""

from __future__ import annotations

from support import labs


def built_as_predicted(lab, shared=frozenset()):
    """Check mode changes nothing and tells what the build then does; run again, it changes nothing.

    ``shared``: steps that are told more than once.
    """
    check = lab.play("site", "--check", "--diff")
    assert check.rc == 0, check.output[-3000:]
    assert lab.chatlab("journal", "--writes") == []
    real = lab.play("site")
    assert real.rc == 0, real.output[-3000:]
    strange = [step for step in check.told() if step not in real.told() and step[2] not in shared]
    assert strange == [], [
        step for step in real.told() if step[:3] in {other[:3] for other in strange}
    ]
    assert [step for step in real.told() if step not in check.told()] == []
    again = lab.play("site")
    assert (again.rc, again.changed) == (0, 0)
    for pool in lab.chatlab("state")["pools"].values():
        assert pool["state"] == "Normal"
        assert pool["active"]


def test_several_pools(warm):
    """Pools of one deployment share its topology: check mode tells for each what it would do
    alone, the first one then does it for all.
    """
    with labs.running("several_pools") as lab:
        lab.warm = warm
        built_as_predicted(lab, shared={"publish_topology", "enable_topology"})
        assert lab.chatlab("journal", "--impossible") == []


def test_low_bandwidth(warm):
    """Its databases are in named instances: how those show in the stores can be confirmed
    nowhere else.
    """
    with labs.running("low_bandwidth") as lab:
        lab.warm = warm
        built_as_predicted(lab)
        fidelity = lab.play("fidelity")
        assert lab.chatlab("journal", "--impossible") == []
    told = next(
        line["result"] for line in fidelity.results if line["action"].endswith("fidelity_report")
    )
    entry = next(e for e in told["report"]["assumptions"] if e["id"] == "store-instance")
    assert told["refuted"] == []
    assert entry["verdict"] == "confirmed", entry


def test_mirroring_by_lyncs_own_cmdlet_builds_the_same_estate(bare_lab):
    """Install-CsMirrorDatabase instead of T-SQL; afterwards the T-SQL way finds nothing to
    change.
    """
    by_cmdlet = ("-e", "mirror_method=cmdlet")
    check = bare_lab.play("site", "--check", "--diff", *by_cmdlet)
    real = bare_lab.play("site", *by_cmdlet)
    assert (check.rc, real.rc) == (0, 0), real.output[-3000:]
    assert check.told() == real.told()
    assert "install_mirror" in {step[2] for step in real.steps()}
    again = bare_lab.play("site")
    assert (again.rc, again.changed) == (0, 0)
    assert bare_lab.chatlab("journal", "--impossible") == []
