#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: file_share
short_description: An SMB share, its folder and who may use it
version_added: 0.1.0
description:
  - Makes sure that a host shares a folder and that the accounts of the SQL Servers may use the
    share, as seeding a mirror and log shipping need.
  - Reads C(Get-SmbShare) and C(Get-SmbShareAccess). Sends C(New-Item -ItemType Directory),
    C(New-SmbShare), C(Grant-SmbShareAccess),
    C(Revoke-SmbShareAccess) and C(Remove-SmbShare). Needs Windows Server 2012 or later.
  - Only the rights of the share are managed, not the permissions of the file system under it.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
notes:
  - Refusal V(bad_name) - O(name) has characters that a share cannot have, or an account has blanks
    at its ends. Correct it.
  - Refusal V(bad_path) - O(path) is missing, relative, or itself a share. Give the local folder.
  - Refusal V(bad_access) - a right in O(access) is none of C(read), C(change) and C(full). Correct
    it.
  - Refusal V(other_path) - a share of this name leads to another folder. Choose another name, or
    remove that share first.
  - A new share is made for those whom O(access) names. Where it names nobody, C(New-SmbShare) lets
    Everyone read the new share; O(exact=true) takes that away again.
  - Entries that deny access are neither shown nor changed.
options:
  name:
    description: Name of the share, up to 80 characters. A C($) at its end hides it.
    type: str
    required: true
  path:
    description: The local folder behind the share. It is made when it is not there. Needed with
      O(state=present).
    type: str
  access:
    description:
      - Account (C(DOMAIN\name)) and its right, C(read), C(change) or C(full).
      - A right is raised when it is too low; a higher one is left as it is.
      - For services that run as a local identity, the account is that of the machine, like
        C(CONTOSO\SQL-N1$).
    type: dict
    default: {}
  exact:
    description: Also revokes the access of all accounts that O(access) does not name.
    type: bool
    default: false
  state:
    description: V(present) makes the share, V(absent) removes it. The folder and its files stay in
      either case.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: lync.persistent_chat.folder
  - module: lync.persistent_chat.sql_info
  - module: lync.persistent_chat.log_shipping_primary
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Share a folder for the log backups
  lync.persistent_chat.file_share:
    name: pchat-logs
    path: 'D:\shares\pchat-logs'
    access:
      'CONTOSO\sqlsvc': change
      'CONTOSO\sqlagent': change
  delegate_to: fs-s1.contoso.example

- name: Share a folder for seeding mirrors with nobody else
  lync.persistent_chat.file_share:
    name: pchat-seed$
    path: 'D:\shares\pchat-seed'
    access:
      'CONTOSO\SQL-N1$': change
      'CONTOSO\SQL-N2$': read
    exact: true
  delegate_to: fs-s1.contoso.example

- name: Share it no more
  lync.persistent_chat.file_share:
    name: pchat-seed$
    state: absent
  delegate_to: fs-s1.contoso.example
"""

RETURN = r"""
state:
  description: The share.
  returned: success
  type: dict
  contains:
    share:
      description: The folder and who is let in with which right, null when there is no such share.
      type: dict
      sample: {path: 'D:\shares\pchat-logs', access: {'CONTOSO\sqlsvc': change}}
  sample: {share: {path: 'D:\shares\pchat-logs', access: {'CONTOSO\sqlagent': change,
    'CONTOSO\sqlsvc': change, Everyone: read}}}
steps:
  description: What was (or would be) done, with the reason and the exact cmdlets.
  returned: success
  type: list
  elements: dict
  sample:
    - name: grant_access
      why: CONTOSO\sqlsvc needs change on pchat-logs.
      one_way: false
      calls: [Grant-SmbShareAccess -Name 'pchat-logs' -AccountName 'CONTOSO\sqlsvc' -AccessRight
        'Change' -Force]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {share: null}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {share: {path: 'D:\shares\pchat-logs', access: {Everyone: read}}}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [share]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: other_path
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: grant_access
"""
