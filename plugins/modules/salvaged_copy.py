#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: salvaged_copy
short_description: A kept backup of an old copy, opened beside the pool to be read
version_added: 1.0.0
description:
  - Opens the backup of an old copy that a failback keeps, as a database with a name of its own that
    nobody writes to. Nothing is merged with the pool, and nothing is ever restored over a database
    that is there.
  - Reads the backup's header and list of files, C(sys.databases), C(sys.master_files), the restore
    history in C(msdb), and the free space where database files lie.
  - Sends C(RESTORE VERIFYONLY), C(RESTORE DATABASE ... WITH RECOVERY, RESTRICTED_USER), marks the
    copy with an extended property, and sets it C(READ_ONLY). A run that was cut off in between is
    finished by the next one.
  - With O(state=absent) a copy that bears that mark is dropped. The backup is never touched.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(no_kept_copy) - the SQL Server finds no kept backup. See that its service account may
    read the share, or name the file with O(path).
  - Refusal V(which_kept_copy) - O(directory) holds more than one. Name one with O(path).
  - Refusal V(kept_copy_unreadable) - its header cannot be read, or it is no full backup. Look at
    the file.
  - Refusal V(other_family) - the backup is not of O(family). Name the right file.
  - Refusal V(version) - a newer SQL Server wrote it. Choose an instance of that version.
  - Refusal V(no_room) - its files would not fit. Make room, or use O(folder).
  - Refusal V(name_taken) - a database of that name is there and was not opened from this backup.
    Use O(name).
  - Refusal V(not_salvaged) - the database that is to be dropped does not bear the mark. It is never
    dropped.
  - Refusal V(being_read) - somebody reads the copy that is to be dropped. Ask, then run again.
  - Refusals V(bad_name), V(bad_path) and V(contradiction) - an option cannot be what it says, or
    nothing says where the backup is. Correct it.
  - Only administrators can open the copy (C(RESTRICTED_USER)). To let others read, run C(ALTER
    DATABASE ... SET MULTI_USER); it is left so.
options:
  database:
    description: Name of the database whose old copy it is.
    type: str
    default: mgc
  path:
    description: The kept backup, seen from this SQL Server, or its name in O(directory). Any full
      backup of the database will do.
    type: str
    default: ''
  directory:
    description: A folder, seen from this SQL Server, whose only backup that a failback kept is
      taken when O(path) is empty.
    type: str
    default: ''
  position:
    description: Number of the backup set in the file (C(FILE)).
    type: int
    default: 1
  name:
    description:
      - Name of the opened copy. It begins with the name of the database and C(_salvaged_), so that
        nothing takes it for the pool's.
      - Empty for one that follows from the backup, such as C(mgc_salvaged_20150601_0912_primary).
    type: str
    default: ''
  folder:
    description: Folder for the files of the copy; empty for the instance's own for new databases.
    type: str
    default: ''
  family:
    description: Family that the backup must be of, C(family) as M(lync.persistent_chat.sql_info)
      tells it of the pool's database; empty for any.
    type: str
    default: ''
  state:
    description: Whether the copy is there. With V(absent) a marked one is dropped.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: lync.persistent_chat.content_info
  - module: lync.persistent_chat.salvage_report
  - module: lync.persistent_chat.database_backup
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Open the copy that the failback kept
  lync.persistent_chat.salvaged_copy:
    directory: '\\fs-s1.contoso.example\pchat-seed'
  delegate_to: sql-s2.contoso.example
  register: opened

- name: Drop it again
  lync.persistent_chat.salvaged_copy:
    name: "{{ opened.state.name }}"
    state: absent
  delegate_to: sql-s2.contoso.example
"""

RETURN = r"""
state:
  description: The copy, and the backup that it is opened from.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the copy; null when none was given and none follows from a backup.
      type: str
      sample: mgc_salvaged_20150601_0912_primary
    database_state:
      description: State as C(sys.databases) tells it, null when there is no such database.
      type: str
      sample: ONLINE
    is_read_only:
      description: Whether nobody can write to it.
      type: bool
      sample: true
    user_access:
      description: Who may open it (C(user_access_desc)).
      type: str
      sample: RESTRICTED_USER
    family:
      description: Family of the copy.
      type: str
      sample: 5B3C6C0E-8B0F-4B57-9D0A-7C2E3C1E4A55
    sessions:
      description: Sessions of others in it.
      type: int
      sample: 0
    opened_set:
      description: Id of the backup set in its mark; null for a database without one.
      type: str
      sample: 0B6B7B1F-6D5A-4F0C-9E54-5D9C1F1C2A11
    restored_set:
      description: Id of the backup set that it was restored from last.
      type: str
      sample: 0B6B7B1F-6D5A-4F0C-9E54-5D9C1F1C2A11
    kept:
      description:
        - The backup by its header; null when there is none, or more than one to choose from.
        - C(attempt) and C(slot) are of the failback that kept it, null for a backup that somebody
          else took; C(began_local) is by the clock of the server that wrote it.
      type: dict
      sample:
        path: '\\fs-s1.contoso.example\pchat-seed\mgc_5d3c2b1a09f84e7d8c6b5a4938271605-primary.bak'
        error: null
        kind: 1
        attempt: 5d3c2b1a09f84e7d8c6b5a4938271605
        slot: primary
        server: SQL-N1
        database: mgc
        began_local: '2015-06-01T09:12:33'
        uuid: 0B6B7B1F-6D5A-4F0C-9E54-5D9C1F1C2A11
        family: 5B3C6C0E-8B0F-4B57-9D0A-7C2E3C1E4A55
        fork: 6E0A2E0C-0F6B-4D0B-8A52-2B5C7A6F1D11
        first_lsn: '37000000013100001'
        last_lsn: '37000000013900001'
        version: '11.0'
    candidates:
      description: The kept backups that were found, each like RV(state.kept).
      type: list
      elements: dict
      sample: []
    version:
      description: Version of the SQL Server.
      type: str
      sample: 11.0.7001.0
    moves:
      description: Of a copy that is to be opened, each file of the backup and where it goes.
      type: dict
      sample: {mgc: 'D:\Data\mgc_salvaged_20150601_0912_primary_1.mdf'}
    needs:
      description: Mount point of a volume, and the megabytes that the files of a copy that is to be
        opened need there, where the free space is known.
      type: dict
      sample: {'D:\': 81920}
    available:
      description: Mount point, and the megabytes that are free there.
      type: dict
      sample: {'D:\': 102400}
  sample: {name: mgc_salvaged_20150601_0912_primary, database_state: ONLINE, is_read_only: true}
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: close_to_writers
      why: mgc_salvaged_20150601_0912_primary is there to be read; nothing in it is ever changed.
      one_way: false
      calls: ["USE [master]; ... SET READ_ONLY WITH ROLLBACK IMMEDIATE; ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {database_state: null}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {database_state: ONLINE, is_read_only: true}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
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
  sample: which_kept_copy
"""
