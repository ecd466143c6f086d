# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads as a resource, and then looks whether the endpoint lets its runspace be taken up again."""

from __future__ import annotations

import typing as t

from ..plugin_utils._action.base import Owner
from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.calls import powershell
from ..plugin_utils._domain.fidelity import fidelity_info


class ActionModule(ResourceAction):
    RESOURCE = fidelity_info.FidelityInfo
    ARGUMENT_SPEC = fidelity_info.FIDELITY_INFO_SPEC

    def owner(self) -> Owner | None:
        """None: whether a runspace can be disconnected is one of the things that it looks at."""
        return None

    def act(self, options: dict[str, t.Any]) -> dict[str, t.Any]:
        result = super().act(options)
        with self.session() as session:
            kept = session.keeps
            session.read(powershell.commands(["Write-Output"]))
            result["state"]["taken_up"] = session.taken_up if kept else None
        return result
