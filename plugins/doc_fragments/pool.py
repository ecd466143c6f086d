# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    """Options of modules that act on a Persistent Chat pool."""

    DOCUMENTATION = r"""
options:
  pool:
    description: Fully qualified domain name of the Persistent Chat pool.
    type: str
    required: true
"""
