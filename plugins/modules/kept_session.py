#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: kept_session
short_description: Close the runspace that waits between the tasks of a run
version_added: 0.1.0
description:
  - The modules of this collection keep one runspace for each host between the tasks of a run,
    because opening one costs a process start on the host and, with Lync's module, seconds of
    import. A process of its own holds them, which ends with the run.
  - This module deletes it. The playbooks of the collection end with it; without it the host deletes
    the runspace after three idle minutes.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.host
options:
  state:
    description: The runspace is deleted.
    type: str
    choices: [absent]
    default: absent
  hosts:
    description: Inventory hosts whose runspaces are deleted, all at the same time. Without any,
      that of the task's own host.
    type: list
    elements: str
    default: []
seealso:
  - module: lync.persistent_chat.pool_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Leave no runspace behind on this host
  lync.persistent_chat.kept_session:

- name: Leave none behind on any host of the pool
  lync.persistent_chat.kept_session:
    hosts: "{{ pchat_estate.hosts }}"
"""

RETURN = r"""
closed:
  description: Whether a runspace was waiting.
  returned: success
  type: bool
  sample: true
"""
