# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    """What modules that look for Windows services by their display names have in common."""

    DOCUMENTATION = r"""
options:
  display_name:
    description: Display name of the services, with C(*) for any text. Upper and lower case are the
      same.
    type: str
    required: true
notes:
  - Refusal V(bad_name) - O(display_name) has C(%), C(_) or a control character. Use C(*) as the
    wildcard.
  - Refusal V(bad_time) - O(started_after) is not a UTC time. Correct it.
"""
