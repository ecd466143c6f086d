#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: database_backup
short_description: A stamped full backup and the log backups since
version_added: 0.1.0
description:
  - Makes sure that there is a full backup of a database under a known name that is young enough, of
    the present recovery fork, and followed by log
    backups without a gap. RV(state.chain) is what M(lync.persistent_chat.database_restore) takes.
  - Reads C(sys.databases), C(sys.database_recovery_status) and the backup history in C(msdb). The
    chain holds every log backup since the full one, whoever
    took it.
  - Sends C(BACKUP DATABASE) and C(BACKUP LOG) C(TO DISK) C(WITH INIT, FORMAT, NAME), and C(ALTER
    DATABASE ... SET RECOVERY FULL) when that is allowed. Each
    batch tests first that the database is still online.
  - The files are C(<directory>\<database>_<stamp>.bak) and C(.trn); older ones of the same stamp
    are overwritten.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(no_database) - the instance has no such database. Install it first, or correct
    O(database).
  - Refusal V(not_online) - the copy on this instance cannot be backed up, for example because it is
    the mirror. Run the task on the principal.
  - Refusal V(simple_recovery) - the recovery model is not FULL. Set it, or allow that with
    O(manage_recovery_model=true).
  - Refusal V(bad_name) - O(stamp) has other characters than letters, digits, C(_) and C(-), or more
    than 40 of them. Correct it.
  - Refusal V(bad_path) - O(directory) is not an absolute path or UNC name. Correct it.
  - With O(log=true) the log backup is part of the database's only log chain. Log shipping that is
    configured already misses it on its secondary.
options:
  database:
    description: Name of the database.
    type: str
    required: true
  directory:
    description: Folder for the files, seen from the SQL Server. With a UNC name, the partners can
      read from the same place; the service account needs
      change access.
    type: str
    required: true
  stamp:
    description: Word that tells this backup from others. It goes into the file names and, after
      C(pchat), into the name of the backup set.
    type: str
    required: true
  log:
    description: Whether a log backup must follow the full one. A mirror needs it; a log shipping
      secondary is fed by the shipped ones.
    type: bool
    default: true
  copy_only:
    description: Takes the full backup with C(COPY_ONLY) when the database has a log chain already,
      so that differential backups of others keep their base.
    type: bool
    default: false
  checksum:
    description: Takes the backups with C(CHECKSUM), which verifies page checksums and adds one over
      the backup.
    type: bool
    default: true
  max_age:
    description: Minutes that may have passed since the full backup ended. An older one is taken
      anew.
    type: int
    default: 1440
  covers:
    description: LSN before which the full backup must not end. An older one is not taken for this
      one's, and a new one is made.
    type: str
    default: ''
  manage_recovery_model:
    description: Whether the recovery model may be set to FULL, which mirroring and log shipping
      need. From then on the log grows until it is backed up.
    type: bool
    default: false
seealso:
  - module: lync.persistent_chat.database_restore
  - module: lync.persistent_chat.mirroring
  - module: lync.persistent_chat.log_shipping_secondary
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Back up the chat database for its mirror, with the log written meanwhile
  lync.persistent_chat.database_backup:
    database: mgc
    directory: '\\fs-s1.contoso.example\pchat-seed'
    stamp: mirror_seed
    manage_recovery_model: true
  delegate_to: sql-n1.contoso.example
  register: seed

- name: Restore it on the mirror
  lync.persistent_chat.database_restore:
    database: mgc
    chain: "{{ seed.state.chain }}"
  delegate_to: sql-n2.contoso.example

- name: Back up the compliance database for the log shipping secondary, at most four hours old
  lync.persistent_chat.database_backup:
    database: mgccomp
    directory: '\\fs-s1.contoso.example\pchat-logs'
    stamp: secondary_seed
    log: false
    max_age: 240
  delegate_to: sql-n1.contoso.example
"""

RETURN = r"""
state:
  description: The database and its stamped chain.
  returned: success
  type: dict
  contains:
    database_state:
      description: State as C(sys.databases) tells it.
      type: str
      sample: ONLINE
    recovery_model:
      description: FULL, BULK_LOGGED or SIMPLE.
      type: str
      sample: FULL
    mirroring_role:
      description: PRINCIPAL or MIRROR, null when the database is not mirrored.
      type: str
      sample: PRINCIPAL
    has_log_chain:
      description: Whether a log backup is possible, which takes one full backup since the database
        is in FULL recovery.
      type: bool
      sample: true
    chain:
      description: The full backup and every log backup since, in the order in which they must be
        restored. Empty without a usable full backup.
      type: list
      elements: dict
      sample:
        - path: '\\fs-s1.contoso.example\pchat-seed\mgc_mirror_seed.bak'
          position: 1
          type: full
          first_lsn: '37000000012300001'
          last_lsn: '37000000012600001'
          uuid: 0B6B7B1F-6D5A-4F0C-9E54-5D9C1F1C2A11
    files:
      description: The files of the database, for
        O(lync.persistent_chat.database_restore#module:files).
      type: list
      elements: dict
      sample: [{name: mgc, type: ROWS, path: 'D:\Data\mgc.mdf'}]
    chain_is_fresh:
      description: Whether the full backup is at most O(max_age) minutes old.
      type: bool
      sample: true
  sample: {database_state: ONLINE, recovery_model: FULL, mirroring_role: null, has_log_chain: true,
    chain: [], chain_is_fresh: false}
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: back_up_database
      why: There is no usable backup stamped 'mirror_seed' with an unbroken log chain since.
      one_way: false
      calls: ["USE [master]; ... BACKUP DATABASE [mgc] TO DISK =
        N'\\\\fs-s1.contoso.example\\pchat-seed\\mgc_mirror_seed.bak' WITH INIT, FORMAT, ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {database_state: ONLINE, recovery_model: FULL, chain: [], chain_is_fresh: false}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {database_state: ONLINE, recovery_model: FULL, chain_is_fresh: true}
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
  sample: simple_recovery
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: back_up_database
"""
