"""Log backups brought by the job that may go to the share; what it cannot bring is no failure."""

from __future__ import annotations

import pytest
from unit.domain.answers import Answers, make, names, refusal, texts

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    log_copy,
)

ONE, TWO = "mgc_20150601074500.trn", "mgc_20150601080000.trn"
IDLE = {
    "copied": [ONE],
    "job": "copy it",
    "running": False,
    "last_run": 7,
    "last_status": 1,
    "last_message": "fine",
}


def copying(**options):
    return make(
        log_copy.LogCopy,
        log_copy.LOG_COPY_SPEC,
        **{"database": "mgc", "names": [ONE.upper(), TWO, TWO], "folder": "D:\\copy", **options},
    )


def test_what_is_there_needs_no_job():
    assert copying().plan({**IDLE, "copied": [ONE, TWO]}) == []
    assert copying(names=[]).plan({**IDLE, "copied": []}) == []


def test_without_log_shipping_there_is_no_job_to_start():
    assert copying().plan({**IDLE, "job": None}) == []


def test_the_job_is_started_and_its_end_awaited():
    (step,) = copying(timeout=77).plan(IDLE)
    assert step.name == "copy_logs"
    assert step.why == f"{TWO} is on the share only."
    assert "sp_start_job" in texts([step])
    assert "N'copy it'" in texts([step])
    assert step.settles.timeout == 77
    assert not step.settles.holds({**IDLE, "running": True, "last_run": 7})
    # the run from before is no answer
    assert not step.settles.holds(IDLE)
    # ended, though it did not bring the file
    assert step.settles.holds({**IDLE, "last_run": 8})
    assert step.settles.holds({**IDLE, "copied": [ONE, TWO]})
    # it may still be at work on what nobody asked for
    assert not step.settles.holds({**IDLE, "running": True, "copied": [ONE, TWO]})


def test_a_job_that_never_ran():
    (step,) = copying().plan({**IDLE, "last_run": None})
    assert not step.settles.holds({**IDLE, "last_run": None})
    assert step.settles.holds({**IDLE, "last_run": 1})


def test_a_running_job_is_only_awaited():
    steps = copying().plan({**IDLE, "copied": [], "running": True})
    assert (names(steps), steps[0].calls) == (["copy_logs"], ())
    assert steps[0].why == f"{ONE}, {TWO} are on the share only."


def test_a_folder_that_is_no_path():
    assert refusal(lambda: copying(folder="copy")).code == "bad_path"


@pytest.mark.parametrize("linked", [True, False])
def test_reading(linked):
    listed = [
        {"subdirectory": ONE.upper(), "file": 1},
        {"subdirectory": TWO, "file": 0},
        {"subdirectory": "else.trn", "file": 1},
    ]
    job = {"running": 1, "last_run": 9, "last_status": 0, "last_message": "no"}
    session = Answers([listed, [{"copy_job": "copy it"}] if linked else []], [[job]])
    assert copying().read(session) == {
        "copied": [ONE],
        "job": "copy it" if linked else None,
        "running": linked,
        "last_run": 9 if linked else None,
        "last_status": 0 if linked else None,
        "last_message": "no" if linked else None,
    }
    assert len(session.asked) == (2 if linked else 1)
