#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: mirror_database
short_description: Mirror a Persistent Chat database by Lync's own cmdlet
version_added: 0.1.0
description:
  - Lets Lync Server or Skype for Business Server set up or remove the mirror of one database, with
    the partners, ports and witness that the published
    topology names.
  - Reads C(Get-CsService -PersistentChatServer) and C(Get-CsDatabaseMirrorState). Sends
    C(Install-CsMirrorDatabase) or C(Uninstall-CsMirrorDatabase), with
    C(-Confirm:$false), and waits until the copies are synchronized.
  - Run it on a host with the management tools. The cmdlet connects to both SQL Servers from there,
    so the account needs to be delegated and
    sysadmin on both. For step by step control over T-SQL, use M(lync.persistent_chat.mirroring)
    instead.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.mirroring_modules
  - lync.persistent_chat.pool
notes:
  - Refusal V(bad_name) - O(pool) or O(sql_server) is not a fully qualified domain name; the cmdlets
    time out on short names. Correct it.
  - Refusal V(bad_path) - O(file_share) is missing or not a UNC name. Give a share that the service
    accounts of both SQL Servers can change.
  - Failure V(timed_out) - the cmdlet ended, but the copies were not synchronized in time. Look at
    the session with
    M(lync.persistent_chat.sql_info), then run again.
  - A database that is mirrored already is left alone, whoever is the principal. When neither
    partner answers, it looks as if it were not mirrored.
  - After a mirror was made, the Persistent Chat services of the pool must be restarted; see
    O(lync.persistent_chat.windows_service#module:started_after).
options:
  database:
    description: V(mgc) holds the chat content, V(mgccomp) the compliance data.
    type: str
    choices: [mgc, mgccomp]
    required: true
  sql_server:
    description: Fully qualified domain name of the pool's primary SQL Server store, as the topology
      names it. The mirror follows from the topology.
    type: str
    required: true
  instance:
    description: Name of the instance on O(sql_server); the empty string means the default instance.
    type: str
    default: ''
  file_share:
    description: UNC name of the share through which the cmdlet hands the backup to the mirror.
      Needed with O(state=present).
    type: str
  drop_existing:
    description: Lets the cmdlet drop databases of the same name on the mirror
      (C(-DropExistingDatabasesOnMirror)). That cannot be undone.
    type: bool
    default: false
  timeout:
    description: Seconds until the copies must be synchronized after the cmdlet has ended.
    type: int
    default: 3600
  state:
    description: V(present) mirrors the database, V(absent) ends that. The principal's copy stays
      online, the other one restoring.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: lync.persistent_chat.mirroring
  - module: lync.persistent_chat.mirror_principal
  - name: Install-CsMirrorDatabase
    description: Reference of the cmdlet.
    link: https://learn.microsoft.com/en-us/powershell/module/skype/install-csmirrordatabase
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Mirror the chat database
  lync.persistent_chat.mirror_database:
    pool: chat.contoso.example
    database: mgc
    sql_server: sql-n1.contoso.example
    file_share: '\\fs-s1.contoso.example\pchat-seed'
  delegate_to: fe-n1.contoso.example

- name: Mirror both databases of a named instance, over what an earlier mirror left
  lync.persistent_chat.mirror_database:
    pool: chat.contoso.example
    database: "{{ item }}"
    sql_server: sql-n1.contoso.example
    instance: CHAT
    file_share: '\\fs-s1.contoso.example\pchat-seed'
    drop_existing: true
  loop: [mgc, mgccomp]
  delegate_to: fe-n1.contoso.example

- name: End the mirroring of the chat database
  lync.persistent_chat.mirror_database:
    pool: chat.contoso.example
    database: mgc
    sql_server: sql-n1.contoso.example
    state: absent
  delegate_to: fe-n1.contoso.example
"""

RETURN = r"""
state:
  description: The mirror as Lync sees it.
  returned: success
  type: dict
  contains:
    principal:
      description: The slot of the topology whose copy is principal, V(primary) or V(mirror); null
        when the database is not mirrored.
      type: str
      sample: primary
    synchronized:
      description: Whether the copies are synchronized.
      type: bool
      sample: true
    status:
      description: What the partners tell of the session.
      type: list
      elements: str
      sample: [synchronized]
  sample: {principal: primary, synchronized: true, status: [synchronized]}
steps:
  description: What was (or would be) done, with the reason and the exact cmdlet.
  returned: success
  type: list
  elements: dict
  sample:
    - name: install_mirror
      why: mgc has no mirror.
      one_way: false
      calls: [Install-CsMirrorDatabase -DatabaseType 'PersistentChat' -FileShare
        '\\fs-s1.contoso.example\pchat-seed' -SqlServerFqdn 'sql-n1.contoso.example']
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {principal: null, synchronized: false, status: []}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {principal: primary, synchronized: true, status: [synchronized]}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [principal]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: bad_path
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: install_mirror
"""
