# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    """Options of modules that act on a SQL Server instance."""

    DOCUMENTATION = r"""
options:
  sql_instance:
    description:
      - Name of the SQL Server instance on the host that the task acts on.
      - The empty string means the default instance.
    type: str
    default: ''
"""
