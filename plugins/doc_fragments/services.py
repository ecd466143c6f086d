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
  clock:
    description:
      - RV(lync.persistent_chat.sql_info#module:state) has the key C(clock) of a SQL Server, which
        told O(started_after). Where that clock and the one of the host are apart, O(started_after)
        is taken for what the host's showed at that time.
      - Without it the time is taken as one of the host's own clock.
    type: dict
    suboptions:
      told:
        description: What the clock showed, in UTC.
        type: str
        required: true
      asked:
        description: When the controller asked, in seconds of its own clock.
        type: float
        required: true
      answered:
        description: When it had the answer.
        type: float
        required: true
notes:
  - Refusal V(bad_name) - O(display_name) has C(%), C(_) or a control character. Use C(*) as the
    wildcard.
  - Refusal V(bad_time) - O(started_after) is not a UTC time. Correct it.
"""
