"""SQL Server's errors, by number. Numbers and meanings: Microsoft's lists of engine errors; texts are the documented ones."""
from __future__ import annotations


class SqlError(Exception):
    """Severity 11 and above, as the server would raise it. Several may follow each other (the cause, then 3013 or 5069)."""

    def __init__(self, number: int, message: str, severity: int = 16, state: int = 1, *, also: SqlError | None = None) -> None:
        super().__init__(message)
        self.number, self.message, self.severity, self.state = number, message, severity, state
        self.also = also                 # the general error that follows the cause in the same failure

    def all(self) -> list[SqlError]:
        """The cause first, then what follows it."""
        return [self, *(self.also.all() if self.also else [])]
