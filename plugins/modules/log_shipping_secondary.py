#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: log_shipping_secondary
short_description: Log shipping of a database, on the instance that restores the log
version_added: 0.1.0
description:
  - Configures an instance as the secondary of log shipping for one database - where log backups are
    copied from and to, the copy and the restore job,
    their schedules, and the alerts.
  - The copy must be C(RESTORING) already; M(lync.persistent_chat.database_restore) seeds it.
  - Reads the log shipping tables, jobs and schedules in C(msdb), C(sys.databases) and
    C(sys.dm_server_services).
  - Sends C(sp_add_log_shipping_secondary_primary), C(sp_add_log_shipping_secondary_database),
    C(sp_change_log_shipping_secondary_primary),
    C(sp_change_log_shipping_secondary_database), C(sp_delete_log_shipping_secondary_database),
    C(sp_add_schedule), C(sp_attach_schedule),
    C(sp_detach_schedule) and C(sp_update_job), each with a check of its return code.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(no_agent) - SQL Server Agent does not run, or the edition (Express) has none. Start it
    with M(lync.persistent_chat.windows_service).
  - Refusal V(not_restoring) - the copy is absent or not RESTORING. Seed it with
    M(lync.persistent_chat.database_restore). After a failover the copy is
    online and in use; then the failback is what is needed.
  - Refusal V(other_primary) - the copy is fed from another primary. Remove that first with
    O(state=absent), if it is not wanted.
  - Refusal V(contradiction) - O(restore_delay) is not less than O(restore_threshold), so that the
    alert would never end; or O(disconnect_users=true) without O(restore_mode=standby). A restoring
    copy has no users; drop one of the two.
  - Refusal V(bad_path), V(bad_name) or V(bad_minutes) - an option is missing or cannot be used. The
    message names it; correct it.
  - The jobs are named when they are made. Jobs that exist under other names are kept and managed by
    the names they have.
options:
  database:
    description: Name of the database on this instance.
    type: str
    required: true
  enabled:
    description: Whether both jobs are started by their schedules. A failover disables them.
    type: bool
    default: true
  state:
    description: V(present) configures log shipping, V(absent) removes it with both jobs. The copy
      stays as it is, restoring or online.
    type: str
    choices: [present, absent]
    default: present
  primary_server:
    description: The primary's own C(@@SERVERNAME),
      RV(lync.persistent_chat.sql_info#module:state.server_name). Needed with O(state=present).
    type: str
  primary_database:
    description: Name of the database on the primary. Without it, the same as here.
    type: str
  source_directory:
    description: UNC name of the share into which the primary backs up. Needed with
      O(state=present). The Agent's account here must be able to read it.
    type: str
  destination_directory:
    description: Local folder into which log backups are copied. Needed with O(state=present);
      M(lync.persistent_chat.folder) makes it.
    type: str
  copy_job:
    description: Name of the copy job when it is made. Without it,
      C(LSCopy_<primary_server>_<primary_database>).
    type: str
  restore_job:
    description: Name of the restore job when it is made. Without it,
      C(LSRestore_<primary_server>_<primary_database>).
    type: str
  retention:
    description: Minutes that copied log backups are kept in the folder.
    type: int
    default: 4320
  restore_delay:
    description: Minutes that a log backup must be old before it is restored. V(0) restores at once.
    type: int
    default: 0
  restore_mode:
    description: V(norecovery) leaves the copy restoring, V(standby) readable between restores.
    type: str
    choices: [norecovery, standby]
    default: norecovery
  disconnect_users:
    description: Whether users are cut off a standby copy when a restore begins.
    type: bool
    default: false
  restore_threshold:
    description: Minutes that may pass without a restore before alert 14421 is raised.
    type: int
    default: 45
  threshold_alert_enabled:
    description: Whether the alert is raised.
    type: bool
    default: true
  history_retention:
    description: Minutes that the history of the jobs is kept in C(msdb).
    type: int
    default: 5760
  copy_interval:
    description: Minutes between two runs of the copy job, all day. The job has exactly one schedule
      with it.
    type: int
    default: 15
  restore_interval:
    description: Minutes between two runs of the restore job, all day. The job has exactly one
      schedule with it.
    type: int
    default: 15
seealso:
  - module: lync.persistent_chat.log_shipping_primary
  - module: lync.persistent_chat.database_restore
  - module: lync.persistent_chat.agent_job
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Copy and restore the logs of the chat database every 15 minutes
  lync.persistent_chat.log_shipping_secondary:
    database: mgc
    primary_server: SQL-N1
    source_directory: '\\fs-s1.contoso.example\pchat-logs'
    destination_directory: 'D:\pchat-copied'
  delegate_to: sql-s1.contoso.example

- name: Lag one hour behind, so that an accident can be stopped, and be alerted later
  lync.persistent_chat.log_shipping_secondary:
    database: mgc
    primary_server: SQL-N1
    source_directory: '\\fs-s1.contoso.example\pchat-logs'
    destination_directory: 'D:\pchat-copied'
    restore_delay: 60
    restore_threshold: 120
  delegate_to: sql-s1.contoso.example

- name: Apply no more logs to the compliance database
  lync.persistent_chat.log_shipping_secondary:
    database: mgccomp
    state: absent
  delegate_to: sql-s1.contoso.example
"""

RETURN = r"""
state:
  description: The copy and its secondary half of log shipping.
  returned: success
  type: dict
  contains:
    database_state:
      description: State as C(sys.databases) tells it, null when there is no such database.
      type: str
      sample: RESTORING
    agent_running:
      description: Whether SQL Server Agent runs.
      type: bool
      sample: true
    log_shipping_secondary:
      description:
        - The settings, named as the options; null when no logs are applied. C(restore_mode) is 0
          for V(norecovery) and 1 for V(standby).
        - C(copy_interval) and C(restore_interval) are null unless the job has exactly one schedule
          in minutes.
      type: dict
      sample:
        source_directory: '\\fs-s1.contoso.example\pchat-logs'
        destination_directory: 'D:\pchat-copied'
        retention: 4320
        restore_delay: 0
        restore_mode: 0
        disconnect_users: false
        restore_threshold: 45
        threshold_alert_enabled: true
        history_retention: 5760
        primary_server: SQL-N1
        primary_database: mgc
        copy_job: LSCopy_SQL-N1_mgc
        restore_job: LSRestore_SQL-N1_mgc
        enabled: true
        copy_interval: 15
        restore_interval: 15
    schedules:
      description: Ids of the schedules of both jobs.
      type: dict
      sample: {copy: [21], restore: [22]}
  sample: {database_state: RESTORING, agent_running: true, log_shipping_secondary: null, schedules:
    {copy: [], restore: []}}
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: add_secondary
      why: No logs are applied to mgc here.
      one_way: false
      calls: ["USE [master]; ... EXEC @rc = master.dbo.sp_add_log_shipping_secondary_primary
        @primary_server = N'SQL-N1', ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {database_state: RESTORING, log_shipping_secondary: null}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {database_state: RESTORING, log_shipping_secondary: {copy_job: LSCopy_SQL-N1_mgc}}
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
  sample: not_restoring
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: add_secondary
"""
