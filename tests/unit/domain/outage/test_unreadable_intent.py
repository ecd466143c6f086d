"""A record of an attempt that nobody can read stops every operation, whatever stands in it.

tests/integration/test_unreadable_intent.py shows it on the lab.
"""

from __future__ import annotations

import pytest
from unit.domain.outage.estates import healthy, refused, site_lost

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    dr_intent,
)

RECORDS = ["ops is on it", '{"target": "failback"}', '["failover"]']


@pytest.mark.parametrize("estate", [healthy, site_lost])
@pytest.mark.parametrize("operation", ["failover", "failback", "mirror_failover"])
@pytest.mark.parametrize("record", RECORDS)
def test_no_operation_goes_past_a_record_that_nobody_can_read(record, operation, estate):
    intent, why = dr_intent.parse(record)
    assert intent is None
    said = refused(estate(intent_why=why), "intent_unreadable", operation, mode="planned")
    assert "EXEC sys.sp_dropextendedproperty @name = N'pchat_intent " in said
