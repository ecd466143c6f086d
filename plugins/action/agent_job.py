# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/agent_job.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.sqlserver import agent_job


class ActionModule(ResourceAction):
    RESOURCE = agent_job.AgentJob
    ARGUMENT_SPEC = agent_job.AGENT_JOB_SPEC
