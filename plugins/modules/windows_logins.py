#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: windows_logins
short_description: Let those in who use a database on another SQL Server
version_added: 1.0.0
description:
  - A copy of a database carries its users and not the logins that they belong to, so after a switch
    of roles or a failover an account could not open the database that it is sent to. This makes the
    missing logins of Windows accounts and groups, known by their SIDs.
  - Reads C(sys.server_principals). Sends C(CREATE LOGIN ... FROM WINDOWS). No login is ever changed
    or dropped, and none with a password of SQL Server's own is made, since that password would have
    to be handed over.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(bad_account) - one of O(sids) is no SID. The message names it; correct it.
options:
  sids:
    description: SIDs in hexadecimal digits, as M(lync.persistent_chat.sql_info) tells them of the
      users of a database.
    type: list
    elements: str
    required: true
seealso:
  - module: lync.persistent_chat.sql_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Let the users of mgc in on the mirror
  lync.persistent_chat.windows_logins:
    sids: "{{ primary.state.databases.mgc.users | map(attribute='sid') | list }}"
  delegate_to: sql-n2.contoso.example
"""

RETURN = r"""
state:
  description: Who may log on.
  returned: success
  type: dict
  contains:
    logins:
      description: Those of O(sids) that have a login, by their names.
      type: list
      elements: str
      sample: ['CONTOSO\RTC Users']
    missing:
      description: Those that have none.
      type: list
      elements: str
      sample: []
    unknown:
      description: SIDs that Windows does not know, such as those of SQL Server's own logins.
      type: list
      elements: str
      sample: []
  sample: {logins: ['CONTOSO\RTC Users'], missing: [], unknown: []}
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: create_login
      why: CONTOSO\RTC Users uses a database of the pool and has no login here.
      one_way: false
      calls: ['... CREATE LOGIN [CONTOSO\RTC Users] FROM WINDOWS; ...']
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {missing: ['CONTOSO\RTC Users']}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {missing: []}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [logins]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(timed_out), V(unreachable) and V(library_missing).
  returned: failure
  type: str
  sample: sql_failed
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: create_login
"""
