#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: operation_record
short_description: A line in the record of operations
version_added: 1.0.0
description:
  - Appends one line of JSON to a file on the controller, which it makes with its folder when they
    are not there. Only their owner may read them.
  - The playbooks that move a pool write who did what, when, why and under which ticket. Nothing
    decides by it; what stands where is always observed.
  - Connects to no host. Use C(when=not ansible_check_mode), since it writes in check mode as well.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.controller
  - lync.persistent_chat.pool
attributes:
  check_mode:
    description: A line is written in check mode as well.
    support: none
notes:
  - Refusal V(record_unwritable) - the file takes no line.
options:
  path:
    description: File on the controller. Nothing is written where it is empty.
    type: path
    required: true
  operation:
    description: What is done, such as V(failover).
    type: str
    required: true
  id:
    description: Of the attempt; what is written under one id belongs together.
    type: str
    default: ''
  operator:
    description: Who does it.
    type: str
    default: ''
  ticket:
    description: Change ticket.
    type: str
    default: ''
  reason:
    description: Why it is done.
    type: str
    default: ''
  entry:
    description: What happened. C(plan) (names of moves) with C(loss) begins an operation, C(move)
      with C(host) and C(why) is one move, C(end) (V(done), V(stopped), V(called_off), V(refused))
      with C(code) and C(msg) its end.
    type: dict
    required: true
  required:
    description: Whether the task fails where the file takes no line. Otherwise that is told, and
      nothing is stopped for it.
    type: bool
    default: true
  move:
    description: A move that ends now, to be added to O(done), with C(name), C(host), C(database)
      and when it C(began) (ISO 8601 in UTC).
    type: dict
  done:
    description: The moves that ended before it.
    type: list
    elements: dict
    default: []
seealso:
  - module: lync.persistent_chat.operation_record_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Write down what was done by hand
  lync.persistent_chat.operation_record:
    path: ~/.local/state/lync.persistent_chat/operations.jsonl
    pool: chat.contoso.example
    operation: repair
    id: CHG0012345
    operator: kim
    ticket: CHG0012345
    reason: Disk of sql-n2 replaced
    entry:
      plan: [replace_disk]
      loss: Nothing is lost by this.
  when: not ansible_check_mode
"""

RETURN = r"""
line:
  description: What was written.
  returned: success
  type: str
  sample: '{"at": "2015-06-01T12:00:00Z", "pool": "chat.contoso.example", "target": "failover"}'
lines:
  description: What a person is told, where the file took no line and nothing was stopped for it.
  returned: success
  type: list
  elements: str
  sample: []
done:
  description: O(done), and O(move) with when it ended.
  returned: success
  type: list
  elements: dict
  sample: []
"""
