#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: estate_info
short_description: What the inventory declares about a Persistent Chat pool
version_added: 0.1.0
description:
  - Collects the hosts whose variable C(pchat_pool) names the pool and sorts them by the groups they
    are in.
  - Refuses an inventory with missing, double or contradictory functions, and names all findings at
    once.
  - Connects to no host.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.controller
  - lync.persistent_chat.pool
options:
  active_servers:
    description: Inventory names or FQDNs of the servers that are to be active; checked against the
      members of the pool.
    type: list
    elements: str
    default: []
seealso:
  - module: lync.persistent_chat.pool_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: See which host is what
  lync.persistent_chat.estate_info:
    pool: chat.contoso.example
  register: declared

- name: Check the list of active servers as well
  lync.persistent_chat.estate_info:
    pool: chat.contoso.example
    active_servers:
      - chat-n1.contoso.example
      - chat-s1.contoso.example
"""

RETURN = r"""
estate:
  description: Who is what, and where.
  returned: success
  type: dict
  sample:
    pool: chat.contoso.example
    management: [fe-n1.contoso.example]
    sql: {primary: sql-n1.contoso.example, mirror: sql-n2.contoso.example}
"""
