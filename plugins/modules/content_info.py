#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: content_info
short_description: Rows of a database's tables, and the newest of their dates
version_added: 1.0.0
description:
  - Tells of every table of a database how many rows it has, and the newest date of each of its date
    columns; and up to where the database was restored from the backups of one history.
  - Reads C(sys.databases), C(sys.tables), C(sys.columns), the restore history in C(msdb), and each
    table with one C(SELECT) of C(COUNT_BIG) and C(MAX). Nothing is changed.
  - Tables are read with C(READUNCOMMITTED), so nobody who writes waits for it; it is a scan of each
    table all the same.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(bad_name) - O(database) cannot be a name. Correct it.
  - A table that cannot be read is told with the reason, and hides no other.
options:
  database:
    description: Name of the database.
    type: str
    required: true
  fork:
    description: Recovery fork of which RV(state.reached) is told; empty for none.
    type: str
    default: ''
  count:
    description: Whether tables are read. Those of a copy that is not online never are.
    type: bool
    default: true
seealso:
  - module: lync.persistent_chat.salvaged_copy
  - module: lync.persistent_chat.salvage_report
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: See what the opened copy holds
  lync.persistent_chat.content_info:
    database: mgc_salvaged_20150601_0912_primary
  delegate_to: sql-s2.contoso.example
  register: opened
"""

RETURN = r"""
state:
  description: The database and its tables.
  returned: success
  type: dict
  contains:
    database_state:
      description: State as C(sys.databases) tells it, null when there is no such database.
      type: str
      sample: ONLINE
    family:
      description: Family of the database.
      type: str
      sample: 5B3C6C0E-8B0F-4B57-9D0A-7C2E3C1E4A55
    recovery_fork:
      description: The history that it is on.
      type: str
      sample: 6E0A2E0C-0F6B-4D0B-8A52-2B5C7A6F1D11
    tables:
      description: Each with its rows and the newest date of each date column, as the database has
        it. C(rows) is null for one that could not be read; C(why) says the reason then.
      type: list
      elements: dict
      sample:
        - schema: dbo
          name: tblChat
          rows: 1250
          newest: {chatDate: '2015-06-01T08:59:00'}
          why: null
    reached:
      description: Up to where the database was restored from backups of O(fork), and when (in UTC)
        the last of them was begun; null when it never was.
      type: dict
      sample: {last_lsn: '37000000013100001', at: '2015-06-01T08:30:00Z', path:
        'D:\pchat-copy\mgc_20150601083000.trn'}
  sample: {database_state: ONLINE, tables: [], reached: null}
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
