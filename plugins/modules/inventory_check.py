#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: inventory_check
short_description: Whether the inventory says what was meant
version_added: 1.0.0
description:
  - Says of every pool in the inventory who is what and where, and names all that is missing,
    contradictory, of the wrong type, in a place where nobody reads it, or no name of the collection
    at all, with the nearest known one.
  - Judges the inventory as Ansible merged it, whatever its format. Only variables of the collection
    are looked at, so no vault has to be opened for passwords.
  - Connects to no host and changes nothing. The playbook C(inventory_check.yml) runs it.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.controller
notes:
  - Refusal V(inventory) - at least one finding is an error. RV(findings) has them all, each with a
    code of its own.
options: {}
seealso:
  - module: lync.persistent_chat.estate_info
  - module: lync.persistent_chat.preflight
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: See whether the inventory says what is meant
  lync.persistent_chat.inventory_check:
  run_once: true
"""

RETURN = r"""
pools:
  description: Who is what, for each pool, as M(lync.persistent_chat.estate_info) returns it.
  returned: success
  type: list
  elements: dict
  sample:
    - pool: chat.contoso.example
      management: [fe-n1.contoso.example]
      sql: {primary: sql-n1.contoso.example, mirror: sql-n2.contoso.example}
findings:
  description: What was found, errors first. C(urgency) is V(error) or V(warning),
    C(where) a host, a group, a variable or a pool.
  returned: always
  type: list
  elements: dict
  sample:
    - urgency: error
      code: unknown_variable
      where: pchat_sql_instnace
      text: pchat_sql_instnace (set for sql-n1) is no variable of the collection, so it does
        nothing, and pchat_sql_instance keeps its default. If pchat_sql_instance is meant, write
        that.
lines:
  description: The same for people.
  returned: success
  type: list
  elements: str
  sample: ['Pool chat.contoso.example: 17 hosts, with compliance']
"""
