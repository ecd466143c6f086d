"""A stranger's estate, from the tarball and docs/deployment.md alone, by the blocks of that page.

Here it is looked at and prepared; ./run newcomer goes on: built, lost, failed over, brought home.
"""

from __future__ import annotations

import pytest

from support import labs
from support.newcomer import ESTATE, Newcomer, look_and_prepare, tarball

FILE_SERVER = "files-b1.corp.woodgrove.example"
ACCOUNT = "WOODGROVE\\sql-chat"


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("newcomer")
    tarball(folder)
    with labs.running(ESTATE) as lab:
        yield Newcomer(folder, lab)


def test_the_page_leads_from_the_tarball_to_a_prepared_estate(newcomer):
    look_and_prepare(newcomer)
    state = newcomer.lab.chatlab("state")
    shares = state["machines"][FILE_SERVER]["shares"]
    assert shares["pchat-seed$"]["rights"] == {ACCOUNT: "Change"}
    assert shares["pchat-logs$"]["rights"] == {
        ACCOUNT: "Change",
        "WOODGROVE\\SQL-A1$": "Change",
        "WOODGROVE\\SQL-A2$": "Change",
        "WOODGROVE\\SQL-B1$": "Read",
    }
    assert newcomer.lab.chatlab("journal", "--impossible") == []
