#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: operation_record_info
short_description: What the record of operations tells
version_added: 1.0.0
description:
  - Reads the file that M(lync.persistent_chat.operation_record) writes, puts the lines of each
    operation together, and prints them for people, the newest last.
  - Lines that are no such JSON are left out. A file that is not there tells of no operation.
  - Connects to no host and changes nothing.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.controller
notes:
  - Refusal V(record_unreadable) - the file is there and cannot be read.
options:
  path:
    description: File on the controller.
    type: path
    required: true
  pool:
    description: Only operations of this pool; the empty string for all.
    type: str
    default: ''
  last:
    description: How many operations are shown at most.
    type: int
    default: 20
seealso:
  - module: lync.persistent_chat.operation_record
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Show the last operations of a pool
  lync.persistent_chat.operation_record_info:
    path: ~/.local/state/lync.persistent_chat/operations.jsonl
    pool: chat.contoso.example
    last: 5
"""

RETURN = r"""
operations:
  description: The operations, the oldest first. C(outcome) is V(done), V(stopped),
    V(called_off), V(refused), or V(open) where no end was written.
  returned: success
  type: list
  elements: dict
  sample:
    - pool: chat.contoso.example
      operation: failover
      id: 7535dedd1b0a467188373fd358e3832e
      operator: kim
      controller: ctl1
      ticket: CHG0012345
      reason: Data centre 1 has no power
      begun_at: '2015-06-01T12:00:00Z'
      ended_at: '2015-06-01T12:04:10Z'
      planned: 9
      moves: [declare_intent, fail_over_cms]
      loss: What was written from LSN 200 on is lost, about 15 minutes.
      outcome: done
      code: ''
      msg: ''
lines:
  description: The same for people.
  returned: success
  type: list
  elements: str
  sample: ['2015-06-01T12:00:00Z  failover of chat.contoso.example by kim on ctl1, CHG0012345']
"""
