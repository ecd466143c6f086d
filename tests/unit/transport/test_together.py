"""Sessions that are opened by several threads at the same time."""

from __future__ import annotations

import concurrent.futures
import time

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import (
    psrp as transport,
)


def test_connections_are_made_one_at_a_time(monkeypatch):
    """pypsrp's WSMan changes a dictionary of the whole process while it is made; two at once end in
    KeyError or RuntimeError.
    """
    being_made, most = [], []

    class Connection:
        def __init__(self, **_options):
            being_made.append(self)
            most.append(len(being_made))
            time.sleep(0.005)
            being_made.remove(self)

    monkeypatch.setattr(transport, "WSMan", Connection)
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        made = list(threads.map(transport.connection, [{"server": "sql-n1"}] * 16))
    assert len(made) == 16
    assert max(most) == 1
