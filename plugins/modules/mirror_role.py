#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: mirror_role
short_description: The role of this instance's copy of a mirrored database
version_added: 0.1.0
description:
  - Switches the roles of a mirrored pair by T-SQL. A switch without loss is asked of the principal;
    forced service is asked of the mirror, when the
    principal is lost.
  - Reads C(sys.databases) and C(sys.database_mirroring). Sends C(ALTER DATABASE ... SET PARTNER
    FAILOVER) or C(SET PARTNER
    FORCE_SERVICE_ALLOW_DATA_LOSS). The batch tests first that the copy still has the role that was
    planned for.
  - Works without Lync's tools and without the Front End servers.
    M(lync.persistent_chat.mirror_principal) does the same by Lync's cmdlet.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.mirroring_modules
  - lync.persistent_chat.sql
notes:
  - Refusal V(not_mirrored) - the database is not mirrored on this instance. Set it up with
    M(lync.persistent_chat.mirroring).
  - Refusal V(not_synchronized) - roles switch without loss only when the session is SYNCHRONIZED
    with safety FULL. Wait, or repair the session.
  - Refusal V(ask_the_principal) - this copy is the mirror; only the principal, named in
    C(principal) of the result, can hand over without loss. Run the task
    there with O(role=mirror). If that instance is gone for good, use O(force=true) here.
  - Refusal V(partner_alive) - O(force=true), but the session is not DISCONNECTED. Switch without
    force.
  - Refusal V(bad_name) - O(database) or O(sql_instance) cannot be a name. Correct it.
  - Failure V(timed_out) - the switch was sent and did not settle in time. Look at the session, then
    run again.
options:
  database:
    description: Name of the mirrored database.
    type: str
    required: true
  role:
    description: The role that the copy on this instance is to have.
    type: str
    choices: [principal, mirror]
    required: true
  force:
    description: Forces service on a mirror whose principal is lost. A one-way step that loses what
      the principal had not sent.
    type: bool
    default: false
  timeout:
    description: Seconds until the copy must have the role, and be synchronized if it is the mirror.
    type: int
    default: 300
seealso:
  - module: lync.persistent_chat.mirroring
  - module: lync.persistent_chat.mirror_principal
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Hand the chat database over to the partner, without loss
  lync.persistent_chat.mirror_role:
    database: mgc
    role: mirror
  delegate_to: sql-n1.contoso.example

- name: The principal is lost for good, so put this copy to work
  lync.persistent_chat.mirror_role:
    database: mgc
    role: principal
    force: true
    timeout: 600
  delegate_to: sql-n2.contoso.example
"""

RETURN = r"""
state:
  description: The copy on this instance.
  returned: success
  type: dict
  contains:
    database_state:
      description: State as C(sys.databases) tells it, null when there is no such database.
      type: str
      sample: RESTORING
    recovery_model:
      description: FULL, BULK_LOGGED or SIMPLE.
      type: str
      sample: FULL
    mirroring_role:
      description: PRINCIPAL or MIRROR.
      type: str
      sample: MIRROR
    mirroring_state:
      description: State of the session.
      type: str
      sample: SYNCHRONIZED
    mirroring_partner:
      description: Address of the other instance.
      type: str
      sample: TCP://sql-n2.contoso.example:5022
    mirroring_safety:
      description: FULL or OFF.
      type: str
      sample: FULL
    mirroring_witness:
      description: Address of the witness, null without one.
      type: str
      sample: TCP://sql-n3.contoso.example:7022
    mirroring_witness_state:
      description: Whether the witness is connected.
      type: str
      sample: CONNECTED
    mirroring_timeout:
      description: Seconds without an answer after which the partner counts as lost.
      type: int
      sample: 10
  sample: {database_state: RESTORING, mirroring_role: MIRROR, mirroring_state: SYNCHRONIZED,
    mirroring_partner: 'TCP://sql-n2.contoso.example:5022'}
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: fail_over
      why: This copy of mgc is the principal and sql-n2.contoso.example is to be.
      one_way: false
      calls: ["USE [master]; ... ALTER DATABASE [mgc] SET PARTNER FAILOVER; ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {database_state: ONLINE, mirroring_role: PRINCIPAL}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {database_state: RESTORING, mirroring_role: MIRROR}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [mirroring_role]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: ask_the_principal
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: fail_over
"""
