#!/usr/bin/python
# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: pool_status
short_description: What stands where and how a pool is protected
version_added: 0.1.0
description:
  - Turns what M(lync.persistent_chat.dr_info) read into one document with the situation, the copies
    and their mirroring, log shipping and its lag, the
    servers, what a failover now would lose, and findings in the order of their urgency; and prints
    it for people.
  - Connects to nothing and changes nothing.
extends_documentation_fragment:
  - lync.persistent_chat.attributes
  - lync.persistent_chat.attributes.tells
  - lync.persistent_chat.attributes.controller
notes:
  - Refusal V(status_fail_when) - the expression O(fail_when) holds. The failed result has the
    document as well.
  - Refusal V(bad_query) - O(query) or O(fail_when) is not a JMESPath expression. Correct it.
options:
  document:
    description: The RV(lync.persistent_chat.dr_info#module:document) of the pool.
    type: dict
    required: true
  active_normal:
    description: Servers that are to accept clients while the pool runs on its primary copy.
    type: list
    elements: str
    default: []
  active_failed_over:
    description: Servers that are to accept clients while the pool runs on its backup copy.
    type: list
    elements: str
    default: []
  query:
    description: JMESPath expression that selects from the document.
    type: str
    default: ''
  fail_when:
    description: JMESPath expression; when it holds, the task fails.
    type: str
    default: ''
  quiet:
    description: Whether nothing is printed for people.
    type: bool
    default: false
seealso:
  - module: lync.persistent_chat.dr_info
  - module: lync.persistent_chat.dr_plan
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
- name: Look at every host
  lync.persistent_chat.dr_info:
    estate: "{{ declared.estate }}"
    log_share: '\\fs-s1.contoso.example\pchat-logs'
    copy_folder: 'D:\pchat-copy'
  register: seen

- name: Fail when a failover now would lose more than half an hour
  lync.persistent_chat.pool_status:
    document: "{{ seen.document }}"
    fail_when: "failover_now.loss.minutes > `30`"
"""

RETURN = r"""
document:
  description:
    - Everything as data. Unknown is null, never 0. Times are ISO 8601 in UTC, minutes by the clock
      of the backup SQL Server.
    - C(findings) has urgency (critical, warning or note), code and text, the most urgent first;
      C(warnings) are the texts of the first two kinds.
  returned: success, and failure V(status_fail_when)
  type: dict
  sample: {pool: chat.contoso.example, situation: {name: Healthy}, pool_state: Normal, failover_now:
    {possible: true, loss: {minutes: 7}}, findings: []}
warnings_found:
  description: What deserves a look.
  returned: success
  type: list
  elements: str
  sample: []
shape:
  description: What of the document is the same for two estates that are built alike, without times,
    LSNs and ages.
  returned: success
  type: dict
  sample: {pool_state: Normal, linked: true}
lines:
  description: The document for people, as it is printed. Empty with O(quiet).
  returned: success
  type: list
  elements: str
  sample: ['Pool chat.contoso.example: Healthy. The pool runs on its primary copy.']
selected:
  description: What O(query) selected.
  returned: success
  type: raw
  sample: 7
"""
