# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    """Options of filters that say what a status document means."""

    # For monitoring, which is to hear of it as well when nobody could look.
    MONITORING = r"""
options:
  _input:
    description: The RV(lync.persistent_chat.pool_status#module:document) of the pool; empty when
      nobody could look.
    type: dict
    required: true
  loss_warning:
    description: Minutes of messages that a failover now would lose, from which on it is a warning.
    type: int
    default: 30
  loss_critical:
    description: Minutes from which on it is critical.
    type: int
    default: 60
  pool:
    description: Name of the pool, for an empty document.
    type: str
    default: ''
"""
