#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: mirroring
short_description: A database mirroring session, as one of its instances sees it
version_added: 0.1.0
description:
  - Sets up and looks after the mirroring session of one database by T-SQL. A session is begun on
    the restoring copy first, with O(role=mirror), and then on
    the online one, with O(role=principal).
  - Once there is a session, its present roles do not matter. Settings are looked after where the
    principal happens to be; a task on the mirror leaves
    them alone.
  - Reads C(sys.databases) and C(sys.database_mirroring). Sends C(ALTER DATABASE ... SET PARTNER),
    C(SET PARTNER SAFETY), C(SET PARTNER TIMEOUT),
    C(SET PARTNER RESUME), C(SET PARTNER OFF) and C(SET WITNESS). Each batch tests first that the
    copy is what was planned for.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.mirroring_modules
  - lync.persistent_chat.sql
notes:
  - Refusal V(no_database) - the instance has no such database. Seed the mirror with
    M(lync.persistent_chat.database_restore), or install the principal.
  - Refusal V(not_restoring) - the copy that is to become the mirror is not RESTORING. Restore it
    from the principal's backups.
  - Refusal V(not_online) - the copy that is to become the principal is not ONLINE. Check which
    instance holds the working copy.
  - Refusal V(simple_recovery) - mirroring needs FULL recovery and a log backup since.
    M(lync.persistent_chat.database_backup) can do both.
  - Refusal V(other_partner) - the database is mirrored with somebody else. Remove that session with
    O(state=absent), if it is not wanted.
  - Refusal V(not_synchronized) - a witness can be set only while the session is SYNCHRONIZED. Wait,
    or repair the session.
  - Refusal V(witness_without_safety) - a witness with O(safety=off) would never fail over and can
    stop the principal. Use V(full), or no witness.
  - Refusal V(world_moved) - with O(state=absent), the copy does not have the role O(expect_role)
    any more. Look again.
  - Refusal V(bad_address) - O(partner) is missing or is this host, or an address is not like
    C(TCP://host.domain:port). Correct it.
  - Failure V(timed_out) - the copies did not become SYNCHRONIZED, or the session was suspended or
    removed meanwhile. Look at the error log of both
    instances, then run again.
  - On a restoring copy that has no session yet, the address is stored by every run, so the task is
    changed until the principal has called.
options:
  database:
    description: Name of the database, the same on both instances.
    type: str
    required: true
  role:
    description: The part that this instance takes when the session is begun.
    type: str
    choices: [principal, mirror]
    default: principal
  expect_role:
    description: With O(state=absent), the role that this copy must have for its session to be
      removed. Partners may have changed roles since somebody looked, and a copy that is the mirror
      by then would be left behind.
    type: str
    choices: [principal, mirror]
  partner:
    description: Address of the other instance's mirroring endpoint, like C(TCP://host.domain:port),
      without an instance name. Needed with O(state=present).
    type: str
  witness:
    description: Address of the witness's endpoint. The empty string means none, and removes one
      that is there.
    type: str
    default: ''
  safety:
    description: V(full) is synchronous and allows failover without loss, V(off) is asynchronous
      (Enterprise edition only).
    type: str
    choices: [full, 'off']
    default: full
  timeout:
    description: Seconds without an answer after which the partner counts as lost (C(PARTNER
      TIMEOUT)). SQL Server takes at least 5; less is raised to 5.
    type: int
    default: 10
  resume:
    description: Whether a suspended session is resumed. It may have been suspended by hand or by an
      error, so this must be asked for.
    type: bool
    default: false
  wait:
    description: Whether the task ends only when the copies are SYNCHRONIZED and have their witness.
      Otherwise it begins a session and does nothing else; a later task, which waits, does the rest.
    type: bool
    default: true
  sync_timeout:
    description: Seconds until the copies must be SYNCHRONIZED after the session was begun or
      resumed.
    type: int
    default: 3600
  state:
    description: V(present) keeps the session, V(absent) removes it, which is a one-way step. The
      mirror's copy is left restoring.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: lync.persistent_chat.mirroring_endpoint
  - module: lync.persistent_chat.database_restore
  - module: lync.persistent_chat.mirror_role
  - name: ALTER DATABASE database mirroring
    description: Reference of the statements.
    link:
      https://learn.microsoft.com/en-us/sql/t-sql/statements/alter-database-transact-sql-database-mirroring
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Tell the restored copy its partner
  lync.persistent_chat.mirroring:
    database: mgc
    role: mirror
    partner: TCP://sql-n1.contoso.example:5022
  delegate_to: sql-n2.contoso.example

- name: Mirror the chat database, with a witness
  lync.persistent_chat.mirroring:
    database: mgc
    role: principal
    partner: TCP://sql-n2.contoso.example:5022
    witness: TCP://sql-n3.contoso.example:7022
  delegate_to: sql-n1.contoso.example

- name: Let a suspended session go on
  lync.persistent_chat.mirroring:
    database: mgc
    partner: TCP://sql-n2.contoso.example:5022
    witness: TCP://sql-n3.contoso.example:7022
    resume: true
  delegate_to: sql-n1.contoso.example

- name: Mirror the compliance database no more
  lync.persistent_chat.mirroring:
    database: mgccomp
    state: absent
  delegate_to: sql-n1.contoso.example
"""

RETURN = r"""
state:
  description: The copy on this instance; all values are null when there is none.
  returned: success
  type: dict
  contains:
    database_state:
      description: State as C(sys.databases) tells it, null when there is no such database.
      type: str
      sample: ONLINE
    recovery_model:
      description: FULL, BULK_LOGGED or SIMPLE.
      type: str
      sample: FULL
    mirroring_role:
      description: PRINCIPAL or MIRROR.
      type: str
      sample: PRINCIPAL
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
  sample: {database_state: ONLINE, recovery_model: FULL, mirroring_role: PRINCIPAL, mirroring_state:
    SYNCHRONIZED, mirroring_safety: FULL}
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: set_partner
      why: mgc has one copy only; sql-n2.contoso.example holds a restored one.
      one_way: false
      calls: ["USE [master]; ... ALTER DATABASE [mgc] SET PARTNER =
        N'TCP://sql-n2.contoso.example:5022'; ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {database_state: ONLINE, mirroring_role: null}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {database_state: ONLINE, mirroring_role: PRINCIPAL}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [recovery_model]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: not_restoring
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: set_partner
"""
