#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: pool_status
short_description: What stands where and how a pool is protected
version_added: 0.1.0
description:
  - Turns what M(lync.persistent_chat.pool_info) and M(lync.persistent_chat.sql_info) read into one document, and into lines for people.
  - Connects to nothing and changes nothing.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
options:
  estate:
    description: The RV(lync.persistent_chat.estate_info#module:estate) of the pool.
    type: dict
    required: true
  pool:
    description: The state that M(lync.persistent_chat.pool_info) read.
    type: dict
    required: true
  sql:
    description: The states that M(lync.persistent_chat.sql_info) read, by slot (V(primary), V(mirror), V(backup) ...); null for one that did not answer.
    type: dict
    required: true
  preferred_principal:
    description: The partner that is principal when everything is as it should be.
    type: str
    choices: [primary, mirror]
    default: primary
seealso:
  - module: lync.persistent_chat.pool_info
  - module: lync.persistent_chat.sql_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Tell what stands
  lync.persistent_chat.pool_status:
    estate: "{{ declared.estate }}"
    pool: "{{ read_pool.state }}"
    sql:
      primary: "{{ read_primary.state }}"
      mirror: "{{ read_mirror.state | default(none) }}"
"""

RETURN = r"""
document:
  description: Everything as data.
  returned: success
  type: dict
  sample: {pool: chat.contoso.example, pool_state: Normal, warnings: []}
lines:
  description: The same for people.
  returned: success
  type: list
  elements: str
  sample: ['Pool chat.contoso.example is Normal: 4 servers active (chat-n1, chat-n2, chat-s1, chat-s2), 4 standing by.']
warnings:
  description: What deserves a look.
  returned: success
  type: list
  elements: str
  sample: []
"""
