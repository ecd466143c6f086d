# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    """What every resource returns."""

    DOCUMENTATION = r"""
options: {}
"""
    RETURN = r"""
before:
  description: The state that was found. In check mode corrected by what earlier tasks of the same run predicted.
  returned: success, and failure after a step was sent
  type: dict
  sample: {}
after:
  description: The state that was read after the steps; in check mode the predicted one.
  returned: success
  type: dict
  sample: {}
state:
  description: The same as RV(after).
  returned: success
  type: dict
  sample: {}
steps:
  description: What was (or would be) done, with the reason and the exact cmdlets and T-SQL.
  returned: success
  type: list
  elements: dict
  sample: []
assumed:
  description: Keys of RV(before) that an earlier task of this check run predicted.
  returned: check mode, when there are any
  type: list
  elements: str
  sample: [database_state]
code:
  description: Stable code of the error, see the page of error codes.
  returned: failure
  type: str
  sample: refused
failed_step:
  description: The step at which it failed; RV(done) and RV(pending) name the others.
  returned: failure after planning
  type: str
  sample: set_partner
"""
