"""A running lab's control endpoint, in a thread of this process: no listeners of machines are
needed for it.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import typing as t
from collections.abc import Iterator

import pytest

from pchat_lab.control.lab import LabProcess

OPTIONS = {
    "estate": "default",
    "product": None,
    "net": "127.30",
    "ports": False,
    "open_cost": 0.0,
    "import_cost": 0.0,
    "frozen_clock": True,
    "keytab": "",
    "max_life": 600,
    "tools": None,
}


class Control:
    """``ask``: any request at all; the status, and the answer as JSON."""

    def __init__(self, lab: LabProcess, port: int, token: str) -> None:
        self.lab = lab
        self.port = port
        self.token = token

    def ask(
        self, path: str, body: bytes, method: str = "POST", **headers: str
    ) -> tuple[int, dict[str, t.Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {"X-Lab-Token": self.token, **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def command(self, name: str, *words: str) -> tuple[int, dict[str, t.Any]]:
        return self.ask(f"/{name}", json.dumps(words).encode())


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Control]:
    folder = tmp_path_factory.mktemp("lab")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NTLM_USER_FILE", "")
        lab = LabProcess(folder, OPTIONS)
        asyncio.run_coroutine_threadsafe(lab._start_control(), loop).result(10)
        told = json.loads((folder / "control.json").read_text(encoding="ascii"))
        try:
            yield Control(lab, told["port"], told["token"])
        finally:
            assert lab._runner is not None
            asyncio.run_coroutine_threadsafe(lab._runner.cleanup(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()
