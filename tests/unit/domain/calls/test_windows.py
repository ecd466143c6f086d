"""Paths of the file system mean the same wherever a session stands."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls import windows

UNC = "\\\\fs\\pchat"


@pytest.mark.parametrize(
    ("call", "parameter"),
    [
        (windows.folder_exists(UNC), "LiteralPath"),
        (windows.new_folder(UNC), "Path"),
        (windows.write_file(UNC, "x"), "LiteralPath"),
    ],
)
def test_a_share_is_named_with_its_provider(call, parameter):
    assert call.params[parameter] == f"Microsoft.PowerShell.Core\\FileSystem::{UNC}"


def test_a_path_with_a_drive_needs_nothing():
    assert windows.folder_exists("D:\\pchat").params["LiteralPath"] == "D:\\pchat"
