# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from collections.abc import Callable, Sequence

from ansible import context
from ansible.errors import AnsibleFilterError

from ..plugin_utils._action.whole_run import Chosen, refusal

DOCUMENTATION = r"""
name: whole_run
short_description: Hosts of a play, unless the run is told to leave a part of it out
version_added: 1.0.0
description:
  - Gives back what it was given, and fails when ansible-playbook was called with C(--start-at-task)
    or C(--step), or with C(--tags) or C(--skip-tags) that name something else than the parts that
    the playbook has.
  - For C(hosts) of the first play, which Ansible looks at even where it leaves out every task.
positional: _input, parts
options:
  _input:
    description: Hosts of the play.
    type: raw
    required: true
  parts:
    description: Tags by which a part of the playbook can be carried out alone.
    type: list
    elements: str
    default: []
seealso:
  - module: lync.persistent_chat.inventory_check
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Fail over, or do nothing at all
  hosts: "{{ 'pchat_management' | lync.persistent_chat.whole_run }}"
  gather_facts: false
  tasks:
    - name: Fail over
      ansible.builtin.include_role:
        name: lync.persistent_chat.failover
"""

RETURN = r"""
_value:
  description: What was given.
  type: raw
"""


class FilterModule:
    def filters(self) -> dict[str, Callable[..., str]]:
        return {"whole_run": whole_run}


def whole_run(hosts: str, parts: Sequence[str] = ()) -> str:
    """The hosts. AnsibleFilterError where a part is left out that is none of ``parts``."""
    told = context.CLIARGS
    chosen = Chosen(
        tags=tuple(told.get("tags") or ("all",)),
        skipped=tuple(told.get("skip_tags") or ()),
        start=str(told.get("start_at_task") or ""),
        step=bool(told.get("step")),
    )
    sentence = refusal(chosen, tuple(map(str, parts)))
    if sentence:
        raise AnsibleFilterError(sentence)
    return hosts
