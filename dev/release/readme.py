"""README.md as Galaxy shows it: beside no files, so that its links and pictures lead to the
repository. In a clone and on GitHub they lead to the files beside it.
"""

from __future__ import annotations

import pathlib
import re

REPOSITORY = "https://github.com/lync-persistent-chat/lync.persistent_chat"
PICTURES = {".svg", ".png"}
#: ``](target)`` of a link or a picture, ``[name]: target`` of one that is named.
_TARGET = re.compile(r"(?P<before>\]\(|^\[[^\]]+\]: )(?P<target>[^)\s]+)", re.MULTILINE)


def for_galaxy(text: str, root: pathlib.Path) -> str:
    """The text with whole addresses. ``root``: of the checkout, which knows what is a folder.

    Raises ValueError for a link to a file that is not there.
    """

    def whole(found: re.Match[str]) -> str:
        return found["before"] + _address(found["target"], root)

    return _TARGET.sub(whole, text)


def _address(target: str, root: pathlib.Path) -> str:
    if "://" in target or target.startswith(("#", "mailto:")):
        return target
    path, mark, place = target.partition("#")
    if not (root / path).exists():
        raise ValueError(f"README.md links to {path}, which is not there")
    kind = "tree" if (root / path).is_dir() else "blob"
    address = f"{REPOSITORY}/{kind}/main/{path}"
    if pathlib.PurePosixPath(path).suffix in PICTURES:
        return f"{address}?raw=true"
    return address + mark + place
