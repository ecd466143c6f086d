"""What a question comes to, whatever becomes of the session in which it is asked."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._action.others import (
    Heard,
    Question,
    answers,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.views import View
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    CmdletMissing,
    TimedOut,
    Unreachable,
)

MISSING = CmdletMissing("Test-NetConnection is not there", cmdlet="Test-NetConnection")
SILENCE = TimedOut("still running", waited=2)
GONE = Unreachable("no answer", attempted_open=True)
VIEW = View("chat-s1", "sql-n1", 1433)


class Session:
    """``begun``, ``told``: what the two calls answer, or raise."""

    is_owned = True

    def __init__(self, begun, told):
        self.begun = begun
        self.told = told

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def read(self, *calls):
        return self._answer(self.begun)

    def read_within(self, seconds, *calls):
        return self._answer(self.told)

    def _answer(self, what):
        if isinstance(what, Exception):
            raise what
        return [[what]]


@pytest.mark.parametrize(
    ("begun", "told", "reaches"),
    [
        (True, True, True),
        (True, False, False),
        # nobody answers there
        (True, SILENCE, False),
        # the cmdlet is missing, the watcher itself is silent, or gone by now: it cannot tell
        (MISSING, True, None),
        (SILENCE, True, None),
        (GONE, True, None),
        (True, GONE, None),
        (True, RuntimeError("odd"), None),
    ],
)
def test_silence_is_no_and_all_else_that_fails_cannot_tell(begun, told, reaches):
    other, own = ("sql-n1.contoso.example", 1433), ("chat-s1.contoso.example", 5985)
    question = Question(other, own, Session(begun, told), 2)
    assert answers({VIEW: question}, 5.0) == {"chat-s1": {"sql-n1": reaches}}


def test_what_could_not_be_asked_is_unknown():
    assert answers({VIEW: None}, 5.0) == {"chat-s1": {"sql-n1": None}}


def test_who_has_answered_is_known_while_the_others_are_waited_for():
    heard = Heard()
    read = heard.noting(lambda name, session: name)
    assert read("chat-s2", None) == "chat-s2"
    assert heard.first(("chat-s1", "chat-s2"), 5.0) == "chat-s2"
    assert heard.first(("chat-s1",), 0.0) is None
    assert heard.silent(("chat-s2",), 5.0) == ()
    assert heard.silent(("chat-s1", "chat-s2"), 0.0) == ("chat-s1",)
