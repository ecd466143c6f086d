"""Looking at backup files: RESTORE HEADERONLY, FILELISTONLY, LABELONLY, VERIFYONLY."""

from __future__ import annotations

import typing as t

from ...powershell.errors import LabGap
from ...world.storage import StorageError
from ..language.errors import error
from ..language.parser import Node
from ..server import files
from .backup import device_path
from .media import FILE_LIST, LABEL, BackupMedia, BackupSet, file_rows, header, header_columns

if t.TYPE_CHECKING:
    from ..language.session import SqlSession


def open_media(session: SqlSession, path: str) -> tuple[BackupMedia, bool]:
    """The media in a file, and whether the file is damaged. SqlError 3201, 3241."""
    try:
        file = files.read(session.instance, path)
    except StorageError as failure:
        raise error(3201, path, files.os_error(failure)) from None
    if not isinstance(file.content, BackupMedia):
        raise error(3241, path)
    return file.content, file.damaged


def require_all_stripes(media: BackupMedia, given: int) -> None:
    """SqlError 3132 unless every file of a striped backup is named."""
    if media.family_count != given:
        raise error(3132, media.family_count, given)


def choose(media: BackupMedia, path: str, position: int | None) -> BackupSet:
    """The set at a position (default 1). SqlError 4038."""
    position = 1 if position is None else position
    if not 1 <= position <= len(media.sets):
        raise error(4038, position, path)
    return media.sets[position - 1]


def look(session: SqlSession, node: Node, position: int | None) -> None:
    """HEADERONLY, FILELISTONLY, LABELONLY and VERIFYONLY.

    ``position``: FILE = n, None for all (HEADERONLY) or the first.
    """
    if not session.is_sysadmin and not session.has_role("dbcreator"):
        raise error(262, "CREATE DATABASE", "master")
    if not node.Devices:
        raise LabGap(node.text)
    path = device_path(session, node.Devices[0])
    media, damaged = open_media(session, path)
    if node.Kind == "VerifyOnly":
        require_all_stripes(media, len(node.Devices))
    if node.Kind == "HeaderOnly":
        chosen = [choose(media, path, position)] if position is not None else list(media.sets)
        session.emit_rows(header_columns(session.instance.major), (header(one) for one in chosen))
    elif node.Kind == "FileListOnly":
        session.emit_rows(FILE_LIST, file_rows(choose(media, path, position)))
    elif node.Kind == "LabelOnly":
        session.emit_rows(
            LABEL,
            [
                {
                    "MediaName": media.name,
                    "MediaSetId": media.media_set,
                    "FamilyCount": media.family_count,
                    "FamilySequenceNumber": 1,
                    "MediaFamilyId": media.media_family,
                    "MediaSequenceNumber": 1,
                    "MediaLabelPresent": 0,
                    "MediaDescription": media.description,
                    "SoftwareName": media.software,
                    "SoftwareVendorId": 4608,
                    "MediaDate": media.written_at,
                    "MirrorCount": 1,
                    "IsCompressed": any(s.compressed for s in media.sets),
                }
            ],
        )
    else:
        chosen_set = choose(media, path, position)
        if damaged:
            raise error(3189)
        session.info(f"The backup set on file {chosen_set.position} is valid.", 3262)
