#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: members_info
short_description: What each host of a Persistent Chat pool is
version_added: 1.0.0
description:
  - Reads all hosts of a pool at the same time, each by its kind. A SQL Server tells what
    M(lync.persistent_chat.sql_info) returns of it; a chat server, a file server and a management
    host what M(lync.persistent_chat.host_info) does; a management host what
    M(lync.persistent_chat.pool_info) does as well.
  - A host that does not answer, or fails, is a fact like the others;
    M(lync.persistent_chat.preflight) judges it.
  - Nothing is changed.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.host
options:
  estate:
    description: Which host is what, as M(lync.persistent_chat.estate_info) returns it.
    type: dict
    required: true
  databases:
    description: Databases of the pool.
    type: list
    elements: str
    default: [mgc, mgccomp]
  mirroring_port:
    description: TCP port of the mirroring endpoints; SQL Servers tell whether something else
      listens there.
    type: int
    default: 5022
  witness_port:
    description: The same of a witness.
    type: int
    default: 7022
seealso:
  - module: lync.persistent_chat.preflight
  - module: lync.persistent_chat.estate_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: See which host is what
  lync.persistent_chat.estate_info:
    pool: chat.contoso.example
  register: declared

- name: Read what each of them is
  lync.persistent_chat.members_info:
    estate: "{{ declared.estate }}"
  register: members
"""

RETURN = r"""
facts:
  description:
    - By inventory name and then by kind (C(sql), C(host) or C(pool)) the C(state) that the module
      of that kind returns.
    - Where there is none C(unreachable) or C(failed) is true, and C(msg) and C(code) say why.
  returned: success
  type: dict
  sample:
    chat-n1.contoso.example:
      host: {state: {domain: contoso.example}}
    sql-n1.contoso.example:
      host: {unreachable: true, code: unreachable, msg: 'Could not open a runspace on
        http://192.0.2.1:5985/wsman: it does not answer in time'}
"""
