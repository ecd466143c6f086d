"""Unit tests find the lab, the model, what they share and what ./run calls also under
ansible-test, which does not read pyproject.toml.
"""

from __future__ import annotations

import gc
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
PLACES = (TESTS, TESTS / "lab", TESTS.parent)
sys.path[:0] = [str(place) for place in PLACES if str(place) not in sys.path]


def pytest_collection_finish():
    """Thousands of tests are there until the end: nobody needs to look for garbage among them."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish():
    """pytest looks for garbage five times more; once will do."""
    gc.collect()
    gc.freeze()
