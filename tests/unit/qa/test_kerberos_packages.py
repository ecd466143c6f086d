"""Whoever prepares a machine for ./run kerberos installs what it asks for."""

from __future__ import annotations

import pathlib

import pytest

from support import kdc

ROOT = pathlib.Path(__file__).parents[3]


@pytest.mark.parametrize("file", [".ci/run", ".github/workflows/checks.yml", "bindep.txt"])
def test_the_packages_of_a_key_distribution_centre_are_named(file):
    words = (ROOT / file).read_text(encoding="utf-8").replace('"', " ").split()
    assert set(kdc.PROGRAMS.values()) <= set(words)


def test_a_missing_program_is_told_with_its_package(monkeypatch):
    monkeypatch.setattr(kdc.shutil, "which", lambda program, path: None)
    told = kdc.missing()
    for package in kdc.PROGRAMS.values():
        assert told.split().count(package) == 1
