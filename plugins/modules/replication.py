#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: replication
short_description: Wait until machines have the newest configuration
version_added: 0.1.0
description:
  - Makes sure that the configuration in the central management store has reached the given
    machines. Where it has not,
    replication is asked for and waited for.
  - Reads C(Get-CsManagementStoreReplicationStatus). Sends C(Invoke-CsManagementStoreReplication
    -ReplicaFqdn) for each machine that is late.
  - Run it on a host with the Lync Server or Skype for Business Server management tools.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.pool
notes:
  - Refusal V(bad_name) - O(pool) is not a fully qualified domain name. Correct it.
  - Failure V(timed_out) - a machine does not get the configuration. Check that it is up, that its
    replica service runs, and that
    the topology has it. A machine that the topology does not have never gets there.
options:
  servers:
    description: Fully qualified domain names of the machines, as the topology names them.
    type: list
    elements: str
    required: true
  timeout:
    description: Seconds until all machines must have the configuration.
    type: int
    default: 900
seealso:
  - module: lync.persistent_chat.topology
  - module: lync.persistent_chat.pool_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Wait until the chat servers have the new topology
  lync.persistent_chat.replication:
    pool: chat.contoso.example
    servers:
      - chat-n1.contoso.example
      - chat-s1.contoso.example
  delegate_to: fe-n1.contoso.example

- name: Wait longer over a slow line
  lync.persistent_chat.replication:
    pool: chat.contoso.example
    servers: [chat-s1.contoso.example]
    timeout: 3600
  delegate_to: fe-n1.contoso.example
"""

RETURN = r"""
state:
  description: The machines.
  returned: success
  type: dict
  contains:
    replicas:
      description: Whether each machine has the newest configuration; null for one that the topology
        does not have.
      type: dict
      sample: {chat-n1.contoso.example: true, chat-s1.contoso.example: true}
  sample: {replicas: {chat-n1.contoso.example: true, chat-s1.contoso.example: true}}
steps:
  description: What was (or would be) done, with the reason and the exact cmdlets.
  returned: success
  type: list
  elements: dict
  sample:
    - name: replicate
      why: The configuration has not reached chat-s1.contoso.example.
      one_way: false
      calls: [Invoke-CsManagementStoreReplication -ReplicaFqdn 'chat-s1.contoso.example']
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {replicas: {chat-s1.contoso.example: false}}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {replicas: {chat-s1.contoso.example: true}}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [replicas]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: timed_out
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: replicate
"""
