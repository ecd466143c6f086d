"""Unit tests find the lab, the walks and the tools also under ansible-test, which does not read pyproject.toml."""
from __future__ import annotations

import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [path for path in (str(TESTS), str(TESTS / "lab")) if path not in sys.path]
