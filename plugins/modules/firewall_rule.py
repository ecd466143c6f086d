#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_rule
short_description: Let connections to a port of a host in
version_added: 1.0.0
description:
  - Makes sure that Windows Firewall has an inbound rule of a name that lets TCP connections to a
    port in, as the endpoints of database mirroring need. A new rule counts in networks of the
    domain.
  - Reads C(Get-NetFirewallRule). Sends C(New-NetFirewallRule) and C(Set-NetFirewallRule). Needs
    Windows Server 2012 or later.
  - A rule is known by its name; its port and addresses are not compared. None is ever narrowed or
    removed. A rule of a group policy that blocks the port still wins.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.changes
  - lync.persistent_chat.attributes.host
notes:
  - Refusal V(bad_name) - O(name) has characters other than letters, digits, dots, hyphens and
    underscores. Correct it.
  - Refusal V(bad_port) - O(port) is no TCP port. Give one from 1 to 65535.
  - Refusal V(bad_address) - one of O(remote_addresses) is neither an address nor a subnet. The
    firewall knows no names of hosts.
options:
  name:
    description: Name of the rule, by which it is found again. People are shown C(Persistent
      Chat:) before it.
    type: str
    required: true
  port:
    description: TCP port that is opened.
    type: int
    required: true
  remote_addresses:
    description: Addresses and subnets that connections may come from, like C(10.1.0.0/16). An empty
      list lets them come from anywhere.
    type: list
    elements: str
    default: []
seealso:
  - module: lync.persistent_chat.mirroring_endpoint
  - module: lync.persistent_chat.host_info
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Let the partner and the witness in
  lync.persistent_chat.firewall_rule:
    name: pchat-mirroring-5022
    port: 5022
    remote_addresses: [10.1.2.11, 10.1.2.12, 10.1.2.13]
  delegate_to: sql-n1.contoso.example
"""

RETURN = r"""
state:
  description: The rule.
  returned: success
  type: dict
  contains:
    exists:
      description: Whether there is a rule of this name.
      type: bool
      sample: true
    lets_in:
      description: Whether it is enabled and allows.
      type: bool
      sample: true
  sample: {exists: true, lets_in: true}
steps:
  description: What was (or would be) done, with the reason and the exact cmdlet.
  returned: success
  type: list
  elements: dict
  sample:
    - name: create_rule
      why: No rule pchat-mirroring-5022 lets connections to port 5022 in.
      one_way: false
      calls: ["New-NetFirewallRule -Name 'pchat-mirroring-5022' -DisplayName 'Persistent Chat:
        pchat-mirroring-5022' -Direction 'Inbound' -Protocol 'TCP' -LocalPort '5022' -Action 'Allow'
        -Profile 'Domain'"]
before:
  description: The keys of RV(state) as they were found; in check mode corrected by what earlier
    tasks of the same run predicted.
  returned: success, and failure of a step
  type: dict
  sample: {exists: false}
after:
  description: The same as RV(state).
  returned: success
  type: dict
  sample: {exists: true}
assumed:
  description: The keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [exists]
code:
  description:
    - Stable code of the failure. Besides the refusals named in the notes these are
      V(cmdlet_failed), V(sql_failed), V(timed_out), V(unreachable) and V(library_missing).
  returned: failure
  type: str
  sample: cmdlet_failed
failed_step:
  description: Name of the step at which it failed; the keys C(done) and C(pending) of the result
    list the steps before it and from it on.
  returned: failure of a step
  type: str
  sample: create_rule
"""
