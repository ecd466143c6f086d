r"""Paths on shares, ``\\server\share\rest``. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations


def server_of(path: str) -> tuple[str, str]:
    """The server as it is written, and what stands behind it; '' where nothing does."""
    server, _backslash, rest = path.lstrip("\\").partition("\\")
    return server, rest


def share_of(path: str) -> tuple[str, str]:
    """The server, and the name of the share alone."""
    server, rest = server_of(path)
    return server, rest.partition("\\")[0]
