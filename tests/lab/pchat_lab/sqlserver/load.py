"""Importing every file of every room, so that statements, procedures, views and functions are
registered.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil


@functools.cache
def load_all() -> None:
    """Whoever makes an instance calls this before its first batch."""
    package = importlib.import_module(__package__ or "pchat_lab.sqlserver")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
