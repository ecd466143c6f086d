#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: topology
short_description: A topology document, published and enabled
version_added: 0.1.0
description:
  - Publishes a topology document that Topology Builder wrote, unless everything in it is published
    already, and enables the topology.
  - Compared are the clusters with their machines, the SQL Server instances and the services. All
    other parts of the document are carried
    along, neither read nor written.
  - Reads C(Get-CsTopology -AsXml), C(Test-CsTopology), C(Get-CsService -PersistentChatServer) and
    C(Get-CsPersistentChatState). Sends C(New-Item) and
    C(Set-Content) for the file, C(Publish-CsTopology -FileName) and C(Enable-CsTopology), with
    C(-Force -Confirm:$false).
  - Run it on a host with the Lync Server or Skype for Business Server management tools, with an
    account that may publish a topology.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.pool
notes:
  - Refusal V(bad_document) - O(document) is not well-formed, declares a document type, is no
    topology, or has no such pool. Export it again from
    Topology Builder, or correct O(pool).
  - Refusal V(would_remove) - the published topology has parts that the document lacks; C(extra) of
    the result lists them. Export a fresh
    document and make the change there. Only if they are to go, use O(allow_removals=true).
  - Refusal V(bad_name) - O(pool) is not a fully qualified domain name. Correct it.
  - Failure V(timed_out) - the topology was enabled, but C(Test-CsTopology) still finds faults. Look
    at its output on the host.
  - What only differs in parts that are not compared, such as a mirroring relation, is not
    published. M(lync.persistent_chat.pool_definition) finds such
    differences of the pool.
options:
  document:
    description: The whole text of the document, as Topology Builder saves it (C(.tbxml)) or
      C(Get-CsTopology -AsXml) gives it.
    type: str
    required: true
  path:
    description: File on the host into which the document is written before it is published. Its
      folder is made as needed.
    type: str
    default: 'C:\ProgramData\lync.persistent_chat\topology.xml'
  allow_removals:
    description: Whether publishing may remove machines, SQL Server instances and services from the
      topology.
    type: bool
    default: false
  timeout:
    description: Seconds until the topology must be enabled.
    type: int
    default: 300
seealso:
  - module: lync.persistent_chat.pool_definition
  - module: lync.persistent_chat.replication
  - name: Publish-CsTopology
    description: Reference of the cmdlet.
    link: https://learn.microsoft.com/en-us/powershell/module/skype/publish-cstopology
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Publish the topology that defines the pool
  lync.persistent_chat.topology:
    pool: chat.contoso.example
    document: "{{ lookup('ansible.builtin.file', 'topology.xml') }}"
  delegate_to: fe-n1.contoso.example

- name: Publish one in which servers were removed
  lync.persistent_chat.topology:
    pool: chat.contoso.example
    document: "{{ lookup('ansible.builtin.file', 'topology-smaller.xml') }}"
    path: 'D:\Topology\chat.xml'
    allow_removals: true
  delegate_to: fe-n1.contoso.example
"""

RETURN = r"""
state:
  description: The pool, and how the published topology differs from the document.
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
    missing:
      description: Parts of the document that are not published.
      type: list
      elements: str
      sample: []
    extra:
      description: Published parts that the document lacks.
      type: list
      elements: str
      sample: []
    enabled:
      description: Whether C(Test-CsTopology) finds no fault.
      type: bool
      sample: true
  sample: {published: true, members: [chat-n1.contoso.example, chat-s1.contoso.example], missing:
    [], extra: [], enabled: true}
steps:
  description: What was (or would be) done, with the reason and the exact cmdlets.
  returned: success
  type: list
  elements: dict
  sample:
    - name: enable_topology
      why: A topology that is published and not enabled has no effect.
      one_way: false
      calls: [Enable-CsTopology -Force -Confirm:$false]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {published: false, missing: [machine chat-n1.contoso.example in chat.contoso.example]}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {published: true, missing: []}
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
  sample: would_remove
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: publish_topology
"""
