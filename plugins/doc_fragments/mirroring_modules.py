# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    """What each of the modules about mirroring is for, side by side."""

    DOCUMENTATION = r"""
options: {}
notes:
  - "Five modules are about mirroring. By T-SQL, on the SQL Servers themselves -
    M(lync.persistent_chat.mirroring_endpoint) (the endpoint of an instance, which all its sessions
    share), M(lync.persistent_chat.mirroring) (the session of a database, its begin, settings and
    end) and M(lync.persistent_chat.mirror_role) (which partner is the principal). By Lync's own
    cmdlets, on a host with the management tools - M(lync.persistent_chat.mirror_database) (session
    and endpoints in one step, with the partners that the topology names) and
    M(lync.persistent_chat.mirror_principal) (which partner is the principal)."
"""
