"""What the catalog tells of an instance and its databases. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.model import Sql
from .quote import identifier, literal, literals, plain_name


def instance() -> Sql:
    """One row: who this instance is and what it may do."""
    return Sql(
        "SET NOCOUNT ON; SELECT @@SERVERNAME AS server_name, CONVERT(nvarchar(128),"
        " SERVERPROPERTY('MachineName')) AS machine, CONVERT(nvarchar(128),"
        " SERVERPROPERTY('ServerName')) AS network_name, CONVERT(nvarchar(128),"
        " SERVERPROPERTY('ProductVersion')) AS version, CONVERT(nvarchar(128),"
        " SERVERPROPERTY('Edition')) AS edition, CONVERT(int, SERVERPROPERTY('EngineEdition')) AS"
        " engine_edition, CONVERT(nvarchar(128), SERVERPROPERTY('Collation')) AS collation,"
        " DEFAULT_DOMAIN() AS domain, SUSER_SNAME(0x01) AS sa, IS_SRVROLEMEMBER('sysadmin') AS"
        " is_sysadmin, CONVERT(varchar(19), GETUTCDATE(), 126) + 'Z' AS utc_now, DATEDIFF(minute,"
        " GETUTCDATE(), GETDATE()) AS utc_offset_minutes"
    )


def services() -> Sql:
    """The engine's and the Agent's service (sys.dm_server_services): told apart by program, states
    by number, accounts by SID: names are translated.

    ``domain_form``: what an account that is written as user@domain is as DOMAIN\\user, if there is
    such a one.
    """
    return Sql(
        "SET NOCOUNT ON; SELECT servicename AS name, filename AS program, service_account AS"
        " account, status AS status, CONVERT(varchar(172), SUSER_SID(service_account), 1) AS sid,"
        " CASE WHEN service_account LIKE N'%@%' THEN SUSER_SNAME(SUSER_SID(DEFAULT_DOMAIN() + N'\\'"
        " + LEFT(service_account, CHARINDEX(N'@', service_account) - 1))) END AS domain_form FROM"
        " sys.dm_server_services"
    )


def login(name: str) -> Sql:
    """The login as it is written on this instance; '' stands for the built-in administrator, which
    may have been renamed.
    """
    wanted = f"name = {literal(plain_name(name))}" if name else "sid = 0x01"
    return Sql(
        "SET NOCOUNT ON; SELECT name AS name FROM sys.server_principals WHERE type IN ('S', 'U',"
        f" 'G') AND {wanted}"
    )


def logins() -> Sql:
    """Who may log on, by SID."""
    return Sql(
        "SET NOCOUNT ON; SELECT name AS name, CONVERT(varchar(172), sid, 1) AS sid FROM"
        " sys.server_principals WHERE type IN ('S', 'U', 'G')"
    )


def database_users(database: str) -> Sql:
    """Users of a database that need a login, by SID.

    No rows from a copy that cannot be opened: it may be closed any moment, so that is no error.
    """
    inner = (
        "SELECT name AS name, type AS type, CONVERT(varchar(172), sid, 1) AS sid FROM"
        f" {identifier(database)}.sys.database_principals WHERE type IN ('S', 'U', 'G') AND"
        " principal_id > 4 AND CONVERT(varchar(172), sid, 1) NOT LIKE '0x010500000000000903%'"
    )
    return Sql(
        "SET NOCOUNT ON; BEGIN TRY IF EXISTS (SELECT 1 FROM sys.databases WHERE name ="
        f" {literal(plain_name(database))} AND state_desc = N'ONLINE') EXEC({literal(inner)}) END"
        " TRY BEGIN CATCH SET NOCOUNT ON END CATCH"
    )


def endpoint() -> Sql:
    """The mirroring endpoint, if there is one."""
    return Sql(
        "SET NOCOUNT ON; SELECT e.name AS name, t.port AS port, e.state_desc AS state, e.role_desc"
        " AS role, e.is_encryption_enabled AS is_encrypted, e.encryption_algorithm_desc AS"
        " algorithm, SUSER_NAME(e.principal_id) AS owner FROM sys.database_mirroring_endpoints e"
        " JOIN sys.tcp_endpoints t ON t.endpoint_id = e.endpoint_id"
    )


def endpoint_grants() -> Sql:
    """Accounts that hold CONNECT on the mirroring endpoint."""
    return Sql(
        "SET NOCOUNT ON; SELECT l.name AS account FROM sys.server_permissions p JOIN"
        " sys.database_mirroring_endpoints e ON e.endpoint_id = p.major_id JOIN"
        " sys.server_principals l ON l.principal_id = p.grantee_principal_id WHERE p.class = 105"
        " AND p.type = 'CO' AND p.state IN ('G', 'W')"
    )


#: Where a copy that waits for log stands, in a query with sys.databases d and
#: sys.database_recovery_status r.
REDO_LSN = (
    "COALESCE((SELECT MAX(f.redo_start_lsn) FROM sys.master_files f WHERE f.database_id ="
    " d.database_id), CASE WHEN d.is_in_standby = 1 THEN r.last_log_backup_lsn END)"
)


def databases(names: list[str]) -> Sql:
    """State, recovery, mirroring and redo position of these databases.

    A copy in STANDBY is ONLINE by its state and waits for more log all the same, so it is told as
    STANDBY. Whether redo_start_lsn is kept there is not documented; what the next log backup begins
    with (last_log_backup_lsn) stands in for it.
    """
    return Sql(
        "SET NOCOUNT ON; SELECT d.name AS name, CASE WHEN d.is_in_standby = 1 THEN N'STANDBY' ELSE"
        " d.state_desc END AS database_state, d.recovery_model_desc AS recovery_model,"
        " d.user_access_desc AS user_access, CONVERT(varchar(36), m.mirroring_guid) AS"
        " mirroring_guid, m.mirroring_role_desc AS mirroring_role, m.mirroring_state_desc AS"
        " mirroring_state, m.mirroring_partner_name AS mirroring_partner,"
        " m.mirroring_safety_level_desc AS mirroring_safety, NULLIF(m.mirroring_witness_name, N'')"
        " AS mirroring_witness, m.mirroring_witness_state_desc AS mirroring_witness_state,"
        " m.mirroring_connection_timeout AS mirroring_timeout, m.mirroring_role_sequence AS"
        f" mirroring_role_sequence, CONVERT(varchar(25), {REDO_LSN}) AS redo_lsn,"
        " CONVERT(varchar(36), r.recovery_fork_guid) AS recovery_fork, CONVERT(varchar(25),"
        " r.fork_point_lsn) AS fork_point_lsn, CONVERT(varchar(36), r.family_guid) AS family,"
        " CONVERT(varchar(25), r.last_log_backup_lsn) AS last_log_backup_lsn, (SELECT COUNT(*)"
        " FROM sys.sysprocesses p WHERE p.dbid = d.database_id AND p.spid <> @@SPID AND p.spid >"
        " 50) AS sessions FROM sys.databases d LEFT JOIN sys.database_mirroring m ON m.database_id"
        " = d.database_id LEFT JOIN sys.database_recovery_status r ON r.database_id ="
        f" d.database_id WHERE d.name IN ({literals(names)})"
    )


def files() -> Sql:
    """Every database's files, by logical name."""
    return Sql(
        "SET NOCOUNT ON; SELECT d.name AS database_name, f.name AS name, f.type_desc AS type,"
        " f.physical_name AS path FROM sys.master_files f JOIN sys.databases d ON d.database_id ="
        " f.database_id ORDER BY f.database_id, f.file_id"
    )


