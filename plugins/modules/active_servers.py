#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: active_servers
short_description: Which servers of a Persistent Chat pool accept clients
version_added: 0.1.0
description:
  - Sets the list of active servers of a pool. The other servers of the pool stand by.
  - Reads C(Get-CsService -PersistentChatServer) and C(Get-CsPersistentChatState). Sends
    C(Set-CsPersistentChatActiveServer -ActiveServers) with
    C(-Force -Confirm:$false), when the list differs.
  - Run it on a host with the Lync Server or Skype for Business Server management tools.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.pool
notes:
  - Refusal V(too_many_active) - more than 4 servers are named; a pool has at most 4 active ones at
    a time. Take some from O(servers).
  - Refusal V(too_many_servers) - the published pool has more than 8 servers. Remove some in
    Topology Builder.
  - Refusal V(not_a_member) - a server is not among the machines of the published pool; the result
    lists them as C(strangers). Correct O(servers), or add
    the machine in Topology Builder and publish.
  - Refusal V(time_zone) - by O(utc_offsets) a server stands in another time zone than the next hop.
    Choose others, or set the machine's time zone.
  - Refusal V(pool_not_found) - the published topology has no such pool; C(known_pools) lists those
    it has. Correct O(pool), or publish the pool.
  - Refusal V(bad_name) - O(pool) is not a fully qualified domain name. Correct it.
options:
  servers:
    description:
      - Fully qualified domain names of exactly the servers that are to accept clients, as the
        topology names them.
      - An empty list lets nobody in, which is how failover and failback begin. It is sent as
        C($null).
    type: list
    elements: str
    required: true
  utc_offsets:
    description:
      - Minutes from UTC of each server, by its fully qualified domain name, as
        M(lync.persistent_chat.host_info) reads them.
      - Compared with O(next_hop_utc_offset); a server that is not listed here is not compared.
    type: dict
    default: {}
  next_hop_utc_offset:
    description: Minutes from UTC of the pool's next hop, a Front End server. Without it time zones
      are not compared.
    type: int
seealso:
  - module: lync.persistent_chat.pool_state
  - module: lync.persistent_chat.pool_info
  - name: Set-CsPersistentChatActiveServer
    description: Reference of the cmdlet.
    link: https://learn.microsoft.com/en-us/powershell/module/skype/set-cspersistentchatactiveserver
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Let two servers in each data centre accept clients
  lync.persistent_chat.active_servers:
    pool: chat.contoso.example
    servers:
      - chat-n1.contoso.example
      - chat-n2.contoso.example
      - chat-s1.contoso.example
      - chat-s2.contoso.example
  delegate_to: fe-n1.contoso.example

- name: Let nobody in before the failover
  lync.persistent_chat.active_servers:
    pool: chat.contoso.example
    servers: []
  delegate_to: fe-s1.contoso.example

- name: Use only servers in the time zone of the next hop
  lync.persistent_chat.active_servers:
    pool: chat.contoso.example
    servers: [chat-s1.contoso.example]
    utc_offsets:
      chat-s1.contoso.example: 60
    next_hop_utc_offset: 60
  delegate_to: fe-s1.contoso.example
"""

RETURN = r"""
state:
  description: The pool; RV(state.members) are all its servers, RV(state.active) those that accept
    clients.
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
    active: [chat-n1.contoso.example]
    pool_state: Normal
    state_identity: PersistentChatServer:chat.contoso.example
    known_pools: [chat.contoso.example]
steps:
  description: What was (or would be) done, with the reason and the exact cmdlet.
  returned: success
  type: list
  elements: dict
  sample:
    - name: set_active_servers
      why: no server accepts clients now.
      one_way: false
      calls:
        - Set-CsPersistentChatActiveServer -Identity 'PersistentChatServer:chat.contoso.example'
          -ActiveServers 'chat-n1.contoso.example' -Force ...
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {published: true, active: [], pool_state: Normal}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {published: true, active: [chat-n1.contoso.example], pool_state: Normal}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [active]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: not_a_member
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: set_active_servers
"""
