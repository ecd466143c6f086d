# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import typing as t
from collections.abc import Callable

from ..plugin_utils._domain.documents.status import Status
from ..plugin_utils._domain.status.page import history

DOCUMENTATION = r"""
name: status_history
short_description: A history of status runs with one more run
version_added: 0.2.0
description:
  - Appends one line of JSON for a status document to the text of a history file, and drops the
    oldest lines beyond a number.
  - A line has C(at), C(pool), C(situation), C(backup_minutes), C(copy_minutes), C(restore_minutes)
    and C(loss_minutes); unknown is null, never 0.
  - Lines that are no such JSON, or of another pool, are dropped.
positional: _input, document
options:
  _input:
    description: Text of the history file; empty for none yet.
    type: str
    required: true
  document:
    description: The RV(lync.persistent_chat.pool_status#module:document) of the pool.
    type: dict
    required: true
  made_at:
    description: When the run was made, by the controller's clock, as ISO 8601; for a document whose
      time is unknown.
    type: str
    default: ''
  keep:
    description: Number of runs to keep.
    type: int
    default: 500
seealso:
  - plugin: lync.persistent_chat.status_view
    plugin_type: filter
  - module: lync.persistent_chat.pool_status
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: One line of a history
  ansible.builtin.debug:
    msg: "{{ '' | lync.persistent_chat.status_history(told.document) }}"
"""

RETURN = r"""
_value:
  description: The text with one more line.
  type: str
"""


class FilterModule:
    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"status_history": status_history}


def status_history(text: str, document: Status, made_at: str = "", keep: int = 500) -> str:
    """The text of a history file with one more line, for the run that this document is of."""
    return history.appended(text, document, made_at, int(keep))
