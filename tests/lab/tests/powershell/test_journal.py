"""The journal holds what was sent, under the names that it was bound to."""

from __future__ import annotations

from support.lab_powershell import Engine


def test_a_parameter_whose_name_begins_like_anothers_keeps_its_own_value() -> None:
    engine = Engine("sql-n1")
    engine.messages(("Invoke-Sqlcmd", {"Query": "SELECT 1 AS one", "QueryTimeout": 30}))
    sent = engine.world.journal.entries[-1].parameters
    assert (sent["Query"], sent["QueryTimeout"]) == ("SELECT 1 AS one", 30)


def test_an_abbreviated_name_is_the_parameter_that_it_was_bound_to() -> None:
    engine = Engine("sql-n1")
    engine.messages(("Invoke-Sqlcmd", {"Query": "SELECT 1 AS one", "Datab": "msdb"}))
    assert engine.world.journal.entries[-1].parameters["Database"] == "msdb"
