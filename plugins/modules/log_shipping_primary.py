#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: log_shipping_primary
short_description: Log shipping of a database, on the instance that backs up the log
version_added: 0.1.0
description:
  - Configures an instance as the primary of log shipping for one database - the folder and share of
    the log backups, the backup job, its schedule,
    its alerts, and the list of secondaries.
  - With database mirroring both partners are configured alike, with the same share, so that
    shipping goes on after a role switch. The backup job does
    nothing on the partner that is the mirror.
  - Reads the log shipping tables, jobs, schedules and backup history in C(msdb), C(sys.databases)
    and C(sys.dm_server_services).
  - Sends C(sp_add_log_shipping_primary_database), C(sp_add_log_shipping_alert_job),
    C(sp_add_log_shipping_primary_secondary),
    C(sp_change_log_shipping_primary_database), C(sp_delete_log_shipping_primary_secondary),
    C(sp_delete_log_shipping_primary_database),
    C(sp_add_schedule), C(sp_attach_schedule), C(sp_detach_schedule) and C(sp_update_job), each with
    a check of its return code.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(no_agent) - SQL Server Agent does not run, or the edition (Express) has none. Start it
    with M(lync.persistent_chat.windows_service).
  - Refusal V(foreign_log_backup) - in the last 24 hours something else backed up this log, or an
    enabled job with a C(BACKUP LOG) step exists; the
    result lists both as C(foreign). Stop it. If it is over and the secondary is seeded anew, use
    O(accept_foreign_log_backups=true).
  - Refusal V(not_online) - log shipping can be configured only on an online database. Make this
    partner the principal with
    M(lync.persistent_chat.mirror_principal), run the task, and switch back.
  - Refusal V(simple_recovery) - there are no log backups in SIMPLE recovery. Set it to FULL, for
    example with
    M(lync.persistent_chat.database_backup).
  - Refusal V(bad_path), V(bad_name) or V(bad_minutes) - an option is missing or cannot be used. The
    message names it; correct it.
  - The job O(backup_job) is named when it is made. A job that exists under another name is kept and
    managed by the name it has.
options:
  database:
    description: Name of the database whose log is shipped.
    type: str
    required: true
  enabled:
    description: Whether the backup job is started by its schedule. Failover and failback disable it
      for a while.
    type: bool
    default: true
  state:
    description: V(present) configures log shipping, V(absent) removes it with its backup job. Files
      and secondaries stay as they are.
    type: str
    choices: [present, absent]
    default: present
  backup_directory:
    description: Folder for the log backups, as this SQL Server sees it. Without it, the UNC name in
      O(backup_share).
    type: str
  backup_share:
    description: UNC name of the same folder, from which the secondaries copy. Needed with
      O(state=present).
    type: str
  backup_job:
    description: Name of the backup job when it is made. Without it, C(LSBackup_<database>).
    type: str
  backup_retention:
    description: Minutes that log backups are kept in the folder.
    type: int
    default: 4320
  backup_threshold:
    description: Minutes that may pass without a log backup before alert 14420 is raised.
    type: int
    default: 60
  threshold_alert_enabled:
    description: Whether the alert is raised.
    type: bool
    default: true
  history_retention:
    description: Minutes that the history of the job is kept in C(msdb).
    type: int
    default: 5760
  backup_compression:
    description: Whether log backups are compressed - V(0) never, V(1) always, V(2) as the
      instance's default says.
    type: int
    choices: [0, 1, 2]
    default: 2
  schedule_name:
    description: Name of the schedule when log shipping is set up. Without it, C(<job> every
      <minutes> minutes). A changed schedule is named that way, too.
    type: str
  interval:
    description: Minutes between two log backups, all day. The job has exactly one schedule with it.
    type: int
    default: 15
  secondaries:
    description: Exactly the secondaries that this primary knows of. The list tells the primary who
      restores; the copying is configured on the secondary.
    type: list
    elements: dict
    default: []
    suboptions:
      server:
        description: The secondary's own C(@@SERVERNAME).
        type: str
        required: true
      database:
        description: Name of the database on the secondary.
        type: str
        required: true
  accept_foreign_log_backups:
    description: Goes on although something else has backed up this log lately.
    type: bool
    default: false
seealso:
  - module: lync.persistent_chat.log_shipping_secondary
  - module: lync.persistent_chat.mirror_principal
  - module: lync.persistent_chat.agent_job
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Ship the log of the chat database every 15 minutes
  lync.persistent_chat.log_shipping_primary:
    database: mgc
    backup_share: '\\fs-s1.contoso.example\pchat-logs'
    secondaries:
      - server: SQL-S1
        database: mgc
  delegate_to: sql-n1.contoso.example

- name: The same every five minutes, kept for one day, on an instance that writes to a disk of its
    own
  lync.persistent_chat.log_shipping_primary:
    database: mgc
    backup_directory: 'D:\shares\pchat-logs'
    backup_share: '\\sql-n1.contoso.example\pchat-logs'
    interval: 5
    backup_retention: 1440
    secondaries:
      - server: SQL-S1
        database: mgc
  delegate_to: sql-n1.contoso.example

- name: Ship no log of the compliance database any more
  lync.persistent_chat.log_shipping_primary:
    database: mgccomp
    state: absent
  delegate_to: sql-n1.contoso.example
"""

RETURN = r"""
state:
  description: The database and its primary half of log shipping.
  returned: success
  type: dict
  contains:
    database_state:
      description: State as C(sys.databases) tells it, null when there is no such database.
      type: str
      sample: ONLINE
    recovery_model:
      description: FULL, BULK_LOGGED or SIMPLE.
      type: str
      sample: FULL
    agent_running:
      description: Whether SQL Server Agent runs.
      type: bool
      sample: true
    foreign:
      description: Files of log backups that others took within 24 hours, and jobs that take such.
      type: list
      elements: str
      sample: []
    interval_schedules:
      description: Ids of the schedules of the backup job.
      type: list
      elements: int
      sample: [11]
    log_shipping_primary:
      description: The settings, named as the options; null when no log is shipped. C(interval) is
        null unless the job has exactly one schedule in minutes.
      type: dict
      sample:
        backup_directory: '\\fs-s1.contoso.example\pchat-logs'
        backup_share: '\\fs-s1.contoso.example\pchat-logs'
        backup_retention: 4320
        backup_threshold: 60
        threshold_alert_enabled: true
        history_retention: 5760
        backup_compression: 2
        backup_job: LSBackup_mgc
        enabled: true
        interval: 15
        secondaries: [{server: SQL-S1, database: mgc}]
  sample: {database_state: ONLINE, recovery_model: FULL, agent_running: true, foreign: [],
    interval_schedules: [], log_shipping_primary: null}
steps:
  description: What was (or would be) done, with the reason and the exact T-SQL.
  returned: success
  type: list
  elements: dict
  sample:
    - name: add_primary
      why: No log of mgc is shipped from this instance.
      one_way: false
      calls: ["USE [master]; ... EXEC @rc = master.dbo.sp_add_log_shipping_primary_database
        @database = N'mgc', ..."]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {database_state: ONLINE, log_shipping_primary: null}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {database_state: ONLINE, log_shipping_primary: {backup_job: LSBackup_mgc}}
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
  sample: foreign_log_backup
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: add_primary
"""
