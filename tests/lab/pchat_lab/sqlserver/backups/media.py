"""Backup files: media with backup sets, as they lie on disks and travel over shares.

Never changed in place.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t
import uuid

from ..server.database import DataFile
from ..server.log import Fork, Record

#: BackupType of RESTORE HEADERONLY, its description, and backupset.type.
TYPES = {"D": (1, "Database"), "L": (2, "Transaction Log"), "I": (5, "Database Differential")}
#: Internal database version by major version of the server.
DATABASE_VERSIONS = {10: 661, 11: 706, 12: 782, 13: 852}


@dataclasses.dataclass(frozen=True)
class BackupSet:
    """One backup.

    Dates are local time of the writer, without a zone, as headers hold them. ``last_lsn`` is the
    LSN after the last record.
    """

    kind: str  # D, I or L
    position: int
    guid: uuid.UUID
    name: str | None
    description: str | None
    server_name: str
    machine_name: str
    user_name: str
    version: tuple[int, ...]
    database_name: str
    database_guid: uuid.UUID
    family_guid: uuid.UUID
    database_create_date: dt.datetime
    compatibility_level: int
    collation: str
    recovery_model: str
    containment: int
    is_read_only: bool
    user_access: str
    first_lsn: int
    last_lsn: int
    checkpoint_lsn: int
    database_backup_lsn: int
    first_fork: uuid.UUID
    forks: tuple[Fork, ...]
    fork_point_lsn: int | None
    differential_base: tuple[int, uuid.UUID] | None
    start: dt.datetime
    finish: dt.datetime
    start_utc: dt.datetime
    files: tuple[DataFile, ...]
    records: tuple[Record, ...]
    begins_log_chain: bool = False
    is_copy_only: bool = False
    is_force_offline: bool = False
    has_checksums: bool = False
    compressed: bool = False
    incomplete: bool = False
    size: int = 0
    compressed_size: int = 0
    expires: dt.datetime | None = None
    is_snapshot: bool = False

    @property
    def recovery_fork(self) -> uuid.UUID:
        return self.forks[-1].id


@dataclasses.dataclass(frozen=True)
class BackupMedia:
    """A media family: what one backup file holds."""

    media_set: uuid.UUID
    media_family: uuid.UUID
    written_at: dt.datetime
    software: str
    name: str | None = None
    description: str | None = None
    sets: tuple[BackupSet, ...] = ()
    family_count: int = 1  # stripes

    def with_set(self, backup: BackupSet) -> BackupMedia:
        return dataclasses.replace(self, sets=(*self.sets, backup))

    @property
    def size(self) -> int:
        return 4096 + sum(backup.compressed_size for backup in self.sets)


def header(backup: BackupSet) -> dict[str, t.Any]:
    """A row of RESTORE HEADERONLY (its reference page names the columns)."""
    base_lsn, base_guid = backup.differential_base or (None, None)
    flags = (
        (0x200 if backup.is_copy_only else 0)
        | (0x10 if backup.has_checksums else 0)
        | (0x80 if backup.incomplete else 0)
        | (0x100 if backup.is_force_offline else 0)
        | (0x40 if backup.begins_log_chain else 0)
    )
    return {
        "BackupName": backup.name,
        "BackupDescription": backup.description,
        "BackupType": TYPES[backup.kind][0],
        "ExpirationDate": backup.expires,
        "Compressed": int(backup.compressed),
        "Position": backup.position,
        "DeviceType": 2,
        "UserName": backup.user_name,
        "ServerName": backup.server_name,
        "DatabaseName": backup.database_name,
        "DatabaseVersion": DATABASE_VERSIONS.get(backup.version[0], 852),
        "DatabaseCreationDate": backup.database_create_date,
        "BackupSize": backup.size,
        "FirstLSN": backup.first_lsn,
        "LastLSN": backup.last_lsn,
        "CheckpointLSN": backup.checkpoint_lsn,
        "DatabaseBackupLSN": backup.database_backup_lsn,
        "BackupStartDate": backup.start,
        "BackupFinishDate": backup.finish,
        "SortOrder": 52,
        "CodePage": 0,
        "UnicodeLocaleId": 1033,
        "UnicodeComparisonStyle": 196609,
        "CompatibilityLevel": backup.compatibility_level,
        "SoftwareVendorId": 4608,
        "SoftwareVersionMajor": backup.version[0],
        "SoftwareVersionMinor": backup.version[1],
        "SoftwareVersionBuild": backup.version[2],
        "MachineName": backup.machine_name,
        "Flags": flags,
        "BindingID": backup.database_guid,
        "RecoveryForkID": backup.recovery_fork,
        "Collation": backup.collation,
        "FamilyGUID": backup.family_guid,
        "HasBulkLoggedData": False,
        "IsSnapshot": backup.is_snapshot,
        "IsReadOnly": backup.is_read_only,
        "IsSingleUser": backup.user_access == "SINGLE_USER",
        "HasBackupChecksums": backup.has_checksums,
        "IsDamaged": False,
        "BeginsLogChain": backup.begins_log_chain,
        "HasIncompleteMetaData": backup.incomplete,
        "IsForceOffline": backup.is_force_offline,
        "IsCopyOnly": backup.is_copy_only,
        "FirstRecoveryForkID": backup.first_fork,
        "ForkPointLSN": backup.fork_point_lsn,
        "RecoveryModel": backup.recovery_model.replace("_", "-"),
        "DifferentialBaseLSN": base_lsn,
        "DifferentialBaseGUID": base_guid,
        "BackupTypeDescription": TYPES[backup.kind][1],
        "BackupSetGUID": backup.guid,
        "CompressedBackupSize": backup.compressed_size,
        "Containment": backup.containment,
        "KeyAlgorithm": None,
        "EncryptorThumbprint": None,
        "EncryptorType": None,
    }


_HEADER = """BackupName nvarchar(128), BackupDescription nvarchar(255), BackupType smallint,
 ExpirationDate datetime, Compressed tinyint, Position smallint, DeviceType tinyint,
 UserName nvarchar(128), ServerName nvarchar(128), DatabaseName nvarchar(128), DatabaseVersion int,
 DatabaseCreationDate datetime, BackupSize numeric(20.0), FirstLSN numeric(25.0),
 LastLSN numeric(25.0), CheckpointLSN numeric(25.0), DatabaseBackupLSN numeric(25.0),
 BackupStartDate datetime, BackupFinishDate datetime, SortOrder smallint, CodePage smallint,
 UnicodeLocaleId int, UnicodeComparisonStyle int, CompatibilityLevel tinyint, SoftwareVendorId int,
 SoftwareVersionMajor int, SoftwareVersionMinor int, SoftwareVersionBuild int,
 MachineName nvarchar(128), Flags int, BindingID uniqueidentifier, RecoveryForkID uniqueidentifier,
 Collation nvarchar(128), FamilyGUID uniqueidentifier, HasBulkLoggedData bit, IsSnapshot bit,
 IsReadOnly bit, IsSingleUser bit, HasBackupChecksums bit, IsDamaged bit, BeginsLogChain bit,
 HasIncompleteMetaData bit, IsForceOffline bit, IsCopyOnly bit,
 FirstRecoveryForkID uniqueidentifier, ForkPointLSN numeric(25.0), RecoveryModel nvarchar(60),
 DifferentialBaseLSN numeric(25.0), DifferentialBaseGUID uniqueidentifier,
 BackupTypeDescription nvarchar(60), BackupSetGUID uniqueidentifier, CompressedBackupSize bigint"""
FILE_LIST = """LogicalName nvarchar(128), PhysicalName nvarchar(260), Type char(1),
 FileGroupName nvarchar(128), Size numeric(20.0), MaxSize numeric(20.0), FileId bigint,
 CreateLSN numeric(25.0), DropLSN numeric(25.0), UniqueId uniqueidentifier,
 ReadOnlyLSN numeric(25.0), ReadWriteLSN numeric(25.0), BackupSizeInBytes bigint,
 SourceBlockSize int, FileGroupId int, LogGroupGUID uniqueidentifier,
 DifferentialBaseLSN numeric(25.0), DifferentialBaseGUID uniqueidentifier, IsReadOnly bit,
 IsPresent bit, TDEThumbprint varbinary(32)"""
LABEL = """MediaName nvarchar(128), MediaSetId uniqueidentifier, FamilyCount int,
 FamilySequenceNumber int, MediaFamilyId uniqueidentifier, MediaSequenceNumber int,
 MediaLabelPresent tinyint, MediaDescription nvarchar(255), SoftwareName nvarchar(128),
 SoftwareVendorId int, MediaDate datetime, MirrorCount int, IsCompressed bit"""


def header_columns(major: int) -> str:
    """RESTORE HEADERONLY's columns: containment from 2012, encryption from 2014."""
    text = _HEADER + (", Containment tinyint" if major >= 11 else "")
    return text + (
        ", KeyAlgorithm nvarchar(32), EncryptorThumbprint varbinary(20), EncryptorType nvarchar(32)"
        if major >= 12
        else ""
    )


def file_rows(backup: BackupSet) -> list[dict[str, t.Any]]:
    """Rows of RESTORE FILELISTONLY."""
    base_lsn, base_guid = backup.differential_base or (0, uuid.UUID(int=0))
    return [
        {
            "LogicalName": file.name,
            "PhysicalName": file.path,
            "Type": "L" if file.type == "LOG" else "D",
            "FileGroupName": None if file.type == "LOG" else "PRIMARY",
            "Size": file.size * 8192,
            "MaxSize": 35184372080640,
            "FileId": file.file_id,
            "CreateLSN": file.create_lsn,
            "DropLSN": 0,
            "UniqueId": file.guid,
            "ReadOnlyLSN": 0,
            "ReadWriteLSN": 0,
            "BackupSizeInBytes": 0 if file.type == "LOG" else file.size * 8192,
            "SourceBlockSize": 512,
            "FileGroupId": 0 if file.type == "LOG" else 1,
            "LogGroupGUID": None,
            "DifferentialBaseLSN": base_lsn,
            "DifferentialBaseGUID": base_guid,
            "IsReadOnly": False,
            "IsPresent": True,
            "TDEThumbprint": None,
        }
        for file in backup.files
    ]
