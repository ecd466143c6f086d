"""Resources made from options as an action would make them, and what their plans say."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Step

HOST = "sql-s1.contoso.example"
POOL = "chat.contoso.example"
ATTEMPT = "5d3c2b1a09f84e7d8c6b5a4938271605"
OTHER_ATTEMPT = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


def make(resource: t.Any, spec: dict[str, t.Any], **options: t.Any) -> t.Any:
    """With the defaults of its spec for what is not given."""
    assert set(options) <= set(spec)
    return resource(
        {name: options.get(name, detail.get("default")) for name, detail in spec.items()}, HOST
    )


def names(steps: list[Step]) -> list[str]:
    return [s.name for s in steps]


def texts(steps: list[Step]) -> str:
    """All T-SQL and cmdlets of the steps."""
    return "\n".join(str(c) for s in steps for c in s.calls)


def refusal(what: t.Callable[[], t.Any]) -> Refused:
    with pytest.raises(Refused) as caught:
        what()
    return caught.value


class Answers:
    """A session whose reads are answered from a list, one entry for each call to ``read``; an
    exception is raised.
    """

    def __init__(self, *answers: t.Any) -> None:
        self.answers, self.asked = list(answers), []

    def read(self, *calls: t.Any) -> t.Any:
        self.asked.append(calls)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        assert len(answer) == len(calls)
        return answer