def default_folders() -> Sql:
    """One row: where new files go (NULL before SQL Server 2012), and where those of master are."""
    return Sql(
        "SET NOCOUNT ON; SELECT CONVERT(nvarchar(260), SERVERPROPERTY('InstanceDefaultDataPath'))"
        " AS data, CONVERT(nvarchar(260), SERVERPROPERTY('InstanceDefaultLogPath')) AS log, (SELECT"
        " physical_name FROM sys.master_files WHERE database_id = 1 AND file_id = 1) AS"
        " master_data, (SELECT physical_name FROM sys.master_files WHERE database_id = 1 AND"
        " file_id = 2) AS master_log"
    )


def data_folder_exists() -> Sql:
    """Flags of xp_fileexist of the folder for new data files."""
    return _folder_exists(1, "InstanceDefaultDataPath")


def log_folder_exists() -> Sql:
    """The same of the folder for new log files."""
    return _folder_exists(2, "InstanceDefaultLogPath")


def _folder_exists(file: int, setting: str) -> Sql:
    return Sql(
        "SET NOCOUNT ON; DECLARE @path nvarchar(260); SELECT @path = physical_name FROM"
        f" sys.master_files WHERE database_id = 1 AND file_id = {file}; SET @path ="
        f" ISNULL(CONVERT(nvarchar(260), SERVERPROPERTY('{setting}')), LEFT(@path, LEN(@path) -"
        " CHARINDEX(N'\\', REVERSE(@path)))); EXEC master.dbo.xp_fileexist @path"
    )


def listener() -> Sql:
    """Whether the mirroring port is really listened on (SQL Server 2012 and later)."""
    return Sql(
        "SET NOCOUNT ON; SELECT port AS port, state_desc AS state FROM sys.dm_tcp_listener_states"
        " WHERE type_desc = N'DATABASE_MIRRORING'"
    )
