"""Numbers of SQL Server's messages that the collection relies on, with words that their texts have.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

#: Number -> a part of its text in English. The first two are passed to the procedures of log
#: shipping; on the others nothing is decided, but comments and error texts name them.
NUMBERS: dict[int, str] = {
    14420: "log shipping primary database",
    14421: "log shipping secondary database",
    3013: "terminating abnormally",
    3104: "mirroring",
    4330: "recovery path",
    5069: "ALTER DATABASE statement failed",
    15233: "already exists",
    32007: "not ONLINE",
}
