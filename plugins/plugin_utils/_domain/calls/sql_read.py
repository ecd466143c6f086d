"""Every SELECT of the collection: one statement per call, rows of plain values. FOR INTERNAL COLLECTION USE ONLY.

LSNs and GUIDs come as text, times as ISO 8601 in UTC, or without a zone where they are named local. All of it runs on SQL Server 2008 R2 SP1 and later.
"""
from __future__ import annotations

from ..._engine.model import Sql
from .quote import identifier, literal, plain_name


def _local(column: str) -> str:
    """A datetime of the server's local time as ISO text without a zone. The server itself knows today's offset only: ``time_zone.Zone`` has the rule."""
    return f"CONVERT(varchar(19), {column}, 126)"


def _plain_utc(column: str) -> str:
    """A datetime that is UTC already."""
    return f"CONVERT(varchar(19), {column}, 126) + 'Z'"


def _names(databases: list[str]) -> str:
    return ", ".join(literal(plain_name(name)) for name in databases)


def instance() -> Sql:
    """One row: who this instance is and what it may do."""
    return Sql(
        "SET NOCOUNT ON; SELECT @@SERVERNAME AS server_name, CONVERT(nvarchar(128), SERVERPROPERTY('MachineName')) AS machine, "
        "CONVERT(nvarchar(128), SERVERPROPERTY('ServerName')) AS network_name, "
        "CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS version, CONVERT(nvarchar(128), SERVERPROPERTY('Edition')) AS edition, "
        "CONVERT(int, SERVERPROPERTY('EngineEdition')) AS engine_edition, CONVERT(nvarchar(128), SERVERPROPERTY('Collation')) AS collation, "
        "DEFAULT_DOMAIN() AS domain, SUSER_SNAME(0x01) AS sa, "
        "IS_SRVROLEMEMBER('sysadmin') AS is_sysadmin, CONVERT(varchar(19), GETUTCDATE(), 126) + 'Z' AS utc_now, "
        "DATEDIFF(minute, GETUTCDATE(), GETDATE()) AS utc_offset_minutes")


def services() -> Sql:
    """The engine's and the Agent's service (sys.dm_server_services): told apart by program, states by number, accounts by SID: names are translated.

    ``domain_form``: what an account that is written as user@domain is as DOMAIN\\user, if there is such a one.
    """
    return Sql(
        "SET NOCOUNT ON; SELECT servicename AS name, filename AS program, service_account AS account, status AS status, "
        "CONVERT(varchar(172), SUSER_SID(service_account), 1) AS sid, CASE WHEN service_account LIKE N'%@%' THEN SUSER_SNAME(SUSER_SID("
        "DEFAULT_DOMAIN() + N'\\' + LEFT(service_account, CHARINDEX(N'@', service_account) - 1))) END AS domain_form FROM sys.dm_server_services")


def login(name: str) -> Sql:
    """The login as it is written on this instance; '' stands for the built-in administrator, which may have been renamed."""
    wanted = f"name = {literal(plain_name(name))}" if name else "sid = 0x01"
    return Sql(f"SET NOCOUNT ON; SELECT name AS name FROM sys.server_principals WHERE type IN ('S', 'U', 'G') AND {wanted}")


def logins() -> Sql:
    """Who may log on, by SID."""
    return Sql("SET NOCOUNT ON; SELECT name AS name, CONVERT(varchar(172), sid, 1) AS sid FROM sys.server_principals WHERE type IN ('S', 'U', 'G')")


def database_users(database: str) -> Sql:
    """Users of a database that need a login, by SID. No rows from a copy that cannot be opened: it may be closed any moment, so that is no error."""
    inner = (f"SELECT name AS name, type AS type, CONVERT(varchar(172), sid, 1) AS sid FROM {identifier(database)}.sys.database_principals "
             "WHERE type IN ('S', 'U', 'G') AND principal_id > 4 AND CONVERT(varchar(172), sid, 1) NOT LIKE '0x010500000000000903%'")
    return Sql(f"SET NOCOUNT ON; BEGIN TRY IF EXISTS (SELECT 1 FROM sys.databases WHERE name = {literal(plain_name(database))} AND state_desc = N'ONLINE') "
               f"EXEC({literal(inner)}) END TRY BEGIN CATCH SET NOCOUNT ON END CATCH")


