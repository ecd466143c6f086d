"""Labs for integration tests: built once per module, stopped whatever happens."""

from __future__ import annotations

import pytest

from support import labs


@pytest.fixture(scope="module")
def bare_lab():
    """A lab with the bare default estate; tests that change it reset it."""
    with labs.running("default") as lab:
        yield lab


@pytest.fixture(scope="module")
def built():
    """(lab, what check mode said on the bare estate, the real run, the run after it) of the
    default estate.
    """
    with labs.running("default") as lab:
        check = lab.play("site", "--check", "--diff")
        writes_of_check = lab.chatlab("journal", "--writes")
        real = lab.play("site")
        lab.chatlab("stats", "--reset")
        again = lab.play("site")
        assert real.rc == 0, real.output[-3000:]
        yield lab, check, writes_of_check, real, again


#: The files that take minutes, so that they do not begin when the others end.
LONGEST_FIRST = (
    "test_outage",
    "test_other_estates",
    "test_site",
    "test_struck_build",
    "test_fidelity",
)


def pytest_collection_modifyitems(items):
    """Whole files are given to the workers in this order; stable within a file."""
    items.sort(
        key=lambda item: (
            LONGEST_FIRST.index(item.path.stem)
            if item.path.stem in LONGEST_FIRST
            else len(LONGEST_FIRST)
        )
    )
