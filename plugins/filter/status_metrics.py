# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from collections.abc import Callable

from ..plugin_utils._domain.documents.status import Status
from ..plugin_utils._domain.status import metrics
from ..plugin_utils._domain.status.check_line import Thresholds

DOCUMENTATION = r"""
name: status_metrics
short_description: A status document as metrics of Prometheus
version_added: 1.0.0
description:
  - The text that Prometheus reads, for the textfile collector of its node exporter or any web
    server.
  - A value that nobody knows is NaN, never 0; durations are seconds.
positional: _input
extends_documentation_fragment:
  - lync.persistent_chat.status.monitoring
options:
  written_at:
    description: Seconds since 1970, by the controller's clock.
    type: int
    default: 0
seealso:
  - plugin: lync.persistent_chat.status_check
    plugin_type: filter
  - module: lync.persistent_chat.pool_status
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Show the metrics
  ansible.builtin.debug:
    msg: "{{ told.document | lync.persistent_chat.status_metrics(written_at=now().timestamp()) }}"
"""

RETURN = r"""
_value:
  description: The text, with the end of its last line.
  type: str
"""


class FilterModule:
    def filters(self) -> dict[str, Callable[..., str]]:
        return {"status_metrics": status_metrics}


def status_metrics(
    document: Status,
    loss_warning: int = 30,
    loss_critical: int = 60,
    pool: str = "",
    written_at: float = 0,
) -> str:
    """The metrics of a status document, or of none."""
    if not document:
        return metrics.unknown(pool, int(written_at))
    limits = Thresholds(int(loss_warning), int(loss_critical))
    return metrics.text(document, limits, int(written_at))