def endpoint() -> Sql:
    """The mirroring endpoint, if there is one."""
    return Sql(
        "SET NOCOUNT ON; SELECT e.name AS name, t.port AS port, e.state_desc AS state, e.role_desc AS role, e.is_encryption_enabled AS is_encrypted, "
        "e.encryption_algorithm_desc AS algorithm, SUSER_NAME(e.principal_id) AS owner FROM sys.database_mirroring_endpoints e "
        "JOIN sys.tcp_endpoints t ON t.endpoint_id = e.endpoint_id")


def endpoint_grants() -> Sql:
    """Accounts that hold CONNECT on the mirroring endpoint."""
    return Sql(
        "SET NOCOUNT ON; SELECT l.name AS account FROM sys.server_permissions p JOIN sys.database_mirroring_endpoints e ON e.endpoint_id = p.major_id "
        "JOIN sys.server_principals l ON l.principal_id = p.grantee_principal_id WHERE p.class = 105 AND p.type = 'CO' AND p.state IN ('G', 'W')")


#: Where a copy that waits for log stands, in a query with sys.databases d and sys.database_recovery_status r.
REDO_LSN = ("COALESCE((SELECT MAX(f.redo_start_lsn) FROM sys.master_files f WHERE f.database_id = d.database_id), "
            "CASE WHEN d.is_in_standby = 1 THEN r.last_log_backup_lsn END)")


def databases(names: list[str]) -> Sql:
    """State, recovery, mirroring and redo position of these databases.

    A copy in STANDBY is ONLINE by its state and waits for more log all the same, so it is told as STANDBY. Whether redo_start_lsn is kept
    there is not documented; what the next log backup begins with (last_log_backup_lsn) stands in for it.
    """
    return Sql(
        "SET NOCOUNT ON; SELECT d.name AS name, CASE WHEN d.is_in_standby = 1 THEN N'STANDBY' ELSE d.state_desc END AS database_state, "
        "d.recovery_model_desc AS recovery_model, d.user_access_desc AS user_access, "
        "CONVERT(varchar(36), m.mirroring_guid) AS mirroring_guid, m.mirroring_role_desc AS mirroring_role, m.mirroring_state_desc AS mirroring_state, "
        "m.mirroring_partner_name AS mirroring_partner, m.mirroring_safety_level_desc AS mirroring_safety, "
        "NULLIF(m.mirroring_witness_name, N'') AS mirroring_witness, m.mirroring_witness_state_desc AS mirroring_witness_state, "
        "m.mirroring_connection_timeout AS mirroring_timeout, m.mirroring_role_sequence AS mirroring_role_sequence, "
        f"CONVERT(varchar(25), {REDO_LSN}) AS redo_lsn, "
        "CONVERT(varchar(36), r.recovery_fork_guid) AS recovery_fork, CONVERT(varchar(25), r.fork_point_lsn) AS fork_point_lsn, "
        "CONVERT(varchar(36), r.family_guid) AS family, "
        "CONVERT(varchar(25), r.last_log_backup_lsn) AS last_log_backup_lsn, "
        "(SELECT COUNT(*) FROM sys.sysprocesses p WHERE p.dbid = d.database_id AND p.spid <> @@SPID AND p.spid > 50) AS sessions "
        "FROM sys.databases d LEFT JOIN sys.database_mirroring m ON m.database_id = d.database_id "
        f"LEFT JOIN sys.database_recovery_status r ON r.database_id = d.database_id WHERE d.name IN ({_names(names)})")


def files() -> Sql:
    """Every database's files, by logical name."""
    return Sql("SET NOCOUNT ON; SELECT d.name AS database_name, f.name AS name, f.type_desc AS type, f.physical_name AS path "
               "FROM sys.master_files f JOIN sys.databases d ON d.database_id = f.database_id ORDER BY f.database_id, f.file_id")


