# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stand-ins for what we take of pypsrp and requests, where they are not installed: files that need
them can be imported, so that documentation and tests read them. Nothing can be done with them.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations


class _AnyName(type):
    """A class with whatever constant it is asked for."""

    def __getattr__(cls, name: str) -> str:
        return name


class Absent(Exception, metaclass=_AnyName):
    """An exception, since some of them are caught."""


AuthenticationError = WinRMError = WinRMTransportError = WSManFaultError = Absent
CommandParameter = PSInvocationState = RunspacePoolState = MessageType = Absent
PowerShell = RunspacePool = Serializer = TaggedValue = WSMan = Absent
requests_utils = Absent
