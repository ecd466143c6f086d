# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from collections.abc import Callable

from ..plugin_utils._domain.documents.status import Status
from ..plugin_utils._domain.status import check_line
from ..plugin_utils._domain.status.check_line import Thresholds

DOCUMENTATION = r"""
name: status_check
short_description: A status document as one line for monitoring
version_added: 1.0.0
description:
  - The state (OK, WARNING, CRITICAL or UNKNOWN), a sentence and performance data, in the form that
    Nagios, Icinga, Zabbix and their like read.
  - A critical finding makes it CRITICAL, a warning WARNING. It is UNKNOWN when nothing can be
    concluded or nobody could look. A value that nobody knows is C(U), never 0.
positional: _input
extends_documentation_fragment:
  - lync.persistent_chat.status.monitoring
options:
  why:
    description: Why nobody could look, for an empty document.
    type: str
    default: ''
seealso:
  - plugin: lync.persistent_chat.status_metrics
    plugin_type: filter
  - module: lync.persistent_chat.pool_status
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Show the line
  ansible.builtin.debug:
    msg: "{{ told.document | lync.persistent_chat.status_check(loss_warning=20) }}"
"""

RETURN = r"""
_value:
  description: The line, without its end.
  type: str
"""


class FilterModule:
    def filters(self) -> dict[str, Callable[..., str]]:
        return {"status_check": status_check}


def status_check(
    document: Status,
    loss_warning: int = 30,
    loss_critical: int = 60,
    pool: str = "",
    why: str = "",
) -> str:
    """The line of a status document, or of none."""
    if not document:
        return check_line.unknown(pool, why)
    return check_line.line(document, Thresholds(int(loss_warning), int(loss_critical)))
