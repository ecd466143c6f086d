"""The plays of the roles' READMEs, each by itself, on an estate that is as it should be."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "role",
    [
        "preflight",
        "stretched_pool",
        "mirror",
        "log_shipping_primary",
        "log_shipping_secondary",
        "status",
    ],
)
def test_a_role_alone_finds_nothing_to_do_where_the_whole_was_built(built_lab, role):
    run = built_lab.play(f"../examples/plays/{role}")
    assert run.rc == 0, run.output[-3000:]
    assert run.changed == 0
    assert f"TASK [lync.persistent_chat.{role} : " in run.output, "the role's own tasks"
