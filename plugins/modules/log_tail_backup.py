#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: log_tail_backup
short_description: The last of a log, saved in the statement that stops the copy
version_added: 0.2.0
description:
  - Backs up the tail of the log and leaves the copy C(RESTORING), in one statement, so that nothing
    can be written that was not saved. This is how a planned
    switchover and a failback lose nothing. A one-way step.
  - Reads C(sys.databases), C(sys.database_mirroring) and the backup history in C(msdb). The tail is
    recognised by the stamp of its attempt, so a second run
    finds it and does nothing.
  - Sends C(ALTER DATABASE ... SET RESTRICTED_USER WITH ROLLBACK IMMEDIATE), which ends the
    sessions, and C(BACKUP LOG ... WITH NORECOVERY, CHECKSUM). The batch
    tests first that the copy is online and not mirrored, and with O(holds_intent=true) that this
    attempt is still the declared one.
  - The file is C(<directory>\<database>_<id>-<kind>.trn).
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(not_online) - the copy is absent or restoring and has no tail of this attempt. Only an
    online copy has one.
  - Refusal V(mirrored) - C(BACKUP LOG ... WITH NORECOVERY) is not allowed on a mirrored database.
    Remove the session first.
  - Refusal V(bad_intent) - O(id) is not 32 hexadecimal digits in lower case. Correct it.
  - Refusal V(bad_path) - O(directory) is not an absolute path or UNC name. Correct it.
  - Failure V(world_moved) - between look and act the copy changed, or somebody declared another
    attempt. Nothing was changed; look again.
  - When the backup fails after sessions were ended, for example because the share is gone, the
    batch opens the database to its users
    again and says so if it could not. Run again.
options:
  database:
    description: Name of the database on this instance.
    type: str
    required: true
  directory:
    description: Folder or share for the file, seen from this SQL Server.
    type: str
    required: true
  id:
    description: Id of the attempt, 32 hexadecimal digits in lower case. It goes into the file name
      and the name of the backup set.
    type: str
    required: true
  pool:
    description: Fully qualified domain name of the Persistent Chat pool, whose declared intent is
      tested.
    type: str
    required: true
  kind:
    description: V(tail) for the log that another copy needs; V(old) when an old copy is stopped
      that nobody needs any more. It goes into the file name
      and the name of the backup set.
    type: str
    choices: [tail, old]
    default: tail
  holds_intent:
    description: Whether this instance holds the record of the intent
      (M(lync.persistent_chat.dr_intent)), so that the batch can test it.
    type: bool
    default: false
seealso:
  - module: lync.persistent_chat.dr_intent
  - module: lync.persistent_chat.log_restore
  - module: lync.persistent_chat.database_recovery
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Stop the backup copy on the way home, with its last log saved
  lync.persistent_chat.log_tail_backup:
    database: mgc
    directory: '\\fs-s1.contoso.example\pchat-logs'
    id: 5d3c2b1a09f84e7d8c6b5a4938271605
    pool: chat.contoso.example
    holds_intent: true
  delegate_to: sql-s1.contoso.example
  register: stopped

- name: Apply it on the primary
  lync.persistent_chat.log_restore:
    database: mgc
    files: ["{{ stopped.state.tail }}"]
  delegate_to: sql-n1.contoso.example
"""

RETURN = r"""
state:
  description: The copy and the tail of this attempt.
  returned: success
  type: dict
  contains:
    database_state:
      description: State as C(sys.databases) tells it, null when there is no such database.
      type: str
      sample: RESTORING
    mirroring_role:
      description: PRINCIPAL or MIRROR, null when the copy is not mirrored.
      type: str
      sample: null
    tail:
      description: The backup set, as M(lync.persistent_chat.log_restore) takes it; null when this
        attempt took none.
      type: dict
      sample:
        path: '\\fs-s1.contoso.example\pchat-logs\mgc_5d3c2b1a09f84e7d8c6b5a4938271605-tail.trn'
        position: 1
        first_lsn: '37000000013100001'
        last_lsn: '37000000013400001'
        uuid: 0B6B7B1F-6D5A-4F0C-9E54-5D9C1F1C2A11
  sample: {database_state: RESTORING, mirroring_role: null, tail: {path:
    '\\fs-s1.contoso.example\pchat-logs\mgc_5d3c2b1a09f84e7d8c6b5a4938271605-tail.trn'}}
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: back_up_tail
      why: 'The last of the log is saved in the statement that stops this copy: nobody can write to
        it any more.'
      one_way: true
      calls: ["USE [master]; ... BACKUP LOG [mgc] TO DISK = N'...-tail.trn' WITH INIT, FORMAT,
        NORECOVERY, CHECKSUM, ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {database_state: ONLINE, tail: null}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {database_state: RESTORING}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [database_state]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: mirrored
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: back_up_tail
"""
