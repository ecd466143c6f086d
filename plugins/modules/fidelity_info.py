#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: fidelity_info
short_description: What a host tells about the assumptions of this collection
version_added: 0.2.0
description:
  - Reads from a host what M(lync.persistent_chat.fidelity_report) needs to judge the assumptions
    that docs/fidelity.md lists. Nothing is changed.
  - Sends C(Get-Command) for every cmdlet that the collection calls on hosts of these kinds, and
    lets the collection's own readers read, while it watches
    which properties of the returned objects they look at.
  - On a SQL Server it also reads C(sys.all_columns), C(sys.all_parameters), C(sys.all_sql_modules)
    and C(sys.messages) for the names that the
    collection's batches have in them, selects a few constants, and lets one batch fail with
    C(RAISERROR) to see how errors arrive.
  - The cmdlets, columns and procedure arguments are taken from the code that sends them; there is
    no second list that could be wrong.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.sql
notes:
  - A reader that stumbles over what a host returns is told in RV(state.broken), it does not fail
    the task.
  - The failing batch writes its text to nothing but the answer; severity 16 is not logged on the
    server.
options:
  kinds:
    description:
      - What the host is. V(lync) for a host with the management tools, V(sql) for a SQL Server,
        V(chat) for a chat server, V(windows) for any other.
    type: list
    elements: str
    choices: [lync, sql, windows, chat]
    required: true
  pool:
    description: Fully qualified domain name of the Persistent Chat pool; looked at on hosts of the
      kind V(lync).
    type: str
  databases:
    description: Databases to look at.
    type: list
    elements: str
    default: [mgc, mgccomp]
seealso:
  - module: lync.persistent_chat.fidelity_report
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Look at a SQL Server
  lync.persistent_chat.fidelity_info:
    kinds: [sql]
    databases: [mgc]
  delegate_to: sql-n1.contoso.example
  register: seen_sql

- name: Look at a management host
  lync.persistent_chat.fidelity_info:
    kinds: [lync, windows]
    pool: chat.contoso.example
  delegate_to: fe-n1.contoso.example
  register: seen_lync
"""

RETURN = r"""
state:
  description: What was seen.
  returned: success
  type: dict
  contains:
    kinds:
      description: The kinds that were asked for.
      type: list
      elements: str
      sample: [sql]
    looked:
      description: Those of O(kinds) that could be looked at.
      type: list
      elements: str
      sample: [sql]
    commands:
      description: Module and parameters by cmdlet, of those that the host has.
      type: dict
      sample: {Invoke-Sqlcmd: {module: SQLPS, parameters: [Database, Query, ServerInstance]}}
    calls:
      description: For each cmdlet that a reader called, the number of objects and whether any of
        them had each property that was looked at.
      type: list
      elements: dict
      sample: [{call: Get-SmbShare -ErrorAction 'SilentlyContinue', cmdlet: Get-SmbShare, records:
        2, properties: {Name: true, Path: true}, error: null}]
    broken:
      description: Readers that stumbled.
      type: list
      elements: str
      sample: []
    lync:
      description: Pool, stores, topology document and names of properties; null on other hosts.
      type: dict
      sample: {stores: {PersistentChatDatabase: 'PersistentChatDatabase:sql-n1.contoso.example'},
        document: <Topology/>}
    sql:
      description: Catalog, messages and probes; null on other hosts.
      type: dict
      sample: {columns: {master.databases: [name, database_id]}, procedures: {}, messages: {},
        probe: {}, failing: {}}
    statements:
      description:
        - For each kind of failure whether the failed call of a pipeline was named, at the first
          place and behind another one, and whether the
          statement behind it ran on the host; null where the session keeps no variables that could
          show it.
      type: dict
      sample: {unknown cmdlet: {named_first: true, named_later: true, ran: true}}
    services:
      description: Display names of the Persistent Chat services by name; null on hosts of other
        kinds.
      type: dict
      sample: {RTCCHAT: Persistent Chat}
    instance:
      description: The SQL Server instance that was looked at.
      type: str
      sample: ''
    taken_up:
      description: Whether the endpoint let its runspace be disconnected and taken up again; null
        when runspaces are not kept.
      type: bool
      sample: true
  sample: {kinds: [windows], commands: {}, calls: [], broken: [], lync: null, sql: null, services:
    {}, instance: '', taken_up: true}
code:
  description: Stable code of the failure, V(unreachable) or V(library_missing).
  returned: failure
  type: str
  sample: unreachable
"""
