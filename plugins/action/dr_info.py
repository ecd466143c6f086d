# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/dr_info.py. One task looks at all hosts at the same time."""

from __future__ import annotations

import datetime as dt

from ..plugin_utils._action.base import PChatError, Result
from ..plugin_utils._action.others import AskingAction, Heard
from ..plugin_utils._domain.outage import dr_info


class ActionModule(AskingAction):
    ARGUMENT_SPEC = dr_info.DR_INFO_SPEC

    def act(self, options: dr_info.LookOptions) -> Result:
        dr_info.refuse_impatience(options)
        estate = options["estate"]
        heard = Heard()
        with self.asking_others(options, heard) as sees:
            seen = self.on_each(
                estate["hosts"],
                options["answer_within"],
                heard.noting(lambda name, session: dr_info.read_host(session, name, options)),
                estate["instance"],
                patience=lambda name: dr_info.patience(name, options),
            )
        hosts = {
            name: dr_info.unread(what) if isinstance(what, PChatError) else what
            for name, what in seen.items()
        }
        for watcher, reached in sees.items():
            hosts[watcher]["sees"] = reached
        # The name UTC is not in Python 3.10.
        now = dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: UP017
        return {
            "changed": False,
            "document": {"estate": estate, "now": now, "hosts": hosts},
            "silent": sorted(name for name, what in hosts.items() if not what["answers"]),
        }
