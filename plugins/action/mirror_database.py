# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/mirror_database.py."""
from __future__ import annotations

from ..plugin_utils._action import ResourceAction
from ..plugin_utils._domain import lync_database


class ActionModule(ResourceAction):
    RESOURCE = lync_database.MirrorDatabase
    ARGUMENT_SPEC = lync_database.MIRROR_DATABASE_SPEC
