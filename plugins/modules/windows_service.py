#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: windows_service
short_description: Windows services of a host, started, stopped, or started since a certain time
version_added: 0.1.0
description:
  - Starts or stops the services whose display name fits a pattern. With O(started_after), services
    that run since before that time are restarted.
  - Chat servers must be restarted after a change of a mirroring relationship; when a service
    started, and when a mirror copy was made, can both be
    read, so a run that was cut off still restarts what is left.
  - Reads C(Get-CimInstance) of C(Win32_Service) and C(Win32_Process). Sends C(Start-Service) and
    C(Stop-Service -Force), or with O(lync=true)
    C(Start-CsWindowsService) and C(Stop-CsWindowsService), and waits for each service.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.services
notes:
  - Refusal V(no_service) - no service of the host fits the display name. Install the software, or
    correct O(display_name).
  - Refusal V(contradiction) - O(started_after) with O(state=stopped). Drop one of the two.
  - Failure V(timed_out) - a service did not start or stop in time. Look at the event log of the
    host.
  - Start modes are not managed.
options:
  exclude:
    description: Display names, with C(*) as the wildcard, of services to leave alone although they
      fit.
    type: list
    elements: str
    default: []
  state:
    description: Whether the services are to run.
    type: str
    choices: [started, stopped]
    default: started
  started_after:
    description:
      - UTC time like V(2015-06-01T08:00:00Z). A service that started before it, or within that
        second, is restarted. The empty string asks for no restart.
      - In check runs V((known after the step\)) stands for a time that an earlier task would have
        set; every running service is then to be restarted.
    type: str
    default: ''
  lync:
    description: Uses the cmdlets of Lync Server and Skype for Business Server for their own
      services.
    type: bool
    default: false
  timeout:
    description: Seconds that each service may take to start or stop.
    type: int
    default: 300
seealso:
  - module: lync.persistent_chat.host_info
  - module: lync.persistent_chat.mirroring
  - module: lync.persistent_chat.mirror_database
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Start the Persistent Chat services
  lync.persistent_chat.windows_service:
    display_name: '*Persistent Chat*'
    lync: true
  delegate_to: chat-n1.contoso.example

- name: Restart what has not seen the mirror yet, but not the compliance service
  lync.persistent_chat.windows_service:
    display_name: '*Persistent Chat*'
    exclude: ['*Compliance*']
    started_after: "{{ mirror_sql.state.databases.mgc.restored_at }}"
    clock: "{{ mirror_sql.state.clock }}"
    lync: true
  delegate_to: chat-n1.contoso.example

- name: Start SQL Server Agent of the default instance
  lync.persistent_chat.windows_service:
    display_name: SQL Server Agent (MSSQLSERVER)
  delegate_to: sql-n1.contoso.example
"""

RETURN = r"""
state:
  description: The services that fit.
  returned: success
  type: dict
  contains:
    services:
      description: By service name, the display name, whether it runs, its start mode, and since
        when it runs (UTC, null when it does not).
      type: dict
      sample: {RTCCHAT: {display_name: Persistent Chat, status: started, start_mode: Auto,
        started_at: '2015-06-01T08:00:00Z'}}
  sample: {services: {RTCCHAT: {display_name: Persistent Chat, status: started, start_mode: Auto,
    started_at: '2015-06-01T08:00:00Z'}}}
steps:
  description: What was (or would be) done, with the reason and the exact cmdlets.
  returned: success
  type: list
  elements: dict
  sample:
    - name: start_service
      why: Persistent Chat does not run.
      one_way: false
      calls: [Start-CsWindowsService -Name 'RTCCHAT' -Confirm:$false]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {services: {RTCCHAT: {status: stopped}}}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {services: {RTCCHAT: {status: started}}}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [services]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(world_moved), V(timed_out),
      V(unreachable) and V(library_missing).
    - V(world_moved) means that the guard in a T-SQL batch found another state than the one that was
      planned for, and changed nothing. Run again.
  returned: failure
  type: str
  sample: no_service
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: start_service
"""
