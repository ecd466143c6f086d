#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: dr_info
short_description: Look at a whole estate at once, whatever is left of it
version_added: 0.2.0
description:
  - Looks at every host of a pool at the same time and tells what was seen in one document. A host
    that does not answer is no failure of the task; it is a fact
    of the document. The time does not grow with the number of lost hosts.
  - Connects to each host as its own variables say (C(ansible_host), C(ansible_connection),
    C(ansible_user) ...), whatever host the task runs for.
  - Reads of a SQL Server what M(lync.persistent_chat.sql_info) reads; of the backup one also the
    declared intent (M(lync.persistent_chat.dr_intent)) and
    the headers of the log backups on the share and in the copy folder (C(xp_dirtree),
    C(xp_fileexist), C(RESTORE HEADERONLY); those that are still to be
    applied by C(RESTORE VERIFYONLY) too).
  - Reads of a management host the pool, its state, its active servers and the central management
    store; when the store does not answer, what the host's own
    replica says (C(-LocalStore)).
  - When a SQL Server of the primary pair does not answer within half a second, others are asked
    meanwhile whether they reach it (C(Test-NetConnection)), of each site a chat server, about the
    port of SQL Server (C(pchat_sql_port)), or, where none can tell, a management host, about that
    of WinRM.
  - Reads of a chat server whether the Persistent Chat service runs, and since when. Of any other
    host only whether it answers.
  - Changes nothing.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.host
notes:
  - Unknown is not absent. What could not be read is null, and RV(document.hosts) says why;
    M(lync.persistent_chat.dr_plan) refuses to act on what nobody knows.
  - A host that answers but cannot be read (a right is missing, a cmdlet fails) counts as not
    answering, with the reason in C(why).
  - The account needs sysadmin on the SQL Servers, or mirroring and redo positions cannot be seen.
