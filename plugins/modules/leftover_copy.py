#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: leftover_copy
short_description: Drop a restoring copy that follows nobody any more
version_added: 0.2.0
description:
  - Drops a database that is C(RESTORING), takes part in no mirroring session and is fed by no log
    shipping - what is left on the backup site's second SQL
    Server when a failback took its principal away. A one-way step.
  - Reads C(sys.databases) and C(sys.database_mirroring). Sends C(DROP DATABASE). The batch tests
    first that the copy is restoring, no mirror, and no secondary
    of log shipping.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(no_leftover) - the copy is in another state than C(RESTORING), or takes part in a
    mirroring session. It is never dropped.
  - Failure V(world_moved) - log shipping feeds the copy, or it changed between look and act.
    Nothing was changed.
options:
  database:
    description: Name of the database on this instance.
    type: str
    required: true
seealso:
  - module: lync.persistent_chat.mirroring
  - module: lync.persistent_chat.database_restore
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Drop the old mirror of the backup site
  lync.persistent_chat.leftover_copy:
    database: mgc
  delegate_to: sql-s2.contoso.example
"""

RETURN = r"""
state:
  description: The copy. All its keys are null when there is none.
  returned: success
  type: dict
  contains:
    database_state:
      description: State as C(sys.databases) tells it.
      type: str
      sample: null
    mirroring_role:
      description: PRINCIPAL or MIRROR, null when the copy is not mirrored.
      type: str
      sample: null
    redo_lsn:
      description: Where a restoring copy stands.
      type: str
      sample: null
  sample: {database_state: null, mirroring_role: null, redo_lsn: null}
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: drop_leftover
      why: This copy of mgc follows nobody any more.
      one_way: true
      calls: ["USE [master]; ... DROP DATABASE [mgc]; ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {database_state: RESTORING, mirroring_role: null}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {database_state: null, mirroring_role: null}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [database_state]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: no_leftover
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: drop_leftover
"""
