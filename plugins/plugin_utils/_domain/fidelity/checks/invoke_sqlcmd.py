"""Checks of how Invoke-Sqlcmd answers. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from collections.abc import Iterator

from ...calls.tsql.probes import LONG, VARIABLE
from ...documents.fidelity import ProbeSeen, SqlSeen
from ..verdicts import Told, each_sql_server, info_of, listed

#: As many digits as an LSN has at most.
_LSN = "1234567890123456789012345"


@each_sql_server
def guard_text(sql: SqlSeen) -> Told:
    """A guard that fires is told from a failed statement."""
    code = sql["failing"]["code"]
    return code == "world_moved", f"a guard that fires arrives as {code or 'no error at all'}"


@each_sql_server
def batch_end(sql: SqlSeen) -> Told:
    """A batch that failed is known to have failed, whether or not its error arrived."""
    batches = sql["failing"]["batches"]
    passed = [name for name, seen in batches.items() if not seen["text"]]
    if passed:
        return False, f"taken for done: {listed(passed)}"
    return True, "all failed batches were known to have failed"


@each_sql_server
def script_errors(sql: SqlSeen) -> Told:
    """The error record of each failed batch arrives."""
    shown: list[str] = []
    for name, seen in sorted(sql["failing"]["batches"].items()):
        if not seen["arrived"]:
            shown.append(f"{name} (known by its row: {listed(seen['numbers']) or 'no number'})")
    if shown:
        return False, f"kept back: {'; '.join(shown)}"
    return True, "errors of the first and of later statements, and while rows are fetched, arrive"


@each_sql_server
def single_run(sql: SqlSeen) -> Told:
    """The batch that fails later writes one row first."""
    rows = sql["failing"]["batches"]["later"]["rows"]
    if not rows:
        return None, "no row of the failed batch arrived, so its runs cannot be counted"
    if rows == 1:
        return True, "a batch that failed ran once"
    return False, f"a batch that failed ran {rows} times"


@each_sql_server
def sqlcmd_module(sql: SqlSeen) -> Told:
    """The module of Invoke-Sqlcmd has -IncludeSqlUserErrors."""
    info = info_of(sql)
    tool = info.get("sql_tools") if info else None
    if not tool or not tool["parameters"]:
        return None, "the session does not tell what brings Invoke-Sqlcmd"
    label = f"{tool['module'] or 'no module'} {tool['version'] or 'of unknown version'}"
    if "IncludeSqlUserErrors" not in tool["parameters"]:
        return False, f"{label} has no IncludeSqlUserErrors"
    return True, f"{label}, {len(tool['parameters'])} parameters"


@each_sql_server
def certificate(sql: SqlSeen) -> Told:
    """Reached at all means: with the encryption that was chosen, the instance's certificate was no
    obstacle.
    """
    info = info_of(sql)
    if info is None:
        return False, "SQL Server could not be asked; see object-properties for why"
    tool = info.get("sql_tools")
    parameters = tool.get("parameters") if tool else None
    if "TrustServerCertificate" in (parameters or ()):
        return True, (
            "reached; this module demands a trusted certificate unless pchat_sql_encryption says"
            " otherwise"
        )
    return True, "reached without a certificate"


@each_sql_server
def message_prefix(sql: SqlSeen) -> Told:
    """An error's text does not begin with its number."""
    first = sql["failing"]["batches"]["first"]
    return ("Msg " not in first["text"], first["text"]) if first["arrived"] else None


@each_sql_server
def sqlcmd_values(sql: SqlSeen) -> Told:
    """No cut at 4000 characters, no replaced $(x), no lost digits, NULL as nothing."""
    probe = sql["probe"]
    if not probe:
        return False, "the probing SELECT returned nothing"
    wrong = list(_changed(probe))
    if wrong:
        return False, "; ".join(wrong)
    return True, f"{LONG} characters, {VARIABLE}, 25 digits and NULL came as they are"


def _changed(probe: ProbeSeen) -> Iterator[str]:
    long = len(str(probe.get("long_text") or ""))
    if long != LONG:
        yield f"a text of {LONG} characters came with {long}"
    if probe.get("variable") != VARIABLE:
        yield f"{VARIABLE} became {probe.get('variable')!r}"
    if probe.get("lsn") != _LSN:
        yield f"an LSN of 25 digits became {probe.get('lsn')!r}"
    if probe.get("nothing") is not None:
        yield f"NULL became {probe.get('nothing')!r}"
    empty = probe.get("empty", "(not there)")
    if empty is not None:
        yield f"an empty text became {empty!r}, and not what NULL becomes"
