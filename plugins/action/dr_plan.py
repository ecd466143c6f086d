# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/dr_plan.py.

Connects to nothing; prints the plan, because a list inside a result is hard to read at night.
"""

from __future__ import annotations

from ..plugin_utils._action.base import PChatAction, Refused, Result, show
from ..plugin_utils._domain.outage import dr_plan
from ..plugin_utils._domain.outage.options import PlanOptions


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = dr_plan.DR_PLAN_SPEC

    def act(self, options: PlanOptions) -> Result:
        try:
            planned = dr_plan.plan_of(options)
        except Refused as refusal:
            show(refusal.details["lines"])
            raise
        if not options["quiet"]:
            show(planned["lines"])
        return {"changed": False, **planned}
