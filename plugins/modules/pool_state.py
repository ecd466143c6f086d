#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: pool_state
short_description: Whether a Persistent Chat pool uses its primary or its backup store
version_added: 0.1.0
description:
  - Sets the state of a pool. In C(Normal) it uses its primary SQL Server store (or the mirror of
    it), in C(FailedOver) its backup store.
  - Reads C(Get-CsService -PersistentChatServer) and C(Get-CsPersistentChatState). Sends
    C(Set-CsPersistentChatState -PoolState) with
    C(-Force -Confirm:$false), and waits until the state is told back.
  - This is one step of a failover or failback. It moves no data and looks at no database; the plays
    of the collection do the others.
  - Run it on a host with the Lync Server or Skype for Business Server management tools.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.pool
notes:
  - Refusal V(pool_not_found) - the published topology has no such pool; C(known_pools) lists those
    it has. Correct O(pool), or publish the pool.
  - Refusal V(bad_name) - O(pool) is not a fully qualified domain name. Correct it.
  - Failure V(timed_out) - the state was sent and not told back in time. Look at the central
    management store, then run again.
options:
  state:
    description: The store that the pool is to use - V(normal) the primary one, V(failed_over) the
      backup one.
    type: str
    choices: [normal, failed_over]
    default: normal
  timeout:
    description: Seconds until the new state must be told back.
    type: int
    default: 300
seealso:
  - module: lync.persistent_chat.active_servers
  - module: lync.persistent_chat.pool_info
  - name: Set-CsPersistentChatState
    description: Reference of the cmdlet.
    link: https://learn.microsoft.com/en-us/powershell/module/skype/set-cspersistentchatstate
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Let the pool use its backup store
  lync.persistent_chat.pool_state:
    pool: chat.contoso.example
    state: failed_over
  delegate_to: fe-s1.contoso.example

- name: Let it use its primary store again
  lync.persistent_chat.pool_state:
    pool: chat.contoso.example
    state: normal
    timeout: 600
  delegate_to: fe-n1.contoso.example
"""

RETURN = r"""
state:
  description: The pool.
  returned: success
  type: dict
  contains:
    published:
      description: Whether the published topology has the pool.
      type: bool
      sample: true
    identity:
      description: Identity of the pool's service.
      type: str
      sample: PersistentChatServer:chat.contoso.example
    members:
      description: All servers of the pool.
      type: list
      elements: str
      sample: [chat-n1.contoso.example, chat-s1.contoso.example]
    active:
      description: The servers that accept clients.
      type: list
      elements: str
      sample: [chat-n1.contoso.example]
    pool_state:
      description: Whether the pool uses its primary or its backup store.
      type: str
      sample: Normal
    state_identity:
      description: Identity by which the state is set.
      type: str
      sample: PersistentChatServer:chat.contoso.example
    known_pools:
      description: All Persistent Chat pools of the published topology.
      type: list
      elements: str
      sample: [chat.contoso.example]
  sample:
    published: true
    identity: PersistentChatServer:chat.contoso.example
    members: [chat-n1.contoso.example, chat-s1.contoso.example]
    active: []
    pool_state: FailedOver
    state_identity: PersistentChatServer:chat.contoso.example
    known_pools: [chat.contoso.example]
steps:
  description: What was (or would be) done, with the reason and the exact cmdlet.
  returned: success
  type: list
  elements: dict
  sample:
    - name: set_pool_state
      why: The pool is Normal; it is to use its backup store.
      one_way: false
      calls: [Set-CsPersistentChatState -Identity 'PersistentChatServer:chat.contoso.example'
        -PoolState 'FailedOver' -Force -Confirm:$false]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {published: true, pool_state: Normal}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {published: true, pool_state: FailedOver}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [pool_state]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: pool_not_found
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: set_pool_state
"""
