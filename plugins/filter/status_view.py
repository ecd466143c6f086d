# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import datetime as dt
import json
import pathlib
import socket
import typing as t
from collections.abc import Callable, Mapping, Sequence

import yaml

from ..plugin_utils._domain.documents.status import Status
from ..plugin_utils._domain.status.page import view
from ..plugin_utils._domain.status.page.made import Limits, Made
from ..plugin_utils._engine.plain import plain

DOCUMENTATION = r"""
name: status_view
short_description: A status document as a page shows it
version_added: 0.2.0
description:
  - Turns the document of M(lync.persistent_chat.pool_status) into the words, states and coordinates
    from which the role lync.persistent_chat.status writes its
    page, for whoever wants to write another one.
  - Whatever hosts said is in it as they said it. Escape it.
positional: _input, history, made_at, inventory
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
  inventory:
    description: The inventories of the run, as C(ansible_inventory_sources) has them. Commands of
      the page name them.
    type: list
    elements: str
    default: []
  loss_warning:
    description: Minutes of loss from which on a figure deserves a look.
    type: int
    default: 30
  loss_critical:
    description: Minutes of loss from which on it is bad.
    type: int
    default: 60
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


def status_view(
    document: Status,
    history: str = "",
    made_at: str = "",
    inventory: Sequence[str] = (),
    loss_warning: int = 30,
    loss_critical: int = 60,
) -> Mapping[str, t.Any]:
    """What a page shows of a status document."""
    made = Made(
        at=made_at,
        controller=socket.gethostname(),
        inventory=tuple(plain(list(inventory))),
        version=_version(),
        local=dt.datetime.astimezone,
    )
    return view.view(document, history, made, Limits(int(loss_warning), int(loss_critical)))


def _version() -> str:
    """Of this collection, as it is installed or checked out; '' when no file tells."""
    root = pathlib.Path(__file__).resolve().parents[2]
    installed = root / "MANIFEST.json"
    if installed.is_file():
        told = json.loads(installed.read_text(encoding="utf-8"))
        return str(told["collection_info"]["version"])
    checked_out = root / "galaxy.yml"
    if not checked_out.is_file():
        return ""
    return str(yaml.safe_load(checked_out.read_text(encoding="utf-8"))["version"])
