#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: pool_definition
short_description: The published pool compared with the declared one
version_added: 0.1.0
description:
  - Compares what the published topology says of a Persistent Chat pool with what is declared, and
    gives a work order for Topology Builder when they differ.
    No cmdlet can make these changes, so this module never changes anything.
  - Reads C(Get-CsService -PersistentChatServer) and C(Get-CsPersistentChatState).
  - Run it on a host with the Lync Server or Skype for Business Server management tools.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.pool
notes:
  - Refusal V(work_order) - the pool is not defined as declared. The message and the list
    C(work_order) of the result say, box by box, what to set in Topology
    Builder. Do that, publish, and run again; or correct the inventory.
  - Refusal V(pool_not_found) - the published topology has no such pool; C(known_pools) lists those
    it has. Correct O(pool), or define and publish the pool.
  - Refusal V(bad_name) - O(pool) is not a fully qualified domain name. Correct it.
  - Witnesses are not compared, because C(Get-CsService) does not show them in the pool's service.
options:
  members:
    description: Fully qualified domain names of exactly the servers of the pool.
    type: list
    elements: str
    required: true
  stores:
    description:
      - The SQL Server stores of the chat content, by slot - C(primary), C(mirror), C(backup),
        C(backup_mirror).
      - Each is C(host.domain) or C(host.domain\instance). A slot that is left out must be empty in
        the topology.
    type: dict
    required: true
  compliance:
    description: Whether the pool keeps compliance data.
    type: bool
    default: false
  compliance_stores:
    description: The stores of the compliance data, in the same form. Without it, the same as
      O(stores). Looked at only with O(compliance=true).
    type: dict
  next_hop:
    description: Fully qualified domain name of the Front End pool that is the next hop. Without it,
      not compared.
    type: str
  file_store:
    description: Server of the pool's file store, as C(Get-CsService) names it after the colon.
      Without it, not compared.
    type: str
seealso:
  - module: lync.persistent_chat.topology
  - module: lync.persistent_chat.pool_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Check that the pool is defined as declared
  lync.persistent_chat.pool_definition:
    pool: chat.contoso.example
    members:
      - chat-n1.contoso.example
      - chat-n2.contoso.example
      - chat-s1.contoso.example
      - chat-s2.contoso.example
    stores:
      primary: sql-n1.contoso.example
      mirror: sql-n2.contoso.example
      backup: sql-s1.contoso.example
      backup_mirror: sql-s2.contoso.example
    compliance: true
    next_hop: fepool-n.contoso.example
  delegate_to: fe-n1.contoso.example

- name: Keep the work order instead of failing
  lync.persistent_chat.pool_definition:
    pool: chat.contoso.example
    members: [chat-n1.contoso.example, chat-s1.contoso.example]
    stores:
      primary: 'sql-n1.contoso.example\CHAT'
      mirror: 'sql-n2.contoso.example\CHAT'
      backup: 'sql-s1.contoso.example\CHAT'
  delegate_to: fe-n1.contoso.example
  register: definition
  failed_when:
    - definition is failed
    - definition.code != 'work_order'
"""

RETURN = r"""
state:
  description: The published pool.
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
  sample:
    published: true
    members: [chat-n1.contoso.example, chat-s1.contoso.example]
    stores: {primary: sql-n1.contoso.example, mirror: sql-n2.contoso.example, backup:
      sql-s1.contoso.example, backup_mirror: null}
    compliance_stores: null
    next_hop: fepool-n.contoso.example
steps:
  description: Always empty.
  returned: success
  type: list
  elements: dict
  sample: []
work_order:
  description: What to set in Topology Builder.
  returned: failure with the code V(work_order)
  type: list
  elements: str
  sample:
    - Add the computer chat-s2.contoso.example to the pool.
    - Set the next hop to fepool-n.contoso.example (it is fepool-s.contoso.example).
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {published: true}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {published: true}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
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
  sample: work_order
"""
