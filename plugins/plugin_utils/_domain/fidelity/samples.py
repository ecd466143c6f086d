"""Sample arguments for the functions of ``calls``, by the names of their parameters.

FOR INTERNAL COLLECTION USE ONLY.

A parameter that is not here gets a value by its type: ``sample``, 1, a list of one ``sample``.
"""

from __future__ import annotations

import typing as t


class Options(dict[str, t.Any]):
    """Options of a module: text for whatever is not known better."""

    def __missing__(self, key: str) -> str:
        return "sample"


_SECONDARY = {"server": "SECONDARY", "database": "mgc"}
SETTINGS = Options(
    database="mgc",
    backup_directory="\\\\fs\\logs",
    backup_share="\\\\fs\\logs",
    backup_retention=4320,
    backup_compression=2,
    backup_threshold=60,
    threshold_alert_enabled=True,
    history_retention=5760,
    interval=15,
    secondaries=[_SECONDARY],
    enabled=True,
    source_directory="\\\\fs\\logs",
    destination_directory="D:\\copy",
    retention=4320,
    copy_interval=15,
    restore_interval=15,
    restore_delay=0,
    restore_mode_bit=0,
    disconnect_users=False,
    restore_threshold=45,
)
_PATH = "\\\\fs\\share\\sample"
#: Parameter name (or function.parameter) -> sample, where "sample", 1 or True would be refused or
#: would not be T-SQL.
SAMPLES: dict[str, t.Any] = {
    "database": "mgc",
    "databases": ["mgc"],
    "names": ["mgc"],
    "sids": ["0x01"],
    "access": {"sample": "read", "sample 2": "change", "sample 3": "full"},
    "numbers": [1],
    "ids": [1],
    "port": 5022,
    "remote": ["10.1.0.0/16"],
    "settings": SETTINGS,
    "secondary": _SECONDARY,
    "secondaries": [_SECONDARY],
    "gone": [_SECONDARY],
    "added": [_SECONDARY],
    "path": _PATH,
    "folder": _PATH,
    "share": _PATH,
    "address": "TCP://sql.example:5022",
    "account": "DOMAIN\\account",
    "clause": "STATE = STARTED",
    "condition": "1 = 1",
    "change": "PRINT N''",
    "body": "PRINT N''",
    "select": "SELECT 1 AS one",
    "declare": "",
    "kind": "LOG",
    "level": "full",
    "role": "PRINCIPAL",
    "state": "ONLINE",
    "seen": "RESTORING",
    "moves": {"mgc": "D:\\data\\mgc.mdf"},
    "options": ["CHECKSUM"],
    "at_lsn": "1",
    "lsn": "1",
    "old": [1],
    "right": "read",
    "record": Options(),
    "replaces": Options(),
    "principal": "mirror",
    "create_endpoint.role": "all",
    "set_pool_state.state": "Normal",
}
#: What the sparing call passes instead.
SPARING: dict[str, t.Any] = {
    "seen": None,
    "replaces": None,
    "instance": "",
    "sql_server": "",
    "attempt": "",
    "paths": [],
    "servers": [],
    "options": [],
    "moves": {},
    "address": "",
}