def default_folders() -> Sql:
    """One row: where new files go (NULL before SQL Server 2012), and where those of master are."""
    return Sql("SET NOCOUNT ON; SELECT CONVERT(nvarchar(260), SERVERPROPERTY('InstanceDefaultDataPath')) AS data, "
               "CONVERT(nvarchar(260), SERVERPROPERTY('InstanceDefaultLogPath')) AS log, "
               "(SELECT physical_name FROM sys.master_files WHERE database_id = 1 AND file_id = 1) AS master_data, "
               "(SELECT physical_name FROM sys.master_files WHERE database_id = 1 AND file_id = 2) AS master_log")


def data_folder_exists() -> Sql:
    """Flags of xp_fileexist of the folder for new data files."""
    return _folder_exists(1, "InstanceDefaultDataPath")


def log_folder_exists() -> Sql:
    """The same of the folder for new log files."""
    return _folder_exists(2, "InstanceDefaultLogPath")


def _folder_exists(file: int, setting: str) -> Sql:
    return Sql(f"SET NOCOUNT ON; DECLARE @path nvarchar(260); SELECT @path = physical_name FROM sys.master_files WHERE database_id = 1 AND file_id = {file}; "
               f"SET @path = ISNULL(CONVERT(nvarchar(260), SERVERPROPERTY('{setting}')), "
               "LEFT(@path, LEN(@path) - CHARINDEX(N'\\', REVERSE(@path)))); EXEC master.dbo.xp_fileexist @path")


def restores(names: list[str]) -> Sql:
    """Everything that was restored into these databases, oldest first. History outlives its database: what is older than the database is not told."""
    return Sql(
        "SET NOCOUNT ON; SELECT h.destination_database_name AS name, h.restore_type AS type, h.recovery AS recovered, "
        f"{_local('h.restore_date')} AS restored_local, CONVERT(varchar(36), s.backup_set_uuid) AS uuid, CONVERT(varchar(25), s.first_lsn) AS first_lsn, "
        "CONVERT(varchar(25), s.last_lsn) AS last_lsn, CONVERT(varchar(36), s.last_recovery_fork_guid) AS fork, s.name AS stamp, "
        f"{_local('s.backup_start_date')} AS began_local FROM msdb.dbo.restorehistory h JOIN msdb.dbo.backupset s ON s.backup_set_id = h.backup_set_id "
        "JOIN sys.databases d ON d.name = h.destination_database_name "
        f"WHERE h.restore_date >= DATEADD(minute, -1, d.create_date) AND h.destination_database_name IN ({_names(names)}) ORDER BY h.restore_history_id")


def backups(names: list[str]) -> Sql:
    """Full and log backups taken here of these databases, oldest first, with the file each went to."""
    return Sql(
        "SET NOCOUNT ON; SELECT s.database_name AS name, s.type AS type, s.name AS stamp, s.position AS position, s.is_copy_only AS copy_only, "
        "CONVERT(varchar(36), s.backup_set_uuid) AS uuid, CONVERT(varchar(25), s.first_lsn) AS first_lsn, CONVERT(varchar(25), s.last_lsn) AS last_lsn, "
        "CONVERT(varchar(36), s.last_recovery_fork_guid) AS fork, CONVERT(varchar(36), s.family_guid) AS family, "
        f"{_local('s.backup_start_date')} AS started_local, DATEDIFF(minute, s.backup_finish_date, GETDATE()) AS age_minutes, "
        "f.physical_device_name AS path, f.device_type AS device_type, "
        "(SELECT COUNT(*) FROM msdb.dbo.backupmediafamily x WHERE x.media_set_id = s.media_set_id) AS families "
        "FROM msdb.dbo.backupset s JOIN msdb.dbo.backupmediafamily f ON f.media_set_id = s.media_set_id AND f.family_sequence_number = 1 "
        "WHERE s.server_name IN (@@SERVERNAME, CONVERT(nvarchar(128), SERVERPROPERTY('ServerName'))) "
        f"AND s.database_name IN ({_names(names)}) AND s.type IN ('D', 'L') ORDER BY s.backup_set_id")


