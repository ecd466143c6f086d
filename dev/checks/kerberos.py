"""Kerberos and CredSSP against a real key distribution centre, where its packages are there.

Where they are not, nothing is checked, and the reason is printed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

from support import kdc, labs

#: Comes with libkrb5-dev; the Python libraries are built against its headers.
_HEADERS = "krb5-config"


def missing() -> str:
    """What keeps these tests from being run; empty when nothing does."""
    if kdc.missing():
        return kdc.missing()
    if shutil.which(_HEADERS) is None or shutil.which("cc") is None:
        return "gssapi and krb5 are built from source: apt-get install gcc libkrb5-dev"
    prepared = _run("--help")
    if prepared.returncode:
        return f"the environment could not be set up: {prepared.stdout[-2000:]}"
    return ""


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(labs.ROOT / "run"), "kerberos", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def main() -> int:
    reason = missing()
    if reason:
        print(f"Not checked: {reason}")
        return 0
    tests = _run("--brief")
    print(tests.stdout)
    return tests.returncode


if __name__ == "__main__":
    sys.exit(main())
