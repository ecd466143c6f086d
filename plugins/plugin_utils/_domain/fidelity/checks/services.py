"""Checks of the services of a chat server. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from collections.abc import Mapping

from ..verdicts import Told, each_chat_server, listed


@each_chat_server
def service_display_names(services: Mapping[str, str]) -> Told:
    """They were looked for by Persistent Chat in their display names."""
    shown = [name for name in services.values() if name]
    if shown:
        return True, f"display names: {listed(shown)}"
    return False, "no service with Persistent Chat in its display name"


@each_chat_server
def service_names(services: Mapping[str, str]) -> Told:
    """RTCCHAT and RTCCOMP, none besides."""
    names = set(map(str.upper, services))
    if not names:
        return None
    return names <= {"RTCCHAT", "RTCCOMP"}, f"they are {listed(names)}"
