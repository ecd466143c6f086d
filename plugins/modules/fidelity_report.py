#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: fidelity_report
short_description: Which assumptions of this collection hold on an estate
version_added: 0.2.0
description:
  - Judges each assumption that docs/fidelity.md lists by what M(lync.persistent_chat.fidelity_info)
    read from the hosts - confirmed, refuted, or not
    checkable, with what was seen. One host that refutes an assumption outweighs any number of hosts
    that confirm it.
  - Connects to no host and changes nothing.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.controller
notes:
  - Succeeds whatever it finds. RV(refuted) is there to decide on.
options:
  facts:
    description: Registered results of M(lync.persistent_chat.fidelity_info) by host name. Results
      of failed and unreachable tasks belong here as well.
    type: dict
    required: true
seealso:
  - module: lync.persistent_chat.fidelity_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Judge what two hosts told
  lync.persistent_chat.fidelity_report:
    facts:
      sql-n1.contoso.example: "{{ seen_sql }}"
      fe-n1.contoso.example: "{{ seen_lync }}"
  register: told

- name: Stop when something is not as the collection takes it to be
  ansible.builtin.assert:
    that: told.refuted == []
    fail_msg: "{{ told.lines }}"
"""

RETURN = r"""
report:
  description: The whole report as one document.
  returned: success
  type: dict
  contains:
    counts:
      description: Number of assumptions by verdict.
      type: dict
      sample: {refuted: 0, not_checkable: 14, confirmed: 24}
    hosts:
      description: Hosts that told something.
      type: list
      elements: str
      sample: [fe-n1.contoso.example, sql-n1.contoso.example]
    not_asked:
      description: Hosts that did not, and why.
      type: dict
      sample: {}
    assumptions:
      description: Every assumption with its verdict, what was seen on each host, and C(why) when it
        is not checkable.
      type: list
      elements: dict
      sample:
        - id: default-domain
          assumption: DEFAULT_DOMAIN() gives the NetBIOS domain
          verdict: confirmed
          findings: [{host: sql-n1.contoso.example, verdict: confirmed, seen: 'CONTOSO; the caller
            is CONTOSO\svc-ansible'}]
  sample: {counts: {refuted: 0, not_checkable: 14, confirmed: 24}, hosts: [], not_asked: {},
    assumptions: []}
refuted:
  description: Ids of the refuted assumptions.
  returned: success
  type: list
  elements: str
  sample: []
lines:
  description: The report for people, what needs attention first.
  returned: success
  type: list
  elements: str
  sample: ['24 confirmed, 0 refuted, 14 not checkable, on 17 hosts']
"""
