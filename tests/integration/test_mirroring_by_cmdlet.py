"""site.yml by Lync's own mirroring cmdlet."""

from __future__ import annotations


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
