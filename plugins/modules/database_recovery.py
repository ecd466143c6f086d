#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: database_recovery
short_description: Put a restoring copy to work
version_added: 0.2.0
description:
  - Recovers a restoring copy, provided that it stands exactly at the log sequence number that the
    decision was made for. From then on it has a history of its
    own and no further log can be applied; this is a one-way step.
  - Reads C(sys.databases), C(sys.database_mirroring), the redo position in C(sys.master_files), and
    the restore history in C(msdb). Sends
    C(RESTORE DATABASE ... WITH RECOVERY), and C(SET MULTI_USER) if the copy was closed to its
    users.
  - The batch tests first that the copy is restoring, no mirror, stands at O(expect_lsn) and, with
    O(intent), that this attempt is still the declared one.
  - A copy that is online and was once restored here, or stopped by
    M(lync.persistent_chat.log_tail_backup), is recovered already.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(other_position) - the copy stands elsewhere than at O(expect_lsn), for example because
    a job applied one more log. Look again, then decide anew.
  - Refusal V(not_restoring) - the copy is absent, or online and was never restored here (an empty
    one that C(Install-CsDatabase) made). There is nothing to
    recover.
  - Refusal V(not_online) - O(expect_lsn) is empty and the copy is not in use. Look at it.
  - Refusal V(mirrored) - the copy is a mirror, which is never recovered by hand. Use
    M(lync.persistent_chat.mirror_role) with force, if its principal is lost.
  - Refusals V(bad_lsn) and V(bad_intent) - O(expect_lsn) is not a number, or O(intent) is not the
    id of an attempt. Correct it.
  - Failure V(world_moved) - between look and act a log was applied, the copy changed, or somebody
    declared another attempt. Nothing was changed; look again.
options:
  database:
    description: Name of the database on this instance.
    type: str
    required: true
  expect_lsn:
    description:
      - Where the copy must stand (its redo position).
      - Empty of a copy that is in use already. It is opened to its users, if somebody, or a run
        that was cut off, left it open to administrators only.
    type: str
    default: ''
  pool:
    description: Fully qualified domain name of the Persistent Chat pool, whose declared intent is
      tested.
    type: str
    required: true
  intent:
    description: Id of the attempt that must still be declared on this instance. Empty on an
      instance that does not hold the record.
    type: str
    default: ''
seealso:
  - module: lync.persistent_chat.log_restore
  - module: lync.persistent_chat.dr_intent
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Recover the backup copy, if nothing moved
  lync.persistent_chat.database_recovery:
    database: mgc
    expect_lsn: '37000000013100001'
    pool: chat.contoso.example
    intent: 5d3c2b1a09f84e7d8c6b5a4938271605
  delegate_to: sql-s1.contoso.example
"""

RETURN = r"""
state:
  description: The copy.
  returned: success
  type: dict
  contains:
    database_state:
      description: State as C(sys.databases) tells it, null when there is no such database.
      type: str
      sample: ONLINE
    mirroring_role:
      description: PRINCIPAL or MIRROR, null when the copy is not mirrored.
      type: str
      sample: null
    redo_lsn:
      description: Where a restoring copy stands.
      type: str
      sample: null
    user_access:
      description: Who may be in it (C(user_access_desc) of C(sys.databases)), null when there is no
        such database.
      type: str
      sample: MULTI_USER
    was_restored:
      description: Whether anything was ever restored into a database of this name here, or it was
        stopped once with its tail saved.
      type: bool
      sample: true
  sample: {database_state: ONLINE, mirroring_role: null, redo_lsn: null, was_restored: true}
redo_lsn:
  description: Where the copy stands.
  returned: refusal V(other_position)
  type: str
  sample: '37000000013400001'
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: recover_database
      why: Nothing more can be applied after LSN 37000000013100001; from here on the copy has a
        history of its own.
      one_way: true
      calls: ["USE [master]; ... RESTORE DATABASE [mgc] WITH RECOVERY; ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {database_state: RESTORING, redo_lsn: '37000000013100001'}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {database_state: ONLINE, redo_lsn: null}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [redo_lsn]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: other_position
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: recover_database
"""
