#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: agent_job
short_description: Enable, disable or run a SQL Server Agent job
version_added: 0.1.0
description:
  - Enables or disables one job of SQL Server Agent, or runs it and waits for its end.
  - Failover and failback pause the backup, copy and restore jobs of log shipping, and run the last
    copy and the last restore by hand.
  - Reads C(msdb.dbo.sysjobs), C(sysjobactivity) and C(sysjobhistory). Sends
    C(msdb.dbo.sp_update_job @enabled) or C(msdb.dbo.sp_start_job),
    with a check of the return code.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(no_job) - the instance has no job of this name. Compare O(name) with the jobs of the
    instance; log shipping names its own
    C(LSBackup_<database>), C(LSCopy_<primary>_<database>) and C(LSRestore_<primary>_<database>)
    unless told otherwise.
  - Refusal V(bad_name) - O(name) or O(sql_instance) has blanks at its ends, control characters, or
    more than 128 characters. Correct it.
  - Failure V(timed_out) with O(state=finished) - the job did not end in time, or its newest run
    failed; the message then ends with the message of
    the job's first step. Look at the job's history, then run again.
  - O(state=finished) is an act and not a state, so it is always changed. A job that runs already is
    not started again; its end is waited for.
options:
  name:
    description: Name of the job as SQL Server Agent shows it.
    type: str
    required: true
  state:
    description:
      - V(enabled) and V(disabled) set whether the job's schedules start it. A run in progress goes
        on.
      - V(finished) starts the job now, whether it is enabled or not, and waits until it has ended
        with success.
    type: str
    choices: [enabled, disabled, finished]
    default: enabled
  timeout:
    description: Seconds that a run may take with O(state=finished).
    type: int
    default: 600
seealso:
  - module: lync.persistent_chat.log_shipping_primary
  - module: lync.persistent_chat.log_shipping_secondary
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Back up the log of mgc no more while the pair is repaired
  lync.persistent_chat.agent_job:
    name: LSBackup_mgc
    state: disabled
  delegate_to: sql-n1.contoso.example

- name: Fetch the last log backups now, at most 20 minutes long
  lync.persistent_chat.agent_job:
    name: LSCopy_SQL-N1_mgc
    state: finished
    timeout: 1200
  delegate_to: sql-s1.contoso.example

- name: Let the restore job of a named instance run by its schedule again
  lync.persistent_chat.agent_job:
    name: LSRestore_SQL-N1_mgc
    state: enabled
    sql_instance: CHAT
  delegate_to: sql-s1.contoso.example
"""

RETURN = r"""
state:
  description:
    - The job. RV(state.enabled) is null when there is no such job.
    - RV(state.last_run) is the history id of the newest run, RV(state.last_status) its outcome (0
      failed, 1 succeeded, 2 retry, 3 cancelled).
  returned: success
  type: dict
  contains:
    name:
      description: Name of the job.
      type: str
      sample: LSBackup_mgc
    enabled:
      description: Whether its schedules start it.
      type: bool
      sample: true
    running:
      description: Whether it runs now.
      type: bool
      sample: false
    last_run:
      description: History id of the newest run.
      type: int
      sample: 412
    last_status:
      description: Outcome of the newest run.
      type: int
      sample: 1
    last_message:
      description: Message of the first step of the newest run.
      type: str
      sample: The step succeeded.
  sample: {name: LSBackup_mgc, enabled: true, running: false, last_run: 412, last_status: 1,
    last_message: The step succeeded.}
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: disable_job
      why: The job is enabled.
      one_way: false
      calls: ["USE [msdb]; ... EXEC @rc = msdb.dbo.sp_update_job @job_name = N'LSBackup_mgc',
        @enabled = 0; ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {name: LSBackup_mgc, enabled: true, running: false}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {name: LSBackup_mgc, enabled: false, running: false}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [enabled]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: no_job
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: disable_job
"""
