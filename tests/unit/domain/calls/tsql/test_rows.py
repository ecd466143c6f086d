"""The shape that stands beside a statement has the columns that the statement selects."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import typing as t

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls import tsql
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql import (
    agent,
    backup_files,
    catalog,
    content,
    history,
    intent,
    log_shipping,
    logins,
    ownership,
    probes,
    salvage,
    space,
)

SELECTS = {
    agent.ScheduleRow: agent.schedules(),
    agent.LogBackupJobRow: agent.log_backup_jobs(),
    agent.JobRow: agent.job("copy"),
    backup_files.RestoredFileRow: backup_files.restored_files("mgc"),
    catalog.InstanceRow: catalog.instance(),
    catalog.ServiceRow: catalog.services(),
    catalog.LoginNameRow: catalog.login("sa"),
    catalog.LoginRow: catalog.logins(),
    catalog.EndpointRow: catalog.endpoint(),
    catalog.EndpointGrantRow: catalog.endpoint_grants(),
    catalog.DatabaseRow: catalog.databases(["mgc"]),
    catalog.FileRow: catalog.files(),
    catalog.DefaultFoldersRow: catalog.default_folders(),
    catalog.ListenerRow: catalog.listener(),
    content.DateColumnRow: content.date_columns("mgc"),
    history.ReachedRow: history.reached("mgc", "F1"),
    history.RestoreRow: history.restores(["mgc"]),
    history.BackupRow: history.backups(["mgc"]),
    intent.RecordRow: intent.records(),
    intent.IntentRow: intent.intent("chat.contoso.example"),
    log_shipping.PrimaryRow: log_shipping.primaries(["mgc"]),
    log_shipping.ShippedToRow: log_shipping.shipped_to(["mgc"]),
    log_shipping.SecondaryRow: log_shipping.secondaries(["mgc"]),
    logins.AccountRow: logins.accounts(["0x01"]),
    ownership.OwnerRow: ownership.owner("mgc"),
    salvage.OpenedRow: salvage.opened("mgc_salvaged_1"),
    space.SpaceRow: space.space(["mgc"]),
    space.VolumeRow: space.volumes(),
    probes.ObjectRow: probes.objects(["sp_help"], "master"),
    probes.NamesRow: probes.columns([1], "master"),
    probes.DefinitionRow: probes.definitions([1], "master"),
    probes.MessageRow: probes.messages([1]),
}
#: Their columns are a procedure's, or stand in a statement inside a literal.
OTHERS = {"FolderEntryRow", "FileFlagsRow", "DatabaseUserRow", "CopyMarkRow"}


def outermost(statement: str) -> str:
    """Without literals and everything in parentheses."""
    text = re.sub(r"'(?:[^']|'')*'", "", statement)
    while "(" in text:
        text = re.sub(r"\([^()]*\)", "", text)
    return text


def selected(statement: str) -> list[str]:
    """Names of the columns, in order."""
    columns = re.search(r"SELECT (?:TOP )?(.*?)(?: FROM |; |$)", outermost(statement))
    assert columns is not None
    return [column.rpartition(" AS ")[2].strip() for column in columns[1].split(",")]


@pytest.mark.parametrize("shape", SELECTS, ids=lambda shape: shape.__name__)
def test_a_row_has_the_columns_of_its_statement(shape):
    assert selected(SELECTS[shape].body) == list(t.get_type_hints(shape))


def test_every_row_has_its_statement():
    found = set()
    for module in pkgutil.iter_modules(tsql.__path__, f"{tsql.__name__}."):
        for name, _shape in inspect.getmembers(
            importlib.import_module(module.name), t.is_typeddict
        ):
            found.add(name)
    rows = {name for name in found if name.endswith("Row")}
    assert rows == {shape.__name__ for shape in SELECTS} | OTHERS


def test_the_columns_of_users_stand_in_a_literal():
    inner = catalog.database_users("mgc").body.partition("EXEC(N'")[2]
    assert selected(inner.replace("''", "")) == list(t.get_type_hints(catalog.DatabaseUserRow))


def test_the_column_of_a_mark_stands_in_a_literal():
    inner = salvage.copy_mark("mgc").body.partition("EXEC(N'")[2]
    assert selected(inner.replace("''", "")) == list(t.get_type_hints(salvage.CopyMarkRow))
