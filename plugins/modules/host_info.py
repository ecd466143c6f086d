#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: What a Windows host of a pool is
version_added: 0.1.0
description:
  - Reads the name, Windows version, clock, time zone, Persistent Chat services and shares of a
    host, and whether the Lync management tools are there.
  - Sends C(Get-CimInstance) for C(Win32_OperatingSystem), C(Win32_ComputerSystem),
    C(Win32_LogicalDisk) and C(Win32_Service), C(Get-SmbShare), and C(Get-Command) for
    C(Set-CsPersistentChatState) and C(Invoke-Sqlcmd), in one pipeline. Nothing is changed.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.host
notes:
  - Gives no refusals. A host that does not answer is unreachable, with the code V(unreachable).
options:
  sql_tools:
    description:
      - Whether to tell which module brings C(Invoke-Sqlcmd), in which version and with which
        parameters. PowerShell loads that module for it, which takes
        seconds; a host that holds no SQL Server can do without.
    type: bool
    default: true
seealso:
  - module: lync.persistent_chat.preflight
  - module: lync.persistent_chat.sql_info
  - module: lync.persistent_chat.pool_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Read what a chat server is
  lync.persistent_chat.host_info:
  delegate_to: chat-n1.contoso.example
  register: chat_host

- name: Show its time zone and services
  ansible.builtin.debug:
    msg: "{{ chat_host.state.utc_offset_minutes }} minutes from UTC, {{ chat_host.state.services |
      dict2items | map(attribute='value.status') | list }}"

- name: Stop unless the management tools are there
  lync.persistent_chat.host_info:
  delegate_to: fe-n1.contoso.example
  register: management
  failed_when: not management.state.has_lync_tools
"""

RETURN = r"""
state:
  description: The host.
  returned: success
  type: dict
  contains:
    computer:
      description: NetBIOS name.
      type: str
      sample: CHAT-N1
    domain:
      description: DNS name of the domain.
      type: str
      sample: contoso.example
    os_version:
      description: Version of Windows.
      type: str
      sample: 6.3.9600
    utc_now:
      description: The host's clock, in UTC.
      type: str
      sample: '2015-06-01T08:00:00Z'
    utc_offset_minutes:
      description: Minutes from UTC of the host's time zone.
      type: int
      sample: 120
    services:
      description: Services whose display name has C(Persistent Chat) in it, by service name.
      type: dict
      sample: {RTCCHAT: {display_name: Persistent Chat, status: started}}
    shares:
      description: By share name the local folder behind it and who may do what.
      type: dict
      sample: {pchat-logs: {path: 'D:\shares\pchat-logs', access: {'CONTOSO\sqlsvc': change}}}
    drives:
      description: Megabytes that are free on each local drive.
      type: dict
      sample: {'D:': 81920}
    has_lync_tools:
      description: Whether the cmdlets of Persistent Chat are known on the host.
      type: bool
      sample: false
    sql_tools:
      description:
        - C(module), C(version) and C(parameters) of the C(Invoke-Sqlcmd) that a call by name runs.
        - Null when there is none, or when O(sql_tools=false).
      type: dict
      sample: {module: SQLPS, version: '1.0', parameters: [Database, Query, ServerInstance]}
    sees_files:
      description: Whether this session has a file system. Without one every folder seems to be
        missing (an endpoint without C(VisibleProviders)).
      type: bool
      sample: true
  sample:
    computer: CHAT-N1
    domain: contoso.example
    os_version: 6.3.9600
    utc_now: '2015-06-01T08:00:00Z'
    utc_offset_minutes: 120
    services: {RTCCHAT: {display_name: Persistent Chat, status: started}}
    shares: {}
    has_lync_tools: false
    sql_tools: {module: SQLPS, version: '1.0', parameters: [Database, Query, ServerInstance]}
    sees_files: true
assumed:
  description: The keys of RV(state) that an earlier task of this check run predicted.
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
  sample: unreachable
"""