def records() -> Sql:
    """What the collection wrote down on this instance: extended properties of master named pchat_..."""
    return Sql("SET NOCOUNT ON; SELECT name AS name, CONVERT(nvarchar(4000), value) AS value FROM master.sys.extended_properties "
               "WHERE class = 0 AND name LIKE N'pchat[_]%'")


def log_shipping_primaries(names: list[str]) -> Sql:
    return Sql(
        "SET NOCOUNT ON; SELECT p.primary_database AS name, p.backup_directory AS backup_directory, p.backup_share AS backup_share, "
        "p.backup_retention_period AS backup_retention, p.backup_compression AS backup_compression, p.last_backup_file AS last_backup_file, "
        "m.backup_threshold AS backup_threshold, m.threshold_alert_enabled AS threshold_alert_enabled, m.history_retention_period AS history_retention, "
        f"{_plain_utc('m.last_backup_date_utc')} AS last_backup_at, j.name AS backup_job, j.enabled AS enabled, "
        "CASE WHEN j.owner_sid = 0x01 THEN 1 ELSE 0 END AS owned "
        "FROM msdb.dbo.log_shipping_primary_databases p LEFT JOIN msdb.dbo.log_shipping_monitor_primary m ON m.primary_id = p.primary_id "
        f"LEFT JOIN msdb.dbo.sysjobs j ON j.job_id = p.backup_job_id WHERE p.primary_database IN ({_names(names)})", "msdb")


def log_shipping_primary_secondaries(names: list[str]) -> Sql:
    return Sql(
        "SET NOCOUNT ON; SELECT p.primary_database AS name, s.secondary_server AS server, s.secondary_database AS secondary_database "
        "FROM msdb.dbo.log_shipping_primary_databases p JOIN msdb.dbo.log_shipping_primary_secondaries s ON s.primary_id = p.primary_id "
        f"WHERE p.primary_database IN ({_names(names)}) ORDER BY s.secondary_server, s.secondary_database", "msdb")


def log_shipping_secondaries(names: list[str]) -> Sql:
    return Sql(
        "SET NOCOUNT ON; SELECT d.secondary_database AS name, s.primary_server AS primary_server, s.primary_database AS primary_database, "
        "s.backup_source_directory AS source_directory, s.backup_destination_directory AS destination_directory, s.file_retention_period AS retention, "
        "d.restore_delay AS restore_delay, d.restore_mode AS restore_mode, d.disconnect_users AS disconnect_users, "
        "m.restore_threshold AS restore_threshold, m.threshold_alert_enabled AS threshold_alert_enabled, m.history_retention_period AS history_retention, "
        "s.last_copied_file AS last_copied_file, d.last_restored_file AS last_restored_file, "
        f"{_plain_utc('m.last_copied_date_utc')} AS last_copied_at, {_plain_utc('m.last_restored_date_utc')} AS last_restored_at, "
        "m.last_restored_latency AS last_restored_latency, c.name AS copy_job, c.enabled AS copy_enabled, r.name AS restore_job, r.enabled AS restore_enabled, "
        "CASE WHEN c.owner_sid = 0x01 THEN 1 ELSE 0 END AS copy_owned, CASE WHEN r.owner_sid = 0x01 THEN 1 ELSE 0 END AS restore_owned "
        "FROM msdb.dbo.log_shipping_secondary s LEFT JOIN msdb.dbo.log_shipping_secondary_databases d ON d.secondary_id = s.secondary_id "
        "LEFT JOIN msdb.dbo.log_shipping_monitor_secondary m ON m.secondary_id = s.secondary_id AND m.secondary_database = d.secondary_database "
        "LEFT JOIN msdb.dbo.sysjobs c ON c.job_id = s.copy_job_id LEFT JOIN msdb.dbo.sysjobs r ON r.job_id = s.restore_job_id "
        f"WHERE d.secondary_database IN ({_names(names)}) OR (d.secondary_database IS NULL AND s.primary_database IN ({_names(names)}))", "msdb")


