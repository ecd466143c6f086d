#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: central_store
short_description: The central management store, moved when it is lost
version_added: 0.2.0
description:
  - Makes sure that the central management store answers. A store that answers is left where it is;
    a planned move belongs to the Lync administrator.
  - Reads C(Get-CsManagementStoreReplicationStatus -CentralManagementStoreStatus). Sends
    C(Invoke-CsManagementServerFailover -BackupSqlServerFqdn ... -Force), on a management host of
    the site that is left.
  - Waits until the store answers.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
notes:
  - Works only in a pair of Front End pools that was set up for it (pool pairing), which is Lync's
    own disaster recovery and a requirement of a stretched
    Persistent Chat pool. The SQL Server must be the backup store of that pair.
  - Refusal V(bad_name) - O(sql_server) is empty. Name the SQL Server that is to hold the store.
  - Failure V(timed_out) - the store was moved and does not answer in time. Look at the master's
    services, then run again.
options:
  sql_server:
    description: FQDN of the SQL Server that is to hold the central management store.
    type: str
    required: true
  instance:
    description: Its instance, empty for the default one.
    type: str
    default: ''
  timeout:
    description: Seconds until the store must answer.
    type: int
    default: 600
  pool:
    description: FQDN of a Persistent Chat pool that later tasks of a check run act on. With this
      and the following options the task predicts what they would
      find in the store once it answers. Without it they cannot be planned in a check run while the
      store is lost.
    type: str
    default: ''
  identity:
    description: Identity of that pool's service. For predictions only.
    type: str
    default: ''
  members:
    description: FQDNs of that pool's servers. For predictions only.
    type: list
    elements: str
    default: []
  pool_state:
    description: State of that pool as a replica tells it. For predictions only.
    type: str
    default: ''
seealso:
  - module: lync.persistent_chat.dr_info
  - module: lync.persistent_chat.pool_state
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Move the store to the backup site, if it is lost
  lync.persistent_chat.central_store:
    sql_server: sql-fe-s1.contoso.example
    instance: rtc
  delegate_to: fe-s1.contoso.example
"""

RETURN = r"""
state:
  description: The store.
  returned: success
  type: dict
  contains:
    answers:
      description: Whether it answers this host.
      type: bool
      sample: true
    master:
      description: FQDN of the host of the active store, null when it does not answer.
      type: str
      sample: fe-s1.contoso.example
  sample: {answers: true, master: fe-s1.contoso.example}
steps:
  description: What was (or would be) done, with the reason and the exact cmdlets.
  returned: success
  type: list
  elements: dict
  sample:
    - name: fail_over_store
      why: The central management store does not answer.
      one_way: false
      calls: ["Invoke-CsManagementServerFailover -BackupSqlServerFqdn 'sql-fe-s1.contoso.example'
        -BackupSqlInstanceName 'rtc' -Force -Confirm:$false"]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {answers: false, master: null}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {answers: true, master: fe-s1.contoso.example}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [answers]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(timed_out), V(unreachable) and
      V(library_missing).
  returned: failure
  type: str
  sample: bad_name
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: fail_over_store
"""
