#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: sql_info
short_description: What a SQL Server instance is, and what it holds of a pool
version_added: 0.1.0
description:
  - Reads who an instance is, its service accounts and its mirroring endpoint, and for each database
    its state, mirroring, log shipping, newest
    backups and newest restore.
  - Sends C(SELECT) statements on system views and C(msdb), all in one pipeline. Nothing is changed.
  - The account should be sysadmin (RV(state.is_sysadmin)); others see mirrored databases as not
    mirrored.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - Refusal V(bad_name) - a name in O(databases) or O(sql_instance) cannot be one. Correct it.
  - A database that is not there is no failure; all its values are null.
options:
  databases:
    description: Names of the databases to read. V(mgc) holds the chat content of a pool, V(mgccomp)
      its compliance data.
    type: list
    elements: str
    default: [mgc, mgccomp]
  mirroring_port:
    description: When given and the instance has no mirroring endpoint, C(port_taken) of the
      returned state tells whether something listens on this port.
    type: int
seealso:
  - module: lync.persistent_chat.preflight
  - module: lync.persistent_chat.pool_status
  - module: lync.persistent_chat.pool_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Read the default instance
  lync.persistent_chat.sql_info:
  delegate_to: sql-n1.contoso.example
  register: read_sql

- name: Show the roles
  ansible.builtin.debug:
    msg: "{{ read_sql.state.databases.values() | map(attribute='mirroring_role') | list }}"

- name: Read one database of a named instance
  lync.persistent_chat.sql_info:
    databases: [mgc]
    sql_instance: CHAT
  delegate_to: sql-n2.contoso.example
