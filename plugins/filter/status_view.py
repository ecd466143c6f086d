# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping

from ..plugin_utils._domain.documents.status import Status
from ..plugin_utils._domain.status.page import view

DOCUMENTATION = r"""
name: status_view
short_description: A status document as a page shows it
version_added: 0.2.0
description:
  - Turns the document of M(lync.persistent_chat.pool_status) into the words, states and coordinates
    from which the role lync.persistent_chat.status writes its
    page, for whoever wants to write another one.
  - Whatever hosts said is in it as they said it. Escape it.
positional: _input, history
options:
  _input:
    description: The RV(lync.persistent_chat.pool_status#module:document) of the pool.
    type: dict
    required: true
  history:
    description: Text of the history file, as P(lync.persistent_chat.status_history#filter) returns
      it. Runs of other pools are left out.
    type: str
    default: ''
  made_at:
    description: When the page is made, by the controller's clock, as ISO 8601.
    type: str
    default: ''
seealso:
  - plugin: lync.persistent_chat.status_history
    plugin_type: filter
  - module: lync.persistent_chat.pool_status
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Show the key figures only
  ansible.builtin.debug:
    msg: "{{ (told.document | lync.persistent_chat.status_view).tiles }}"
"""

RETURN = r"""
_value:
  description:
    - What a page shows. C(drawings) are two pictures of the estate, wide and narrow, as boxes,
      links and texts with their coordinates; C(charts) the lag over
      the runs of the history.
    - A state is good, warn, bad, idle or unknown, and the word beside it says the same without
      colour.
  type: dict
"""


class FilterModule:
    def filters(self) -> dict[str, Callable[..., t.Any]]:
        return {"status_view": status_view}


def status_view(document: Status, history: str = "", made_at: str = "") -> Mapping[str, t.Any]:
    """What a page shows of a status document."""
    return view.view(document, history, made_at)