options:
  estate:
    description: The RV(lync.persistent_chat.estate_info#module:estate) of the pool.
    type: dict
    required: true
  databases:
    description: Databases to look at, V(mgc) and with compliance V(mgccomp).
    type: list
    elements: str
    default: [mgc]
  log_share:
    description: UNC name of the share to which log shipping writes, as the backup SQL Server sees
      it.
    type: str
    required: true
  copy_folder:
    description: The folder on the backup SQL Server to which log shipping copies.
    type: str
    required: true
  seed_share:
    description: UNC name of the share for full backups. Each SQL Server is asked whether it sees
      this share and O(log_share).
    type: str
    default: ''
  probe_within:
    description:
      - Seconds within which a host must begin to say that it is there, before it is read. It is
        asked without a logon (Identify of WS-Management), and whatever it answers will do.
      - Every half second another connection asks, so that a packet that is lost on the way costs
        half a second. A host behind a proxy is read at once.
    type: int
    default: 3
  probe_again_within:
    description: The same for a host of O(silent), and half of it with O(ask_others=false). One that
      is back is read in full.
    type: int
    default: 1
  answer_within:
    description: Seconds within which a host that is there must answer what is asked of it, or it
      counts as not answering.
    type: int
    default: 15
  silent:
    description: The RV(silent) of the look before in the same run, so that the dead are not waited
      for twice. All hosts are looked at at the same time, so the longest of the three waits is
      about how long the task takes when some are lost.
    type: list
    elements: str
    default: []
  ask_others:
    description: Whether other hosts are asked about a SQL Server of the primary pair that does not
      answer. It matters as long as something lies ahead that is done only because it is silent.
    type: bool
    default: true
seealso:
  - module: lync.persistent_chat.estate_info
  - module: lync.persistent_chat.dr_plan
  - module: lync.persistent_chat.sql_info
  - module: lync.persistent_chat.pool_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: See which host is what
  lync.persistent_chat.estate_info:
    pool: chat.contoso.example
  register: declared

- name: Look at every host at the same time
  lync.persistent_chat.dr_info:
    estate: "{{ declared.estate }}"
    log_share: '\\fs-s1.contoso.example\pchat-logs'
    copy_folder: 'D:\pchat-copy'
  register: seen

- name: Name those that do not answer
  ansible.builtin.debug:
    msg: "{{ seen.silent | map('extract', seen.document.hosts) | map(attribute='why') | list }}"
"""

RETURN = r"""
document:
  description: Everything that was seen. M(lync.persistent_chat.dr_plan) takes it as it is.
  returned: success
  type: dict
  contains:
    estate:
      description: The option O(estate), unchanged.
      type: dict
      sample: {pool: chat.contoso.example, management: [fe-n1.contoso.example,
        fe-s1.contoso.example]}
    now:
      description: The controller's clock in UTC. Ages are counted by the backup SQL Server's own
        clock when it answers.
      type: str
      sample: '2015-06-01T08:00:00Z'
    hosts:
      description: What was seen, by inventory name of the host.
      type: dict
      contains:
        answers:
          description: Whether the host answered and could be read.
          type: bool
          sample: true
        why:
          description: The sentence that says why not; null when it answers.
          type: str
          sample: null
        sql:
          description:
            - Of a SQL Server what RV(lync.persistent_chat.sql_info#module:state) tells; null for
              other hosts, and when it could not be read.
            - Of the backup SQL Server also C(intent), the record (C(target), C(id), C(operator),
              C(at)) or null, and C(logs).
            - C(logs) has C(share) and C(copied), each a list of log backups, and C(why). C(share)
              is null when the share cannot be seen; C(why) says so then.
              A log backup has C(path), C(place) (V(share) or V(copied)), C(position), C(first_lsn),
              C(last_lsn), C(first_fork), C(last_fork), C(fork_point),
              C(family), C(server), C(stamp), C(at) (when it was begun, in UTC), C(uuid),
              C(damaged), C(tail), and C(error), a sentence when its header
              cannot be read, with nothing else then. Files that were restored long ago are not
              opened and not listed.
          type: dict
          sample:
            server_name: SQL-S1
            utc_now: '2015-06-01T08:00:00Z'
            agent_running: true
            databases: {mgc: {database_state: RESTORING, redo_lsn: '37000000012600001'}}
            intent: null
            logs:
              share: []
              copied:
                - path: 'D:\pchat-copy\mgc_20150601074500.trn'
                  place: copied
                  position: 1
                  first_lsn: 37000000012300001
                  last_lsn: 37000000012600001
                  at: '2015-06-01T07:45:00Z'
                  damaged: false
                  tail: false
                  error: null
              why: null
        pool:
          description:
            - Of a management host what it says of the pool; null for other hosts. C(store) is
              V(central), V(local) (the central management store does not
              answer, the host's replica does) or null (neither does), and C(why) the reason.
            - C(published), C(members), C(active), C(pool_state), C(cms) (the host of the active
              store) and C(late) (servers without the newest
              configuration). The replica does not know C(active), which is null then.
          type: dict
          sample: {store: central, why: null, published: true, members: [chat-n1.contoso.example],
            active: [chat-n1.contoso.example], pool_state: Normal,
            cms: fe-n1.contoso.example, late: []}
        chat:
          description: Of a chat server whether its Persistent Chat service runs (C(started)) and
            since when (C(started_at)), by its own clock (C(clock), as
            RV(lync.persistent_chat.sql_info#module:state) has it); null for other hosts.
          type: dict
          sample: {started: true, started_at: '2015-06-01T06:00:00Z', clock: {told:
            '2015-06-01T08:00:00Z', asked: 1433145599.7, answered: 1433145600.1}}
        sees:
          description: Which SQL Servers of the primary site this host reaches, by inventory name;
            null where it cannot tell, because the cmdlet Test-NetConnection is not there, say.
            Empty where it was not asked.
          type: dict
          sample: {sql-n1.contoso.example: false}
      sample:
        sql-n1.contoso.example: {answers: false, why: 'sql-n1.contoso.example does not answer: timed
        out', sql: null, pool: null, chat: null, sees: {}}
        chat-s1.contoso.example: {answers: true, why: null, sql: null, pool: null, chat: {started:
        true, started_at: '2015-06-01T06:00:00Z'}, sees: {}}
  sample:
    estate: {pool: chat.contoso.example}
    now: '2015-06-01T08:00:00Z'
    hosts:
      sql-n1.contoso.example: {answers: false, why: 'sql-n1.contoso.example does not answer: timed
      out', sql: null, pool: null, chat: null, sees: {}}
silent:
  description: Inventory names of the hosts that did not answer or could not be read.
  returned: success
  type: list
  elements: str
  sample: [sql-n1.contoso.example]
code:
  description: Stable code of the failure. Lost hosts are none; what remains is V(library_missing).
  returned: failure
  type: str
  sample: library_missing
"""
