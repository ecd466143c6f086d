#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: database_restore
short_description: A restoring copy of a database from a chain of backups
version_added: 0.1.0
description:
  - Makes sure that an instance holds a copy of a database that descends from the given full backup,
    has all the given log backups, and is left
    C(RESTORING), ready to become a mirror or a log shipping secondary.
  - Reads C(sys.databases), C(sys.database_mirroring), C(sys.master_files), the restore history in
    C(msdb) and the log shipping tables.
  - A copy is recognised by the ids of the
    backup sets that were restored into it, so a run that was cut off goes on where it stopped.
  - Sends C(RESTORE DATABASE ... WITH NORECOVERY) and C(RESTORE LOG ... WITH NORECOVERY). The batch
    tests first that the copy is in the state
    that was planned for, not mirrored and not in use.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(bad_chain) - O(chain) is not one full backup followed by log backups. Pass
    RV(lync.persistent_chat.database_backup#module:state.chain).
  - Refusal V(mirrored) - the copy takes part in a mirroring session. Remove the session first, if
    it is not wanted.
  - Refusal V(would_overwrite) - a database of this name exists and O(replace) is false, or it is in
    use, or it was restored and recovered here (it may be
    the copy that a failover put to work), or it is in a state such as SUSPECT. Look at it; use
    O(replace=true) or drop it yourself, if it may go.
  - Refusal V(bad_path) - a path is not absolute. Correct it.
  - Replacing an existing copy is a one-way step.
options:
  database:
    description: Name of the database on this instance.
    type: str
    required: true
  chain:
    description: The full backup and the log backups to restore, in order, as
      RV(lync.persistent_chat.database_backup#module:state.chain) tells them.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: The file, seen from this SQL Server.
        type: str
        required: true
      position:
        description: Number of the backup set in the file (C(FILE)).
        type: int
        default: 1
      type:
        description: Kind of backup.
        type: str
        choices: [full, log]
        required: true
      first_lsn:
        description: First log sequence number. For reading only.
        type: str
      last_lsn:
        description: Last log sequence number. For reading only.
        type: str
      uuid:
        description: Id of the backup set, by which it is recognised in the restore history. A link
          without one is always restored.
        type: str
      family:
        description: Family of the database that was backed up. An online copy of the same family
          was put to work, whatever the restore history says.
        type: str
  replace:
    description: Whether an existing copy may be overwritten that nobody uses, that is not mirrored
      and that was never recovered from a restore,
      such as the empty one that C(Install-CsDatabase) made.
    type: bool
    default: false
  replace_recovered:
    description: Whether O(replace) goes for a copy as well that was once restored and recovered
      here. Only for whoever knows that the pool does not run on it,
      as the failback does.
    type: bool
    default: false
  verify:
    description: Whether the full backup is verified (C(RESTORE VERIFYONLY)) before it replaces an
      existing copy.
    type: bool
    default: false
  move:
    description:
      - Logical file name and the path on this SQL Server where that file goes (C(MOVE ... TO)).
      - Where a file that is not named goes is computed from O(files).
    type: dict
    default: {}
  files:
    description:
      - The files of the database that was backed up,
        RV(lync.persistent_chat.database_backup#module:state.files).
      - A file of an existing copy keeps its place, another one goes where the backup has it, if
        that folder is there and no other database uses the file, and
        otherwise to this instance's default folder for data or logs.
      - Without them, files that O(move) does not name keep the path of the backup.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Logical name.
        type: str
        required: true
      type:
        description: Kind of file.
        type: str
        choices: [ROWS, LOG, FILESTREAM, FULLTEXT]
        default: ROWS
      path:
        description: Where it is on the SQL Server that was backed up.
        type: str
        required: true
seealso:
  - module: lync.persistent_chat.database_backup
  - module: lync.persistent_chat.mirroring
  - module: lync.persistent_chat.log_shipping_secondary
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Back up the chat database on the principal
  lync.persistent_chat.database_backup:
    database: mgc
    directory: '\\fs-s1.contoso.example\pchat-seed'
    stamp: mirror_seed
  delegate_to: sql-n1.contoso.example
  register: seed

- name: Restore it on the mirror
  lync.persistent_chat.database_restore:
    database: mgc
    chain: "{{ seed.state.chain }}"
    files: "{{ seed.state.files }}"
  delegate_to: sql-n2.contoso.example

- name: Seed the log shipping secondary over the empty database that was installed there
  lync.persistent_chat.database_restore:
    database: mgc
    chain:
      - path: '\\fs-s1.contoso.example\pchat-logs\mgc_secondary_seed.bak'
        type: full
        uuid: 0B6B7B1F-6D5A-4F0C-9E54-5D9C1F1C2A11
    replace: true
    move:
      mgc_data: 'D:\CsData\mgc.mdf'
      mgc_log: 'L:\CsLogs\mgc.ldf'
  delegate_to: sql-s1.contoso.example
"""

RETURN = r"""
state:
  description: The copy on this instance; RV(state.database_state) is null when there is none.
  returned: success
  type: dict
  contains:
    database_state:
      description: State as C(sys.databases) tells it.
      type: str
      sample: RESTORING
    mirroring_role:
      description: PRINCIPAL or MIRROR, null when the copy is not mirrored.
      type: str
      sample: MIRROR
    sessions:
      description: Sessions of others in the database.
      type: int
      sample: 0
    is_log_shipping_secondary:
      description: Whether log shipping feeds it.
      type: bool
      sample: false
    restored:
      description: Ids of the backup sets that were restored into a restoring copy since, and with,
        the last full backup.
      type: list
      elements: str
      sample: [0B6B7B1F-6D5A-4F0C-9E54-5D9C1F1C2A11]
    redo_lsn:
      description: Where a restoring copy stands.
      type: str
      sample: '37000000013100001'
    family:
      description: Family of the copy.
      type: str
      sample: 5B3C6C0E-8B0F-4B57-9D0A-7C2E3C1E4A55
    was_recovered:
      description: Whether the copy is online, and was restored since it was made or put to work by
        a failover, as the record beside the intent says.
      type: bool
      sample: false
    moves:
      description: Of a full restore that is to come, the files that cannot lie where the backup has
        them, and where they go.
      type: dict
      sample: {mgc: 'E:\Data\mgc.mdf'}
  sample:
    database_state: RESTORING
    mirroring_role: null
    sessions: 0
    is_log_shipping_secondary: false
    restored: [0B6B7B1F-6D5A-4F0C-9E54-5D9C1F1C2A11]
    was_recovered: false
    moves: {}
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: restore_database
      why: There is no copy of mgc here.
      one_way: false
      calls: ["USE [master]; ... RESTORE DATABASE [mgc] FROM DISK =
        N'\\\\fs-s1.contoso.example\\pchat-seed\\mgc_mirror_seed.bak' WITH FILE = 1 ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {database_state: null, restored: []}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {database_state: RESTORING, restored: [0B6B7B1F-6D5A-4F0C-9E54-5D9C1F1C2A11]}
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
  sample: would_overwrite
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: restore_log
"""
