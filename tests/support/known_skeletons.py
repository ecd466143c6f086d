"""Skeletons of pipelines that are written once for all runs of a process that forks for each.

A run writes each shape of a pipeline once, which is a tenth of the processor time of the process
that holds its runspaces. The same shape becomes the same skeleton in every run.
"""

from __future__ import annotations

import importlib
import pickle
import typing as t

from support.learned import Learned

SKELETONS = "ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.skeletons"
#: Of all runs together; one run has a few dozen.
MOST = 100_000


class KnownSkeletons:
    """Those of this process, and of all that tell in the same file."""

    def __init__(self, learned: Learned) -> None:
        self._learned = learned
        self._known: dict[t.Any, t.Any] = {}
        self._module: t.Any = importlib.import_module(SKELETONS)

    def learn(self) -> None:
        """What others had to write."""
        for record in self._learned.news():
            shape, skeleton = pickle.loads(record)
            self._known[shape] = skeleton

    def install(self) -> None:
        """From here on this process writes what nobody has written, and tells it."""
        learned = self._learned
        kept = self._module.Skeletons
        written = kept.written

        def told(skeletons: t.Any, shape: t.Any, texts: t.Any, write: t.Any) -> bytes:
            was_known = shape in skeletons._known
            message: bytes = written(skeletons, shape, texts, write)
            if not was_known:
                learned.tell(pickle.dumps((shape, skeletons._known[shape])))
            return message

        self._module.shared()._known.update(self._known)
        self._module.MOST = MOST
        kept.written = told
