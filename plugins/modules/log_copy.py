#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: log_copy
short_description: Log backups brought from the share into the copy folder
version_added: 0.2.0
description:
  - Makes sure, as far as it can be done, that log backups which are on the share only are in the
    copy folder of the log shipping secondary as well.
  - A logon over WinRM on the secondary cannot open a share on a third machine, but log shipping's
    own copy job can, so this starts that job and waits for its
    end. When the job runs already, it only waits.
  - What the job could not bring is no failure. SQL Server itself can restore from the share
    (M(lync.persistent_chat.log_restore)). Where log shipping has been
    removed already there is no job, and nothing is done.
  - Reads the folder by C(xp_dirtree) and C(msdb). Sends C(sp_start_job).
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(bad_path) - O(folder) is not an absolute path. Correct it.
  - Failure V(timed_out) - the job did not end in time. Look at it, then run again.
options:
  database:
    description: Name of the database that is shipped.
    type: str
    required: true
  names:
    description: File names, without a folder, of the log backups to bring. Compared without case.
    type: list
    elements: str
    required: true
  folder:
    description: The copy folder on this SQL Server.
    type: str
    required: true
  timeout:
    description: Seconds until the copy job must have ended.
    type: int
    default: 600
seealso:
  - module: lync.persistent_chat.log_restore
  - module: lync.persistent_chat.log_shipping_secondary
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Bring the last two log backups
  lync.persistent_chat.log_copy:
    database: mgc
    names: [mgc_20150601074500.trn, mgc_20150601080000.trn]
    folder: 'D:\pchat-copy'
  delegate_to: sql-s1.contoso.example
"""

RETURN = r"""
state:
  description: What of O(names) is there, and the job that brings it.
  returned: success
  type: dict
  contains:
    copied:
      description: Those of O(names) that are in the folder, in lower case.
      type: list
      elements: str
      sample: [mgc_20150601074500.trn]
    job:
      description: Name of the copy job, null where the database is no log shipping secondary.
      type: str
      sample: LSCopy_SQL-N1_mgc
    running:
      description: Whether it is running.
      type: bool
      sample: false
    last_run:
      description: History id of its newest run, null when it never ran.
      type: int
      sample: 41
    last_status:
      description: How that ended (0 failed, 1 succeeded, 2 retry, 3 cancelled).
      type: int
      sample: 1
    last_message:
      description: Message of the first step of its newest run.
      type: str
      sample: The step succeeded.
  sample: {copied: [mgc_20150601074500.trn], job: LSCopy_SQL-N1_mgc, running: false, last_run: 41,
    last_status: 1, last_message: The step succeeded.}
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: copy_logs
      why: mgc_20150601080000.trn is on the share only.
      one_way: false
      calls: ["USE [master]; ... EXEC msdb.dbo.sp_start_job @job_name = N'LSCopy_SQL-N1_mgc' ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {copied: [], running: false}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {copied: [mgc_20150601074500.trn], running: false}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [copied]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: timed_out
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: copy_logs
"""
