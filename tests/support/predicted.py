"""A build does what check mode told, on whatever estate."""

from __future__ import annotations

from support import labs


def built_as_predicted(lab: labs.Lab, shared: frozenset[str] = frozenset()) -> None:
    """Check mode changes nothing and tells what the build then does; run again, it changes nothing.

    ``shared``: steps that are told more than once.
    """
    check = lab.play("site", "--check", "--diff")
    assert check.rc == 0, check.output[-3000:]
    assert lab.chatlab("journal", "--writes") == []
    real = lab.play("site")
    assert real.rc == 0, real.output[-3000:]
    strange = [step for step in check.told() if step not in real.told() and step[2] not in shared]
    alike = {step[:3] for step in strange}
    assert strange == [], (strange, [step for step in real.told() if step[:3] in alike])
    assert [step for step in real.told() if step not in check.told()] == []
    again = lab.play("site")
    assert (again.rc, again.changed) == (0, 0)
    for pool in lab.chatlab("state")["pools"].values():
        assert pool["state"] == "Normal"
        assert pool["active"]
