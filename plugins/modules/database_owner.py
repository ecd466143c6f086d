#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: database_owner
short_description: Give a restored copy back to whom it belonged to
version_added: 1.0.0
description:
  - A copy that is restored belongs to whoever restored it, until that login is deleted one day. Its
    user C(dbo) still has the SID of the owner where the database was made. This gives the copy to
    the login with that SID, and where there is none to the built-in administrator, whatever its
    name.
  - Reads C(sys.databases), C(sys.server_principals) and C(sys.database_principals). Sends C(ALTER
    AUTHORIZATION). The batch tests first that the copy is online and still belongs to whom it was
    seen to belong to.
  - A copy that is closed, as a mirror or a secondary is, stays as it is.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Gives no refusals.
  - Failure V(world_moved) - the copy is closed or has another owner by now. Nothing was changed.
options:
  database:
    description: Name of the database on this instance.
    type: str
    required: true
seealso:
  - module: lync.persistent_chat.database_recovery
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Let the copy that was put to work belong to its owner
  lync.persistent_chat.database_owner:
    database: mgc
  delegate_to: sql-s1.contoso.example
"""

RETURN = r"""
state:
  description: Whom the copy belongs to. All its keys are null when there is none.
  returned: success
  type: dict
  contains:
    database_state:
      description: State as C(sys.databases) tells it.
      type: str
      sample: ONLINE
    owner:
      description: The login that it belongs to, null when that one is gone.
      type: str
      sample: sa
    owner_sid:
      description: The SID of that login.
      type: str
      sample: '0x01'
    belonged_to:
      description: The login here that it belonged to where it was made, or the built-in
        administrator; null when the copy cannot be opened.
      type: str
      sample: sa
  sample: {database_state: ONLINE, owner: sa, owner_sid: '0x01', belonged_to: sa}
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: set_owner
      why: mgc belongs to CONTOSO\\dba, who restored it, and not to sa as before.
      one_way: false
      calls: ["... ALTER AUTHORIZATION ON DATABASE::[mgc] TO [sa]; ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {owner: 'CONTOSO\dba'}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {owner: sa}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [database_state]
code:
  description:
    - Stable code of the failure. These are V(cmdlet_failed), V(sql_failed), V(world_moved),
      V(timed_out), V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: world_moved
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: set_owner
"""
