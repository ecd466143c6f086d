"""A query of the status document is evaluated, or refused with a sentence: however it is written,
it ends.
"""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.action import pool_status
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._action.base import Refused

DOCUMENT = {"situation": {"name": "Healthy"}, "warnings": ["a", "b"]}


@pytest.mark.parametrize(
    ("query", "found"),
    [("situation.name", "Healthy"), ("length(warnings)", 2), ("nothing.there", None)],
)
def test_a_query_selects(query, found):
    assert pool_status._search(query, DOCUMENT) == found


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("warnings[", "not a JMESPath expression"),
        ("length(@.situation.name, `1`)", "not a JMESPath expression"),
        ("nosuch(@)", "not a JMESPath expression"),
        ("!" * 9000 + "a", "nested too deep"),
        ("(" * 4900 + "a" + ")" * 4900, "nested too deep"),
        ("[" * 4900 + "a" + "]" * 4900, "nested too deep"),
        ("a || " * 1900 + "a", "nested too deep"),
        ("a" * 10_001, "at most 10000"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(query, said):
    with pytest.raises(Refused, match=said) as refused:
        pool_status._search(query, {**DOCUMENT, "a": None})
    assert refused.value.code == "bad_query"
    assert len(str(refused.value)) < 12_000