"""

RETURN = r"""
state:
  description: The instance.
  returned: success
  type: dict
  contains:
    server_name:
      description: The instance's C(@@SERVERNAME), by which log shipping knows it.
      type: str
      sample: SQL-N1
    network_name:
      description: The name of the instance by the machine's present name. Another one than
        C(server_name) after the machine was renamed.
      type: str
      sample: SQL-N1
    time_zone:
      description: The server's time zone as C(Win32_TimeZone) tells it, with the days on which its
        clocks change.
      type: dict
      sample: {Bias: 60, DaylightBias: -60, DaylightMonth: 3, DaylightDay: 5, StandardMonth: 10,
        StandardDay: 5}
    logins:
      description: Who may log on, with their SIDs. Each of RV(state.databases) has its C(users) in
        the same form while it can be opened.
      type: list
      elements: dict
      sample: [{name: 'CONTOSO\sqlsvc', sid:
        '0x0105000000000005150000003978B9B85EE626D37D7C1EA0D5AE90B5'}]
    default_folders:
      description: Where new data and log files go, and whether that folder is there.
      type: dict
      sample: {data: {path: 'D:\Data', exists: true}, log: {path: 'E:\Log', exists: true}}
    machine:
      description: NetBIOS name of the computer.
      type: str
      sample: SQL-N1
    version:
      description: Product version.
      type: str
      sample: 11.0.6020.0
    edition:
      description: Edition.
      type: str
      sample: Standard Edition (64-bit)
    engine_edition:
      description: Number of the engine's edition (2 Standard, 3 Enterprise, 4 Express).
      type: int
      sample: 2
    collation:
      description: Collation of the instance.
      type: str
      sample: Latin1_General_CI_AS
    utc_now:
      description: The server's clock, in UTC.
      type: str
      sample: '2015-06-01T08:00:00Z'
    clock:
      description: The same (C(told)) with when the controller C(asked) and when it was C(answered),
        in seconds of its own clock; how far the clocks of two hosts are apart can be told by that.
      type: dict
      sample: {told: '2015-06-01T08:00:00Z', asked: 1433145599.7, answered: 1433145600.1}
    utc_offset_minutes:
      description: Minutes from UTC of the server's time zone.
      type: int
      sample: 120
    is_sysadmin:
      description: Whether the account is sysadmin.
      type: bool
      sample: true
    service_account:
      description: The account as which the instance calls its partners; the machine account for
        local identities.
      type: str
      sample: 'CONTOSO\sqlsvc'
    service_account_raw:
      description: The account as the service has it.
      type: str
      sample: 'CONTOSO\sqlsvc'
    agent_account:
      description: The account as which SQL Server Agent reaches shares.
      type: str
      sample: 'CONTOSO\sqlagent'
    agent_running:
      description: Whether SQL Server Agent runs.
      type: bool
      sample: true
    endpoint:
      description: The mirroring endpoint, null when there is none.
      type: dict
      sample: {name: Mirroring, port: 5022, state: STARTED, role: ALL, is_encrypted: true,
        algorithm: AES, owner: sa}
    connect:
      description: Accounts that may connect to the endpoint.
      type: list
      elements: str
      sample: ['CONTOSO\sqlsvc']
    sql_tools:
      description:
        - C(module), C(version) and C(parameters) of the C(Invoke-Sqlcmd) that this was read with.
      type: dict
      sample: {module: SQLPS, version: '1.0', parameters: [Database, Query, ServerInstance]}
    log_backup_jobs:
      description: Enabled jobs, other than those of log shipping, that back up the log of one of
        O(databases).
      type: list
      elements: str
      sample: []
    port_taken:
      description: Whether something listens on O(mirroring_port) although there is no endpoint.
      type: bool
      sample: false
    volumes:
      description: Megabytes that are free on each volume with files of databases, by mount point.
      type: dict
      sample: {'D:\': 81920}
    records:
      description: What the collection wrote down on this instance (extended properties of
        C(master)), by name in lower case.
      type: dict
      sample: {}
    databases:
      description:
        - By name, the database's state, recovery model, mirroring, redo position, recovery fork and
          sessions.
        - C(user_access), C(is_read_only) and C(is_auto_close_on) are the settings with which
          somebody keeps its users, or a mirror, away.
        - C(restored_at) and C(restored_stamp) tell of the newest full restore, C(restored_uuid) and
          C(restored_last_lsn) of the newest restore of any kind,
          C(last_full_backup) and C(last_log_backup) of the newest backups taken here,
          C(full_stamps) are the names of the full backups of the current
          recovery fork, newest first.
        - C(log_shipping_primary) and C(log_shipping_secondary) are the settings and jobs of log
          shipping, null when there is none. C(backup_job_intervals),
          C(copy_job_intervals) and C(restore_job_intervals) are the minutes of their enabled
          schedules; C(foreign_backups) of a primary are the log backups that somebody else took
          within a day.
        - C(owner) is whom this copy belongs to, null when that login is gone; C(dbo_sid), of an
          online copy, tells whom the database belonged to where it was made.
        - C(space) tells in megabytes how large the database is, how much its log keeps because of
          C(log_reuse_wait), and what room is left on the drive of the log.
      type: dict
      sample:
        mgc:
          database_state: ONLINE
          user_access: MULTI_USER
          is_read_only: false
          is_auto_close_on: false
          recovery_model: FULL
          mirroring_role: PRINCIPAL
          mirroring_state: SYNCHRONIZED
          mirroring_partner: TCP://sql-n2.contoso.example:5022
          mirroring_safety: FULL
          mirroring_witness: TCP://sql-n3.contoso.example:7022
          mirroring_witness_state: CONNECTED
          mirroring_timeout: 10
          sessions: 12
          log_shipping_secondary: null
  sample:
    server_name: SQL-N1
    version: 11.0.6020.0
    edition: Standard Edition (64-bit)
    service_account: 'CONTOSO\sqlsvc'
    agent_running: true
    databases: {mgc: {database_state: ONLINE, recovery_model: FULL, mirroring_role: PRINCIPAL,
      mirroring_state: SYNCHRONIZED}}
assumed:
  description: The keys of RV(state) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [databases]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: bad_name
"""
