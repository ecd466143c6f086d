#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: database
short_description: Install Persistent Chat databases on a SQL Server
version_added: 0.1.0
description:
  - Installs the databases of a published Persistent Chat pool on one SQL Server store, when at
    least one of those asked for is not there.
  - Reads C(Test-CsDatabase -ConfiguredDatabases -SqlServerFqdn). Sends C(Install-CsDatabase
    -ConfiguredDatabases) for the default or the named instance,
    with C(-Confirm:$false). The cmdlet installs every database that the topology configures for the
    store.
  - Run it on a host with the Lync Server or Skype for Business Server management tools, after the
    topology was published. The cmdlet connects to the
    SQL Server from there, so the account needs to be delegated (CredSSP or Kerberos) and sysadmin
    on the instance.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
notes:
  - Refusal V(bad_name) - O(sql_server) is not a fully qualified domain name; the cmdlets time out
    on short names. Correct it.
  - A mirror copy or a log shipping secondary cannot be opened by C(Test-CsDatabase). Name such
    databases in O(existing), or they would be installed again.
options:
  sql_server:
    description: Fully qualified domain name of the SQL Server, as the topology names it.
    type: str
    required: true
  instance:
    description: Name of the instance on O(sql_server); the empty string means the default instance.
    type: str
    default: ''
  databases:
    description: The databases that must be there. V(mgc) holds the chat content, V(mgccomp) the
      compliance data.
    type: list
    elements: str
    choices: [mgc, mgccomp]
    required: true
  existing:
    description:
      - Databases that SQL Server itself reports on the instance in any state, from
        M(lync.persistent_chat.sql_info). They count as installed.
      - When they are all of O(databases), no cmdlet is sent.
    type: list
    elements: str
    default: []
  use_default_paths:
    description: Puts the files where the instance's default paths say (C(-UseDefaultSqlPaths)).
      Wins over O(database_paths).
    type: bool
    default: true
  database_paths:
    description:
      - Folders on the SQL Server for the files (C(-DatabasePaths)), when
        O(use_default_paths=false).
      - Without both, the cmdlet chooses by the drives that it finds.
    type: list
    elements: str
    default: []
seealso:
  - module: lync.persistent_chat.mirror_database
  - module: lync.persistent_chat.sql_info
  - name: Install-CsDatabase
    description: Reference of the cmdlet.
    link: https://learn.microsoft.com/en-us/powershell/module/skype/install-csdatabase
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Install the chat and the compliance database on the primary store
  lync.persistent_chat.database:
    sql_server: sql-n1.contoso.example
    databases: [mgc, mgccomp]
  delegate_to: fe-n1.contoso.example

- name: See what a named instance holds
  lync.persistent_chat.sql_info:
    databases: [mgc]
    sql_instance: CHAT
  delegate_to: sql-s1.contoso.example
  register: backup_sql

- name: Install the chat database there, on drives of its own, unless any copy of it exists
  lync.persistent_chat.database:
    sql_server: sql-s1.contoso.example
    instance: CHAT
    databases: [mgc]
    existing: "{{ backup_sql.state.databases | dict2items | selectattr('value.database_state') |
      map(attribute='key') | list }}"
    use_default_paths: false
    database_paths: ['L:\CsLogs', 'D:\CsData']
  delegate_to: fe-n1.contoso.example
"""

RETURN = r"""
state:
  description: Whether each database is there.
  returned: success
  type: dict
  contains:
    databases:
      description: Database name and whether it is installed.
      type: dict
      sample: {mgc: true, mgccomp: true}
  sample: {databases: {mgc: true, mgccomp: true}}
steps:
  description: What was (or would be) done, with the reason and the exact cmdlet.
  returned: success
  type: list
  elements: dict
  sample:
    - name: install_databases
      why: mgc is not installed on sql-n1.contoso.example.
      one_way: false
      calls: [Install-CsDatabase -ConfiguredDatabases -SqlServerFqdn 'sql-n1.contoso.example'
        -ForDefaultInstance -UseDefaultSqlPaths -Confirm:$false]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {databases: {mgc: false}}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {databases: {mgc: true}}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
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
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: install_databases
"""
