#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: salvage_report
short_description: What only an opened copy holds, beside the pool's
version_added: 1.0.0
description:
  - Puts what M(lync.persistent_chat.content_info) told of an opened copy beside what it told of the
    pool's, and says which span only the opened one holds.
  - Prints lines for people, at any verbosity.
  - Connects to nothing and changes nothing.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.controller
options:
  host:
    description: Host on which the copy is open.
    type: str
    required: true
  copy:
    description: C(state) of M(lync.persistent_chat.salvaged_copy).
    type: dict
    required: true
  opened:
    description: C(state) of M(lync.persistent_chat.content_info) for that copy.
    type: dict
    required: true
  pool:
    description: The same for the pool's database, where it could be read.
    type: dict
  pool_host:
    description: Host on which the pool's database was read.
    type: str
    default: ''
  reached:
    description: C(state.reached) of M(lync.persistent_chat.content_info) for the pool's database on
      the backup SQL Server, asked for the fork of the kept backup.
    type: dict
seealso:
  - module: lync.persistent_chat.salvaged_copy
  - module: lync.persistent_chat.content_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Tell what only the opened copy holds
  lync.persistent_chat.salvage_report:
    host: sql-s2.contoso.example
    copy: "{{ salvaged.state }}"
    opened: "{{ opened.state }}"
    pool: "{{ in_use.state }}"
    pool_host: sql-n1.contoso.example
    reached: "{{ followed.state.reached }}"
"""

RETURN = r"""
document:
  description:
    - Both copies beside each other.
    - C(only_here) says from which LSN on, and from when, only the opened copy holds what
      was written; its C(holds) is null when nobody knows.
  returned: success
  type: dict
  sample:
    host: sql-s2.contoso.example
    database: mgc_salvaged_20150601_0912_primary
    same_family: true
    pool_host: sql-n1.contoso.example
    only_here:
      holds: true
      from_lsn: '37000000013100001'
      from_at: '2015-06-01T08:30:00Z'
      to_lsn: '37000000013900001'
      newest: '2015-06-01T08:59:00'
      newest_of: dbo.tblChat.chatDate
    tables:
      - schema: dbo
        name: tblChat
        rows: 1250
        rows_in_pool: 1390
        newest: {chatDate: '2015-06-01T08:59:00'}
        newest_in_pool: {chatDate: '2015-06-08T10:00:00'}
        why: null
lines:
  description: The same for people.
  returned: success
  type: list
  elements: str
  sample: ['mgc_salvaged_20150601_0912_primary on sql-s2: the old copy of SQL-N1, kept in ...']
"""
