#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Judge whether a pool's hosts have what it takes
version_added: 0.1.0
description:
  - Judges what the information modules read from the hosts of a pool, before anything is changed.
    All findings are told at once.
  - Connects to no host and changes nothing.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.controller
notes:
  - The task fails when there is a finding. The code is that of the finding, or V(preflight) when
    there are findings of several kinds; each has its
    own code in RV(findings).
  - Finding V(unreachable) - a host does not answer, or was not looked at. Repair the connection.
  - Finding V(failed), or any other code - reading a host failed. The text is the one of the failed
    task.
  - Finding V(no_sysadmin) - the account is not sysadmin on the instance, and would see mirrored
    databases as not mirrored. Make it sysadmin.
  - Finding V(version) - SQL Server is older than 2008 R2 SP1, or partners and witness have
    different versions. Upgrade.
  - Finding V(edition) - partners have different editions. Use the same on both.
  - Finding V(no_agent) - SQL Server Agent does not run on an instance that ships logs. Start it,
    and let it start automatically.
  - Finding V(foreign_log_backup) - other jobs back up logs and would break the chain of log
    shipping. Disable them.
  - Finding V(simple_recovery) - a database is in SIMPLE recovery and
    O(manage_recovery_model=false). Set it to FULL.
  - Finding V(database_closed) - a database is C(READ_ONLY), C(RESTRICTED_USER), C(SINGLE_USER) or
    C(AUTO_CLOSE), which keeps the chat servers or a mirror away. Find out why, and take it back.
  - Finding V(clock) - a SQL Server's clock is more than 120 seconds off the others'. Repair time
    synchronization.
  - Finding V(no_tools) - the management tools are missing on a management host. Install them.
  - Finding V(no_service) - the Persistent Chat services are missing on a chat server. Run the
    deployment wizard there.
  - Finding V(time_zone) - a server that is to be active stands in another time zone than the Front
    End. Change the time zone, or keep it on standby.
  - Finding V(no_share) - a file server has no such share. Create it with
    M(lync.persistent_chat.file_share).
  - Finding V(failed_over) - the pool runs on its backup store. Run the failback instead of building
    it.
options:
  estate:
    description: What M(lync.persistent_chat.estate_info) returns as C(estate).
    type: dict
    required: true
  facts:
    description:
      - What was read, by host name as in the estate. Each host has a dictionary of registered
        results - C(sql) of M(lync.persistent_chat.sql_info),
        C(host) of M(lync.persistent_chat.host_info), C(pool) of M(lync.persistent_chat.pool_info).
      - Results of failed and unreachable tasks belong here as well; they are findings.
    type: dict
    required: true
  manage_recovery_model:
    description: Whether building may set databases to FULL recovery. If so, SIMPLE recovery is no
      finding.
    type: bool
    default: true
  log_share:
    description: UNC name of the share for log backups. Looked for when its server is a file server
      of the estate; the empty string skips that.
    type: str
    default: ''
  seed_share:
    description: UNC name of the share for seeding mirrors, looked for in the same way.
    type: str
    default: ''
  accept_foreign_log_backups:
    description: Whether jobs that back up the log of this pool's databases are no finding.
    type: bool
    default: false
  active_servers:
    description: Names of the servers that are to be active. Time zones are judged of these only;
      without any, of all servers.
    type: list
    elements: str
    default: []
seealso:
  - module: lync.persistent_chat.estate_info
  - module: lync.persistent_chat.sql_info
  - module: lync.persistent_chat.host_info
  - module: lync.persistent_chat.pool_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Judge one SQL Server and one management host
  lync.persistent_chat.preflight:
    estate: "{{ declared.estate }}"
    facts:
      sql-n1.contoso.example:
        sql: "{{ read_sql }}"
      fe-n1.contoso.example:
        host: "{{ read_host }}"
        pool: "{{ read_pool }}"

- name: Judge the whole estate, with its shares
  lync.persistent_chat.preflight:
    estate: "{{ declared.estate }}"
    facts: "{{ everything_read }}"
    log_share: '\\fs-s1.contoso.example\pchat-logs'
    seed_share: '\\fs-s1.contoso.example\pchat-seed'
    active_servers: [chat-n1.contoso.example, chat-s1.contoso.example]
    manage_recovery_model: false
"""

RETURN = r"""
findings:
  description: What stands in the way. Empty when the task succeeds.
  returned: always
  type: list
  elements: dict
  contains:
    host:
      description: Inventory name of the host.
      type: str
      sample: sql-n2.contoso.example
    code:
      description: Kind of the finding, see the notes.
      type: str
      sample: no_agent
    text:
      description: What was found, and what to do.
      type: str
      sample: SQL Server Agent does not run; log shipping is Agent jobs. Start it, and let it start
        automatically.
  sample: []
hosts:
  description: Number of hosts whose facts were judged.
  returned: success
  type: int
  sample: 17
code:
  description: Code of the finding, or V(preflight) for several kinds of findings.
  returned: failure
  type: str
  sample: preflight
"""