def schedules() -> Sql:
    """Every job's schedules."""
    return Sql(
        "SET NOCOUNT ON; SELECT j.name AS job, s.schedule_id AS schedule_id, s.name AS name, s.enabled AS enabled, s.freq_type AS freq_type, "
        "s.freq_subday_type AS freq_subday_type, s.freq_subday_interval AS freq_subday_interval FROM msdb.dbo.sysjobs j "
        "JOIN msdb.dbo.sysjobschedules a ON a.job_id = j.job_id JOIN msdb.dbo.sysschedules s ON s.schedule_id = a.schedule_id ORDER BY s.schedule_id", "msdb")


def log_backup_jobs() -> Sql:
    """Steps of enabled jobs that may back up logs: those whose words say so, and maintenance plans with such a task, with their package."""
    said = " OR ".join(f"s.command LIKE N'{pattern}'" for pattern in ("%BACKUP%LOG%", "%BACKUP%TRAN%", "%DatabaseBackup%", "%Backup-%Log%"))
    return Sql(
        "SET NOCOUNT ON; SELECT j.name AS job, s.subsystem AS subsystem, s.command AS command, NULL AS package FROM msdb.dbo.sysjobs j "
        f"JOIN msdb.dbo.sysjobsteps s ON s.job_id = j.job_id WHERE j.enabled = 1 AND s.subsystem <> N'SSIS' AND ({said}) "
        "UNION ALL SELECT j.name, s.subsystem, s.command, CONVERT(varchar(max), CONVERT(varbinary(max), p.packagedata)) FROM msdb.dbo.sysjobs j "
        "JOIN msdb.dbo.sysjobsteps s ON s.job_id = j.job_id "
        "JOIN msdb.dbo.sysssispackages p ON CHARINDEX(N'Maintenance Plans\\' + p.name, s.command) > 0 "
        "WHERE j.enabled = 1 AND s.subsystem = N'SSIS' AND CONVERT(varchar(max), CONVERT(varbinary(max), p.packagedata)) LIKE '%BackupAction=\"2\"%'", "msdb")


def job(name: str) -> Sql:
    """One job with its newest run (sysjobactivity of the newest Agent session, sysjobhistory step 0)."""
    return Sql(
        "SET NOCOUNT ON; SELECT j.name AS name, j.enabled AS enabled, "
        "CASE WHEN a.start_execution_date IS NOT NULL AND a.stop_execution_date IS NULL THEN 1 ELSE 0 END AS running, "
        "(SELECT MAX(h.instance_id) FROM msdb.dbo.sysjobhistory h WHERE h.job_id = j.job_id AND h.step_id = 0) AS last_run, "
        "(SELECT TOP (1) h.run_status FROM msdb.dbo.sysjobhistory h WHERE h.job_id = j.job_id AND h.step_id = 0 ORDER BY h.instance_id DESC) AS last_status, "
        "(SELECT TOP (1) h.message FROM msdb.dbo.sysjobhistory h WHERE h.job_id = j.job_id AND h.step_id = 1 ORDER BY h.instance_id DESC) AS last_message "
        "FROM msdb.dbo.sysjobs j LEFT JOIN msdb.dbo.sysjobactivity a ON a.job_id = j.job_id "
        "AND a.session_id = (SELECT MAX(x.session_id) FROM msdb.dbo.syssessions x) "
        f"WHERE j.name = {literal(plain_name(name))}", "msdb")


def listener() -> Sql:
    """Whether the mirroring port is really listened on (SQL Server 2012 and later)."""
    return Sql("SET NOCOUNT ON; SELECT port AS port, state_desc AS state FROM sys.dm_tcp_listener_states WHERE type_desc = N'DATABASE_MIRRORING'")
