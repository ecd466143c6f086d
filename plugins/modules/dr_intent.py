#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: dr_intent
short_description: The record of which way an operator is going with a pool
version_added: 0.2.0
description:
  - One record for each pool, on its backup SQL Server - the direction, the id of the attempt, who,
    and when. It says nothing about progress, which is observed.
  - It answers two questions. Is somebody on the way in the other direction? And is this backup one
    of this attempt?
  - Reads and writes an extended property of the database C(master), named C(pchat_intent <pool>)
    (C(sp_addextendedproperty), C(sp_updateextendedproperty),
    C(sp_dropextendedproperty)). Each write tests in the same batch that the record is the one that
    was read.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(intent_conflict) - another attempt is declared; C(intent) of the result has the
    record. Ask whoever declared it, or name it in O(replaces).
  - Refusal V(intent_lost) - with O(state=held), this attempt was called off. Look at the status; do
    not go on.
  - Refusal V(bad_intent) - O(id) is not 32 hexadecimal digits in lower case, or O(target) is
    missing. Correct it.
  - Failure V(world_moved) - somebody declared, replaced or cleared an intent at the same moment.
    Nothing was changed; look again.
options:
  pool:
    description: Fully qualified domain name of the Persistent Chat pool.
    type: str
    required: true
  target:
    description: The direction. Needed with O(state=present).
    type: str
    choices: [failover, failback]
  id:
    description: Id of the attempt, 32 hexadecimal digits in lower case. Always needed.
    type: str
  operator:
    description: Who declares it.
    type: str
    default: ''
  at:
    description: When, ISO 8601 in UTC. The loss of a failover is counted up to this moment, because
      from then on nobody is to write.
    type: str
    default: ''
  replaces:
    description: The record that may be replaced, as it was seen. Compared by its C(id).
    type: dict
  state:
    description: V(present) declares the attempt, V(absent) clears it. Clearing an attempt that is
      not declared, or not any more, changes nothing.
      V(held) changes nothing at all and refuses when the attempt is not the declared one.
    type: str
    choices: [present, absent, held]
    default: present
  done:
    description: With O(state=held), what the run has done so far; the refusal tells it.
    type: list
    elements: str
    default: []
seealso:
  - module: lync.persistent_chat.dr_plan
  - module: lync.persistent_chat.database_recovery
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Say that a failover is going on
  lync.persistent_chat.dr_intent:
    pool: chat.contoso.example
    target: failover
    id: 5d3c2b1a09f84e7d8c6b5a4938271605
    operator: ops
    at: '2015-06-01T08:00:00Z'
  delegate_to: sql-s1.contoso.example

- name: It has ended
  lync.persistent_chat.dr_intent:
    pool: chat.contoso.example
    id: 5d3c2b1a09f84e7d8c6b5a4938271605
    state: absent
  delegate_to: sql-s1.contoso.example
"""

RETURN = r"""
state:
  description: The record.
  returned: success
  type: dict
  contains:
    intent:
      description: The direction, the id of the attempt, who, and when; null when nothing is
        declared.
      type: dict
      sample: {target: failover, id: 5d3c2b1a09f84e7d8c6b5a4938271605, operator: ops, at:
        '2015-06-01T08:00:00Z'}
    intent_why:
      description: Why a record that is there cannot be read, otherwise null.
      type: str
      sample: null
  sample:
    intent: {target: failover, id: 5d3c2b1a09f84e7d8c6b5a4938271605, operator: ops, at:
      '2015-06-01T08:00:00Z'}
intent:
  description: The record that stands in the way.
  returned: refusal V(intent_conflict)
  type: dict
  sample: {target: failback, id: 0f1e2d3c4b5a69788796a5b4c3d2e1f0, operator: ops, at:
    '2015-06-01T07:00:00Z'}
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: declare_intent
      why: Nobody is on the way anywhere with this pool.
      one_way: false
      calls: ["USE [master]; ... EXEC sys.sp_addextendedproperty @name = N'pchat_intent
        chat.contoso.example' ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {intent: null}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {intent: {target: failover, id: 5d3c2b1a09f84e7d8c6b5a4938271605}}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [intent]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: intent_conflict
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: declare_intent
"""
