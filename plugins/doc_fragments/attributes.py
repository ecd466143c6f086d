# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    """What modules can do: what all of them have in common, where they work, what becomes of it."""

    DOCUMENTATION = r"""
options: {}
attributes:
  async:
    description: Supports being used with the C(async) keyword.
    support: none
"""

    # It sends commands to a host.
    HOST = r"""
options: {}
attributes:
  action:
    description: Has a corresponding action plugin, so it runs on the controller and sends
      structured PSRP commands to the host.
    support: full
  platform:
    description: Target platform.
    support: full
    platforms: windows
requirements:
  - pypsrp >= 0.9.0 (on the controller)
notes:
  - Works over the C(psrp) and the C(winrm) connection; no PowerShell script is ever sent, so it
    also works on no-language endpoints.
  - Use C(gather_facts=false) in plays for these hosts; facts need a script engine.
"""

    # It works on the controller alone.
    CONTROLLER = r"""
options: {}
attributes:
  action:
    description: Has a corresponding action plugin, which does all of it on the controller.
    support: full
  platform:
    description: Target platform; no host is asked.
    support: full
    platforms: posix
"""

    # It plans and changes.
    CHANGES = r"""
options: {}
attributes:
  check_mode:
    description: Reads, plans and predicts in check mode, and changes nothing.
    support: full
  diff_mode:
    description: Shows the state that differs, and each step with its reason and the exact cmdlets
      and T-SQL.
    support: full
"""

    # It tells, and changes nothing.
    TELLS = r"""
options: {}
attributes:
  check_mode:
    description: Does the same in check mode, since it changes nothing.
    support: full
  diff_mode:
    description: Has nothing to show as a difference.
    support: none
"""
