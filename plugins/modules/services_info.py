#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: services_info
short_description: On which of many hosts services are to be started or restarted
version_added: 1.0.0
description:
  - Asks all hosts at the same time which of their services run, and since when, and tells on which
    M(lync.persistent_chat.windows_service) with the same options would do anything.
  - A host that does not answer or has no such service counts as one of these, so that the task that
    starts its services says why it cannot.
  - Nothing is changed.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.host
  - lync.persistent_chat.services
notes:
  - It tells what is, in check mode as well; what earlier tasks of a check run predicted it does not
    know.
options:
  hosts:
    description: Names of the inventory.
    type: list
    elements: str
    required: true
  known:
    description: What RV(hosts) told a moment ago, by host. Those hosts are not asked again.
    type: dict
    default: {}
  exclude:
    description: Display names, with C(*) as the wildcard, of services that are not looked at.
    type: list
    elements: str
    default: []
  started_after:
    description: UTC time like V(2015-06-01T08:00:00Z) since when the services are to run at most.
      The empty string asks for no time.
    type: str
    default: ''
seealso:
  - module: lync.persistent_chat.windows_service
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: See on which servers Persistent Chat does not run
  lync.persistent_chat.services_info:
    hosts: [chat-n1.contoso.example, chat-n2.contoso.example]
    display_name: '*Persistent Chat*'
  register: chat_services

- name: Start it there
  lync.persistent_chat.windows_service:
    display_name: '*Persistent Chat*'
    lync: true
  delegate_to: "{{ item }}"
  loop: "{{ chat_services.late }}"
"""

RETURN = r"""
late:
  description: Those of O(hosts) on which something is to be started or restarted, in their order.
  returned: success
  type: list
  elements: str
  sample: [chat-n2.contoso.example]
hosts:
  description: By host the C(services), as RV(lync.persistent_chat.windows_service#module:state)
    tells them, and the C(clock) by which it told their times; nothing of hosts that did not answer.
  returned: success
  type: dict
  sample: {chat-n1.contoso.example: {services: {RTCCHAT: {display_name: Persistent Chat, status:
    started, start_mode: Auto, started_at: '2015-06-01T08:00:00Z'}}, clock: {told:
    '2015-06-01T08:00:00Z', asked: 1433145599.7, answered: 1433145600.1}}}
"""
