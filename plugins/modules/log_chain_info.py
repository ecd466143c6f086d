#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: log_chain_info
short_description: Whether the log that is shipped still joins a copy
version_added: 0.2.0
description:
  - Looks whether a restoring copy can follow the log of its primary, by the headers of the log
    backups on the share and in the copy folder. A log backup that
    somebody else took (to nowhere, to a program, in stripes) leaves a gap that no file fills; the
    jobs of log shipping go on and report success.
  - Reads C(sys.databases), C(sys.database_recovery_status) and C(sys.master_files), lists the
    folders, and sends C(RESTORE HEADERONLY) and
    C(RESTORE VERIFYONLY) for what is still to be applied. Nothing is changed.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(bad_path) - a folder is not an absolute path. Correct it.
  - Refusal V(bad_lsn) - O(primary_lsn) is no number. Pass what M(lync.persistent_chat.sql_info)
    tells.
options:
  database:
    description: Name of the database.
    type: str
    required: true
  log_share:
    description: The share that the primary backs up its log to, seen from this SQL Server.
    type: str
    required: true
  copy_folder:
    description: The folder that the copy job of log shipping copies to, seen from this SQL Server.
    type: str
    required: true
  primary_lsn:
    description:
      - Up to where the primary has backed up its log, C(last_log_backup_lsn) as
        M(lync.persistent_chat.sql_info) told it before this task.
      - With it a gap is seen before the next log backup lies behind it.
    type: str
    default: ''
  primary_fork:
    description:
      - The recovery fork of the primary, C(recovery_fork) as M(lync.persistent_chat.sql_info) tells
        it. Log backups of another history, which lie on the share
        after a failover and its way back, are then no obstacle.
    type: str
    default: ''
  primary_fork_left:
    description:
      - The fork that the primary's one left, C(first_recovery_fork) as
        M(lync.persistent_chat.sql_info) tells it until the first log backup on O(primary_fork).
    type: str
    default: ''
  primary_fork_point:
    description:
      - Where that was, C(fork_point_lsn) of the same. Without it only log backups tell.
    type: str
    default: ''
seealso:
  - module: lync.persistent_chat.log_shipping_secondary
  - module: lync.persistent_chat.database_restore
  - module: lync.persistent_chat.dr_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: See whether the secondary can follow
  lync.persistent_chat.log_chain_info:
    database: mgc
    log_share: '\\fs-s1.contoso.example\pchat-logs'
    copy_folder: 'D:\pchat-copy'
  delegate_to: sql-s1.contoso.example
  register: chain

- name: Stop when it cannot
  ansible.builtin.fail:
    msg: "{{ chain.state.obstacle.text }}"
  when: chain.state.broken
"""

RETURN = r"""
state:
  description: The copy and the log that waits for it.
  returned: success
  type: dict
  contains:
    database_state:
      description: State as C(sys.databases) tells it, null when there is no copy.
      type: str
      sample: RESTORING
    redo_lsn:
      description: Where the copy stands.
      type: str
      sample: '37000000012600001'
    reached:
      description: Up to where it can be brought with the backups that are there; null unless it is
        a restoring copy that is not mirrored.
      type: str
      sample: '37000000019900001'
    obstacle:
      description: What stops it there, C(gap), C(fork), C(damaged) or C(unreadable), and the file;
        null when nothing does.
      type: dict
      sample: {kind: gap, path: '\\fs-s1.contoso.example\pchat-logs\mgc_20150601081500.trn', text:
        'the log from LSN ... is missing: ...'}
    broken:
      description: Whether the copy will never follow (a gap, a damaged backup, a history that the
        primary left) and must be seeded again.
      type: bool
      sample: false
    left_at:
      description: The LSN at which the primary's history (O(primary_fork)) is known to have left
        that of the copy, before its end - the primary was restored from an older backup, or service
        was forced. From there on the copy holds what the primary lacks. null when nobody tells.
      type: str
      sample: '37000000012600001'
  sample: {database_state: RESTORING, redo_lsn: '37000000012600001', reached: '37000000019900001',
    obstacle: null, broken: false, left_at: null}
assumed:
  description: The keys of RV(state) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: []
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: unreachable
"""
