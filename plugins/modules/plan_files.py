#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: plan_files
short_description: The plan of a check run as files for review
version_added: 1.0.0
description:
  - Writes what the tasks of this check run would send, as files on the controller, in a folder
    named after the pool - C(plan.md) with every step in order and why, and for each host the exact
    T-SQL (C(HOST.sql), C(HOST_INSTANCE.sql)) and the exact cmdlets (C(HOST.ps1)).
  - What only the run itself can know, such as the LSN of a backup, is written
    C((known after the step)), and marked. Secrets are never written.
  - Tasks keep what they would send when the variable C(pchat_plan_folder) is set. Files of an
    earlier check that stand in the folder are replaced; others are left alone.
  - Connects to no host. Use C(when=ansible_check_mode).
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.controller
  - lync.persistent_chat.pool
attributes:
  check_mode:
    description: The files are written in check mode, which is what they are for.
    support: none
notes:
  - Refusal V(plan_unwritable) - the folder or a file in it cannot be written.
options:
  folder:
    description: Folder on the controller, made for its owner alone when it is not there.
    type: path
    required: true
  operation:
    description: What was checked, such as V(site) or V(failover); it stands in the headings.
    type: str
    required: true
  lines:
    description: Lines that stand before the steps, such as
      RV(lync.persistent_chat.dr_plan#module:lines).
    type: list
    elements: str
    default: []
seealso:
  - module: lync.persistent_chat.dr_plan
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Have the plan reviewed
  lync.persistent_chat.plan_files:
    folder: "{{ pchat_plan_folder }}"
    pool: "{{ pchat_pool }}"
    operation: failover
    lines: "{{ plan.lines }}"
  when: ansible_check_mode
"""

RETURN = r"""
folder:
  description: Where the files are.
  returned: success
  type: str
  sample: /srv/review/chat.contoso.example
files:
  description: Their names.
  returned: success
  type: list
  elements: str
  sample: [fe-s1.contoso.example.ps1, plan.md, sql-s1.contoso.example.sql]
planned:
  description: How many steps are planned.
  returned: success
  type: int
  sample: 21
code:
  description: Stable code of the failure, V(plan_unwritable).
  returned: failure
  type: str
  sample: plan_unwritable
"""
