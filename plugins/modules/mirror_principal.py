#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: mirror_principal
short_description: Which SQL Server of a mirrored pair is principal, by Lync's own cmdlet
version_added: 0.1.0
description:
  - Makes the primary or the mirror store of a pool the principal of one database, and waits until
    the partners are synchronized again.
  - Reads C(Get-CsService -PersistentChatServer) and C(Get-CsDatabaseMirrorState). Sends
    C(Invoke-CsDatabaseFailover -NewPrincipal) with C(-Confirm:$false).
  - Run it on a host with the Lync Server or Skype for Business Server management tools.
    M(lync.persistent_chat.mirror_role) does the same by T-SQL, on a
    SQL Server itself.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.mirroring_modules
  - lync.persistent_chat.pool
notes:
  - Refusal V(not_mirrored) - the database is not mirrored, the pool is not published, or neither
    partner answers. Mirror it, or look at both SQL Servers.
  - Refusal V(not_synchronized) - a switch now would lose data or fail, and the partners do not
    become synchronized by themselves. Look at the session. Only if the principal is lost,
    use O(force=true).
  - Refusal V(bad_name) - O(pool) is not a fully qualified domain name. Correct it.
  - Failure V(timed_out) - the switch was sent and did not settle in time. Look at the session, then
    run again.
  - A forced switch is a one-way step; what the lost principal had not sent is lost.
options:
  database:
    description: V(mgc) holds the chat content, V(mgccomp) the compliance data.
    type: str
    choices: [mgc, mgccomp]
    required: true
  principal:
    description: The slot of the topology whose SQL Server is to be principal - the pool's primary
      store or the mirror of it.
    type: str
    choices: [primary, mirror]
    required: true
  primary_sql:
    description:
      - The SQL Server in the primary slot, C(host.domain) or C(host.domain\instance).
      - Only with both names can a check run tell later tasks on these SQL Servers about the switch.
    type: str
  mirror_sql:
    description: The SQL Server in the mirror slot, in the same form as O(primary_sql).
    type: str
  expect_mirrored:
    description: Takes a database that is not mirrored for one whose principal is the primary. Meant
      for check runs (C(ansible_check_mode)), in which an
      earlier task would have mirrored it.
    type: bool
    default: false
  force:
    description: Allows the switch although the partners are not synchronized (C(-Force)). May lose
      data.
    type: bool
    default: false
  wait:
    description: Whether the task ends only when the partners are synchronized again. Otherwise it
      ends when the new principal is there; a later switch waits first until they are.
    type: bool
    default: true
  timeout:
    description: Seconds until the new principal must be there, and synchronized unless the switch
      was forced or O(wait=false). A session that is synchronizing is waited for as long before it
      is switched.
    type: int
    default: 300
seealso:
  - module: lync.persistent_chat.mirror_role
  - module: lync.persistent_chat.mirror_database
  - name: Invoke-CsDatabaseFailover
    description: Reference of the cmdlet.
    link: https://learn.microsoft.com/en-us/powershell/module/skype/invoke-csdatabasefailover
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Make the mirror the principal of the chat database before maintenance of sql-n1
  lync.persistent_chat.mirror_principal:
    pool: chat.contoso.example
    database: mgc
    principal: mirror
    primary_sql: sql-n1.contoso.example
    mirror_sql: sql-n2.contoso.example
  delegate_to: fe-n1.contoso.example

- name: Go back to the primary
  lync.persistent_chat.mirror_principal:
    pool: chat.contoso.example
    database: mgc
    principal: primary
    timeout: 600
  delegate_to: fe-n1.contoso.example
"""

RETURN = r"""
state:
  description: The mirror as Lync sees it.
  returned: success
  type: dict
  contains:
    principal:
      description: The slot of the topology whose copy is principal, V(primary) or V(mirror).
      type: str
      sample: mirror
    synchronized:
      description: Whether the copies are synchronized.
      type: bool
      sample: true
    status:
      description: What the partners tell of the session.
      type: list
      elements: str
      sample: [synchronized]
  sample: {principal: mirror, synchronized: true, status: [synchronized]}
steps:
  description: What was (or would be) done, with the reason and the exact cmdlet.
  returned: success
  type: list
  elements: dict
  sample:
    - name: switch_principal
      why: The primary is principal of mgc, and the mirror is to be.
      one_way: false
      calls: [Invoke-CsDatabaseFailover -PoolFqdn 'chat.contoso.example' -DatabaseType
        'PersistentChat' -NewPrincipal 'Mirror' -Confirm:$false]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {principal: primary, synchronized: true, status: [synchronized]}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {principal: mirror, synchronized: true, status: [synchronized]}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [principal]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: not_synchronized
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: switch_principal
"""
