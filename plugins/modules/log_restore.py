#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: log_restore
short_description: Log backups applied to a restoring copy
version_added: 0.2.0
description:
  - Applies log backups to a restoring copy in the order of their log sequence numbers, whatever
    their order in O(files), and leaves it C(RESTORING).
  - Those that the copy has already are passed over, so a run that was cut off goes on where it
    stopped.
  - Reads C(sys.databases), C(sys.database_mirroring) and the redo position in C(sys.master_files).
    Sends C(RESTORE LOG ... WITH NORECOVERY), one step for each
    file. Each batch tests first that the copy is restoring, no mirror, and stands exactly where the
    step was planned from.
  - The files are read by SQL Server itself, so they may be on a share.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(chain_gap) - between where the copy stands and the next file a part of the log is
    missing; C(redo_lsn) and C(path) of the result say where.
    Nothing is applied, also not the files before the gap. Find the missing file, or leave out what
    comes after the gap.
  - Refusal V(not_restoring) - the copy is not there, online, or a mirror. Logs can be applied only
    to a restoring copy that is no mirror.
  - Refusal V(position_unknown) - the redo position cannot be read. The account needs sysadmin on
    the instance.
  - Refusal V(bad_lsn) - C(first_lsn) or C(last_lsn) of a file is not a number. Take them from the
    header of the backup.
  - Refusal V(bad_path) - a path is not absolute. Correct it.
  - A database that is online and an empty O(files) is nothing to do.
options:
  database:
    description: Name of the database on this instance.
    type: str
    required: true
  files:
    description: The log backups, as M(lync.persistent_chat.dr_info),
      M(lync.persistent_chat.log_tail_backup) or the header of the backup tell them.
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
      first_lsn:
        description: First log sequence number of the backup set.
        type: str
        required: true
      last_lsn:
        description: The log sequence number after its last record.
        type: str
        required: true
      uuid:
        description: Id of the backup set. For reading only.
        type: str
seealso:
  - module: lync.persistent_chat.dr_info
  - module: lync.persistent_chat.log_copy
  - module: lync.persistent_chat.database_recovery
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Apply the last logs, one from the copy folder and one from the share
  lync.persistent_chat.log_restore:
    database: mgc
    files:
      - path: 'D:\pchat-copy\mgc_20150601074500.trn'
        first_lsn: '37000000012300001'
        last_lsn: '37000000012600001'
      - path: '\\fs-s1.contoso.example\pchat-logs\mgc_20150601080000.trn'
        first_lsn: '37000000012600001'
        last_lsn: '37000000013100001'
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
      sample: RESTORING
    mirroring_role:
      description: PRINCIPAL or MIRROR, null when the copy is not mirrored.
      type: str
      sample: null
    redo_lsn:
      description: Where the copy stands - the log sequence number from which the next log must
        begin or before.
      type: str
      sample: '37000000013100001'
  sample: {database_state: RESTORING, mirroring_role: null, redo_lsn: '37000000013100001'}
redo_lsn:
  description: Where the copy stands.
  returned: refusal V(chain_gap)
  type: str
  sample: '37000000012600001'
path:
  description: The first file that begins later than the copy stands.
  returned: refusal V(chain_gap)
  type: str
  sample: 'D:\pchat-copy\mgc_20150601080000.trn'
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: restore_log
      why: D:\pchat-copy\mgc_20150601074500.trn leads from LSN 37000000012300001 to
        37000000012600001.
      one_way: false
      calls: ["USE [master]; ... RESTORE LOG [mgc] FROM DISK =
        N'D:\\pchat-copy\\mgc_20150601074500.trn' WITH FILE = 1, NORECOVERY; ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {database_state: RESTORING, redo_lsn: '37000000012300001'}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {database_state: RESTORING, redo_lsn: '37000000013100001'}
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
  sample: chain_gap
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: restore_log
"""
