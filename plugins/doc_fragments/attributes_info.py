# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    """What the modules can do that only read from a host."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action:
    description: Has a corresponding action plugin, so it runs on the controller and sends
      structured PSRP commands to the host.
    support: full
  async:
    description: Supports being used with the C(async) keyword.
    support: none
  check_mode:
    description: Does the same in check mode, since it changes nothing.
    support: full
  diff_mode:
    description: Has nothing to show as a difference.
    support: none
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
