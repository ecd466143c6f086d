#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: mirroring_endpoint
short_description: The database mirroring endpoint of an instance
version_added: 0.1.0
description:
  - Makes sure that an instance has a mirroring endpoint that is started, requires encryption with
    AES, serves the wanted role, and lets the accounts of
    its partners connect.
  - One endpoint serves all mirrored databases of an instance. An existing one keeps its name, port
    and owner, and only what mirroring cannot do without
    is changed; RV(state.endpoint) tells the port to use in addresses.
  - Reads C(sys.database_mirroring_endpoints), C(sys.server_permissions) and
    C(sys.dm_tcp_listener_states), and before an endpoint is made
    C(Get-NetTCPConnection -LocalPort).
  - Sends C(CREATE ENDPOINT), C(ALTER ENDPOINT), C(DROP ENDPOINT), C(CREATE LOGIN ... FROM WINDOWS)
    and C(GRANT CONNECT ON ENDPOINT).
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.mirroring_modules
  - lync.persistent_chat.sql
notes:
  - Refusal V(edition) - an Express edition can only be a witness. Use another instance, or
    O(role=witness).
  - Refusal V(login_missing) - there is no login O(owner) on the instance. Create it, or leave
    O(owner) out.
  - Refusal V(port_taken) - something else listens on O(port) on this host. Choose another port, or
    free it.
  - Refusal V(bad_port), V(bad_name) or V(bad_account) - an option cannot be used. The message names
    it; correct it.
  - Failure V(timed_out) - the endpoint was made or started and does not listen within 15 seconds.
    Look at the error log of the instance.
  - Altering the role or the encryption drops live mirroring sessions for a moment.
  - With O(state=absent), an endpoint over which a database is mirrored is not dropped; the code is
    V(world_moved). Remove the sessions first.
  - The firewall is not managed. The port must be open between the partners and the witness.
options:
  name:
    description: Name of the endpoint when it is made.
    type: str
    default: Mirroring
  port:
    description: TCP port of the endpoint when it is made, 1 to 65535.
    type: int
    default: 5022
  role:
    description: What the instance may be in mirroring sessions. An existing endpoint with a
      narrower role is widened, never narrowed.
    type: str
    choices: [all, partner, witness]
    default: all
  owner:
    description:
      - Login that owns the endpoint when it is made.
      - Without it the built-in administrator does (SID C(0x01), usually called C(sa)), which may be
        renamed or disabled and, unlike a person's login,
        cannot be deleted.
    type: str
    default: ''
  connect:
    description:
      - Windows accounts, like C(DOMAIN\name), that may connect,
        RV(lync.persistent_chat.sql_info#module:state.service_account) of the other instances.
      - Logins are created as needed. Access that others have is left as it is.
    type: list
    elements: str
    default: []
  state:
    description: V(present) keeps the endpoint, V(absent) drops it.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: lync.persistent_chat.mirroring
  - module: lync.persistent_chat.sql_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Open the endpoint of the principal to the mirror and the witness
  lync.persistent_chat.mirroring_endpoint:
    connect:
      - 'CONTOSO\sqlsvc'
      - 'CONTOSO\SQL-N3$'
  delegate_to: sql-n1.contoso.example

- name: Open the endpoint of the witness on a port of its own
  lync.persistent_chat.mirroring_endpoint:
    port: 7022
    role: witness
    connect: ['CONTOSO\sqlsvc']
  delegate_to: sql-n3.contoso.example

- name: Drop the endpoint of a former partner
  lync.persistent_chat.mirroring_endpoint:
    state: absent
  delegate_to: sql-n2.contoso.example
"""

RETURN = r"""
state:
  description: The endpoint.
  returned: success
  type: dict
  contains:
    endpoint:
      description: The endpoint, null when there is none. C(listening) is null on SQL Server 2008
        and 2008 R2, which cannot tell.
      type: dict
      sample: {name: Mirroring, port: 5022, state: STARTED, role: ALL, algorithm: AES, owner: sa,
        listening: true}
    connect:
      description: Accounts that may connect.
      type: list
      elements: str
      sample: ['CONTOSO\sqlsvc']
    edition:
      description: Edition of the instance.
      type: str
      sample: Standard Edition (64-bit)
    version:
      description: Product version of the instance.
      type: str
      sample: 11.0.6020.0
    owner:
      description: The login that would own a new endpoint, null when there is no such login.
      type: str
      sample: sa
    port_taken:
      description: Whether something listens on the port although there is no endpoint.
      type: bool
      sample: false
  sample:
    endpoint: {name: Mirroring, port: 5022, state: STARTED, role: ALL, algorithm: AES, owner: sa,
      listening: true}
    connect: ['CONTOSO\sqlsvc']
    edition: Standard Edition (64-bit)
    port_taken: false
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: create_endpoint
      why: The instance has no mirroring endpoint, so no partner can reach it.
      one_way: false
      calls: ["USE [master]; ... CREATE ENDPOINT [Mirroring] AUTHORIZATION [sa] STATE = STARTED AS
        TCP (LISTENER_PORT = 5022) FOR DATABASE_MIRRORING ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {endpoint: null, connect: []}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {endpoint: {name: Mirroring, port: 5022}, connect: ['CONTOSO\sqlsvc']}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [endpoint]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: port_taken
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: create_endpoint
"""
