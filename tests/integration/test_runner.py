"""Jobs of ansible-runner's, as the automation platform has them carried out elsewhere. ./run ee has
the whole story, in an environment of its own.
"""

from __future__ import annotations

import pathlib
import sys

import pytest
import yaml

from support import labs, runner


@pytest.fixture
def job(built_lab, tmp_path):
    """Carries a playbook out, by a worker in another folder, with another home."""
    worker = runner.Worker(
        pathlib.Path(sys.executable).parent,
        tmp_path / "elsewhere",
        labs.ROOT / ".cache" / "collections",
    )

    def job(playbook, options="", **chosen):
        return runner.carry_out(built_lab, playbook, worker, tmp_path / "here", chosen, options)

    return job


def test_a_job_elsewhere_tells_the_status_and_sends_no_password_back(job, built_lab):
    done = job("status")
    assert done.rc == 0, done.output
    assert done.situation == "Healthy"
    connection = yaml.safe_load(built_lab.connection_file.read_text(encoding="utf-8"))
    password = connection["all"]["vars"]["ansible_password"]
    assert password
    assert password not in done.sent_back


def test_a_job_that_nobody_can_answer_refuses_to_ask(job):
    done = job("mirror_failover", awx_job_id=7)
    assert done.rc == 2, done.output
    told = " ".join(done.output.split())
    assert "nobody can answer a question of job 7" in told
    assert "mirror_failover_confirm: false" in told
    assert done.changed == 0


def test_a_job_in_check_mode_gives_the_plan_and_asks_nobody(job, built_lab):
    writes = built_lab.chatlab("journal", "--writes")
    done = job("mirror_failover", "--check", awx_job_id=7)
    assert done.rc == 0, done.output
    assert "Plan, 3 moves:" in done.output
    assert built_lab.chatlab("journal", "--writes") == writes
