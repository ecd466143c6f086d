#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: kept_session
short_description: Prepare or close the runspace that waits between the tasks of a run
version_added: 0.1.0
description:
  - The modules of this collection keep one runspace for each host between the tasks of a run,
    because opening one costs a process start on the host and, with Lync's module, seconds of
    import. A process of its own holds them, which ends with the run.
  - This module deletes it. The playbooks of the collection end with it; without it the host deletes
    the runspace after three idle minutes.
  - With O(state=present) it has that process begin to open the runspace, and to import Lync's
    module in it by C(Get-CsService -PersistentChatServer), and does not wait for it. The next task
    on the host does, and tells what is wrong with the host if anything is.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.host
options:
  state:
    description: With V(absent) the runspace is deleted, with V(present) it is being opened for the
      tasks to come. Meant for hosts with the management tools of Lync.
    type: str
    choices: [absent, present]
    default: absent
  hosts:
    description: Inventory hosts whose runspaces are meant, all at the same time. Without any, that
      of the task's own host.
    type: list
    elements: str
    default: []
seealso:
  - module: lync.persistent_chat.pool_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Have Lync's module imported while other hosts are asked
  lync.persistent_chat.kept_session:
    hosts: "{{ pchat_estate.management }}"
    state: present

- name: Leave no runspace behind on this host
  lync.persistent_chat.kept_session:

- name: Leave none behind on any host of the pool
  lync.persistent_chat.kept_session:
    hosts: "{{ pchat_estate.hosts }}"
"""

RETURN = r"""
closed:
  description: Whether a runspace was waiting.
  returned: with O(state=absent)
  type: bool
  sample: true
begun:
  description: Whether a runspace is being opened, or is there. False where no process holds them,
    e.g. with the variable C(pchat_keep_sessions) set to false.
  returned: with O(state=present)
  type: bool
  sample: true
"""
