# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes on the controller; connects to nothing. See plugins/modules/plan_files.py."""

from __future__ import annotations

import pathlib
import time

from ..plugin_utils._action.base import PChatAction, Result, run_folder
from ..plugin_utils._action.controller_file import replace_files
from ..plugin_utils._action.planned_steps import take
from ..plugin_utils._domain.terminal import plan_files


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = plan_files.PLAN_FILES_SPEC

    def act(self, options: plan_files.PlanFilesOptions) -> Result:
        tasks = take(run_folder(), options["pool"])
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        files = plan_files.files_of(options, tasks, at)
        folder = pathlib.Path(options["folder"], plan_files.file_name(options["pool"]))
        replace_files(folder, files, plan_files.marked)
        return {
            "changed": False,
            "folder": str(folder),
            "files": sorted(files),
            "planned": sum(len(task["steps"]) for task in tasks),
            "msg": f"The plan is written for review: {folder / plan_files.OVERVIEW}",
        }
