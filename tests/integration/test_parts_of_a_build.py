"""A part of the build, by its tag: the others are left alone, and the parts make the whole."""

from __future__ import annotations

import pytest

PARTS = ("stretched_pool", "mirror", "log_shipping", "logins")
#: Modules by which a part is known.
OF = {
    "stretched_pool": {"database", "pool_definition", "active_servers"},
    "mirror": {"database_backup", "mirroring"},
    "log_shipping": {"log_shipping_primary", "log_shipping_secondary"},
}


def carried_out(run):
    """The parts of which a task was carried out."""
    modules = {line["action"].rpartition(".")[2] for line in run.results}
    return {part for part, theirs in OF.items() if theirs & modules}


def test_a_part_leaves_the_others_alone_and_the_status_is_told(built_lab):
    run = built_lab.play("site", "--tags", "mirror")
    assert (run.rc, run.changed) == (0, 0), run.output[-3000:]
    assert carried_out(run) == {"mirror"}
    told = {line["action"].rpartition(".")[2] for line in run.results}
    assert {"preflight", "pool_status", "kept_session"} <= told


def test_a_part_that_is_left_out_is_left_out(built_lab):
    run = built_lab.play("site", "--skip-tags", "mirror,logins", "--check")
    assert (run.rc, run.changed) == (0, 0), run.output[-3000:]
    assert carried_out(run) == {"stretched_pool", "log_shipping"}


@pytest.mark.campaign
def test_the_parts_one_after_another_are_the_whole(bare_lab):
    for part in PARTS:
        run = bare_lab.play("site", "--tags", part)
        assert run.rc == 0, run.output[-3000:]
    again = bare_lab.play("site")
    assert (again.rc, again.changed) == (0, 0), again.output[-3000:]
