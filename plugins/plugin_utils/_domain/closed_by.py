"""Settings with which somebody keeps the users of a database away, or a mirror. FOR INTERNAL
COLLECTION USE ONLY.

Nothing of ours leaves one behind but RESTRICTED_USER, where a run was cut off beside a tail.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from .documents.instance import DatabaseFacts


class Setting(t.NamedTuple):
    """``name``: as T-SQL has it. ``means``: what comes of it, after a colon. ``undo``: what takes
    it back. ``stops_clients``: chat servers cannot work with the database.
    """

    name: str
    means: str
    undo: str
    stops_clients: bool = True

    def undone(self, database: str) -> str:
        """The statement for whoever runs it by hand."""
        return f"ALTER DATABASE [{database}] SET {self.undo}"

    def told(self, database: str, host: str = "") -> str:
        """What it means and what takes it back. ``host``: empty where the reader is there."""
        where = f" on {host}" if host else ""
        place = "there" if host else "here"
        return (
            f"{database}{where} is {self.name}: {self.means}. Find out who set it so, and why; to"
            f" take it back, run {place}: {self.undone(database)}."
        )


READ_ONLY = Setting(
    "READ_ONLY",
    "no chat server can write to it, and it cannot be mirrored (1466)",
    "READ_WRITE WITH ROLLBACK IMMEDIATE",
)
SINGLE_USER = Setting(
    "SINGLE_USER",
    "one session has it for itself, and it cannot be mirrored (1488)",
    "MULTI_USER WITH ROLLBACK IMMEDIATE",
)
RESTRICTED_USER = Setting(
    "RESTRICTED_USER",
    "only administrators can open it",
    "MULTI_USER WITH ROLLBACK IMMEDIATE",
)
AUTO_CLOSE = Setting(
    "AUTO_CLOSE",
    "it cannot be mirrored (1469)",
    "AUTO_CLOSE OFF",
    stops_clients=False,
)
#: Who may be in it; what keeps users away and is taken back where a run of ours may have set it.
ACCESS = (SINGLE_USER.name, RESTRICTED_USER.name)
_ALL = {setting.name: setting for setting in (READ_ONLY, SINGLE_USER, RESTRICTED_USER, AUTO_CLOSE)}


def closed_by(facts: DatabaseFacts) -> list[Setting]:
    """Those of a database that is online; a copy that waits for log has them from its backups."""
    if facts["database_state"] != "ONLINE":
        return []
    flags = {READ_ONLY: facts["is_read_only"], AUTO_CLOSE: facts["is_auto_close_on"]}
    found = [setting for setting, is_set in flags.items() if is_set]
    access = str(facts["user_access"])
    return [*found, _ALL[access]] if access in _ALL else found


def names_of(settings: Iterable[Setting]) -> tuple[str, ...]:
    """As T-SQL has them."""
    return tuple(setting.name for setting in settings)


def named(name: str) -> Setting:
    """The setting of this name."""
    return _ALL[name]
