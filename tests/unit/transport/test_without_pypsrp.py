"""Without pypsrp everything can be imported, and the first session says what to install."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[3]
UTILS = ROOT / "plugins" / "plugin_utils"
PACKAGE = "ansible_collections.lync.persistent_chat.plugins.plugin_utils"
FILES = sorted(UTILS.rglob("*.py"))
#: Imports what it is given, and opens a session.
PROGRAM = f"""
import importlib, sys
sys.modules["pypsrp"] = sys.modules["requests"] = None
for name in sys.argv[1:]:
    importlib.import_module(name)
session = importlib.import_module("{PACKAGE}._transport.session")
endpoint = importlib.import_module("{PACKAGE}._transport.winrm_endpoint")
hire = importlib.import_module("{PACKAGE}._transport.owner.hire")
assert hire.hired("/nowhere") is None
try:
    session.PsrpSession(None).__enter__()
except session.LibraryMissing as error:
    print(error)
"""


def names():
    for path in FILES:
        parts = path.relative_to(UTILS).with_suffix("").parts
        yield ".".join((PACKAGE, *parts)).removesuffix(".__init__")


def test_everything_can_be_imported_and_the_user_is_told_what_to_install():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *names()],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "pip install 'pypsrp>=0.9'" in done.stdout
