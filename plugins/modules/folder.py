#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: folder
short_description: A folder on a Windows host
version_added: 0.1.0
description:
  - Makes sure that a folder exists, with its parents, for example the one into which a log shipping
    secondary copies log backups.
  - Reads C(Test-Path -PathType Container). Sends C(New-Item -ItemType Directory -Force).
  - A folder is never removed and its permissions are not managed.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
notes:
  - Refusal V(bad_path) - O(path) is relative, has characters that Windows does not allow, or is a
    UNC name. Give the local path and run the
    task on the host that holds it.
options:
  path:
    description: Absolute local path of the folder.
    type: str
    required: true
seealso:
  - module: lync.persistent_chat.file_share
  - module: lync.persistent_chat.log_shipping_secondary
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Have a folder for the copied log backups
  lync.persistent_chat.folder:
    path: 'D:\pchat-copied'
  delegate_to: sql-s1.contoso.example

- name: Have one for each database
  lync.persistent_chat.folder:
    path: 'D:\pchat-copied\{{ item }}'
  loop: [mgc, mgccomp]
  delegate_to: sql-s1.contoso.example
"""

RETURN = r"""
state:
  description: Whether the folder exists.
  returned: success
  type: dict
  contains:
    exists:
      description: Whether the folder exists.
      type: bool
      sample: true
  sample: {exists: true}
steps:
  description: What was (or would be) done, with the reason and the exact cmdlet.
  returned: success
  type: list
  elements: dict
  sample:
    - name: make_folder
      why: There is no folder D:\pchat-copied.
      one_way: false
      calls: [New-Item -Path 'D:\pchat-copied' -ItemType 'Directory' -Force]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {exists: false}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {exists: true}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [exists]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: bad_path
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: make_folder
"""
