"""For fingers that know nox: every session hands over to ./run, which does the work.

nox itself is no dependency of this project. What follows two dashes is passed on:
``nox -s lab -- failover``.
"""

from __future__ import annotations

import nox

nox.options.sessions = ["test"]
nox.options.default_venv_backend = "none"

COMMANDS = (
    "lab",
    "check",
    "play",
    "chatlab",
    "test",
    "format",
    "new",
    "house",
    "nights",
    "walks",
    "drills",
    "molecule",
    "sanity",
    "matrix",
    "sqltools",
    "kerberos",
    "bench",
    "newcomer",
    "package",
    "ee",
    "release",
    "jea",
    "docs",
    "plans",
)


def hand_over(session: nox.Session) -> None:
    """./run with the session's name, and what was given besides."""
    session.run("./run", session.name, *session.posargs, external=True)


for command in COMMANDS:
    nox.session(name=command)(hand_over)
