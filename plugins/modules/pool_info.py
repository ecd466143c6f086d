#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: pool_info
short_description: What the central management store says of a Persistent Chat pool
version_added: 0.1.0
description:
  - Reads the servers, the active servers, the state, the stores and the next hop of a pool, and how
    far replication of the configuration is.
  - Sends C(Get-CsService -PersistentChatServer), C(Get-CsPersistentChatState) and
    C(Get-CsManagementStoreReplicationStatus), the latter also with
    C(-CentralManagementStoreStatus), in one pipeline. Nothing is changed.
  - Run it on a host with the Lync Server or Skype for Business Server management tools.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.pool
notes:
  - Refusal V(bad_name) - O(pool) is not a fully qualified domain name. Correct it.
  - A pool that is not published is no failure; RV(state.published) is then false.
seealso:
  - module: lync.persistent_chat.pool_status
  - module: lync.persistent_chat.pool_definition
  - module: lync.persistent_chat.sql_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Read the pool
  lync.persistent_chat.pool_info:
    pool: chat.contoso.example
  delegate_to: fe-n1.contoso.example
  register: read_pool

- name: Stop when the pool runs on its backup store
  ansible.builtin.assert:
    that: read_pool.state.pool_state == 'Normal'

- name: Read it from the other data centre, when the first one is lost
  lync.persistent_chat.pool_info:
    pool: chat.contoso.example
  delegate_to: fe-s1.contoso.example
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
    stores:
      description: The SQL Server stores of the chat content by slot, null for an empty slot.
      type: dict
      sample: {primary: sql-n1.contoso.example, mirror: sql-n2.contoso.example, backup:
        sql-s1.contoso.example, backup_mirror: null}
    compliance_stores:
      description: The stores of the compliance data in the same form, null when the pool keeps
        none.
      type: dict
      sample: null
    next_hop:
      description: The Front End pool through which clients come.
      type: str
      sample: fepool-n.contoso.example
    file_store:
      description: Server of the file store.
      type: str
      sample: fs-s1.contoso.example
    mtls_port:
      description: SIP port of the servers of the pool (MTLS).
      type: int
      sample: 5041
    replication:
      description: Every machine that gets the configuration, whether it has the newest one, and
        when it was last updated.
      type: dict
      sample: {chat-n1.contoso.example: {up_to_date: true, last_update: '2015-06-01T08:00:00Z'}}
    cms:
      description: The machine that is the active master of the central management store.
      type: str
      sample: fe-n1.contoso.example
  sample:
    published: true
    identity: PersistentChatServer:chat.contoso.example
    members: [chat-n1.contoso.example, chat-s1.contoso.example]
    active: [chat-n1.contoso.example]
    pool_state: Normal
    stores: {primary: sql-n1.contoso.example, mirror: sql-n2.contoso.example, backup:
      sql-s1.contoso.example, backup_mirror: null}
    cms: fe-n1.contoso.example
assumed:
  description: The keys of RV(state) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [published]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: bad_name
"""
