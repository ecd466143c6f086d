"""What the catalog tells of an instance and its databases. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...._engine.model import Sql
from .quote import identifier, literal, literals, plain_name
from .text import one_line, query


class InstanceRow(t.TypedDict):
    """Who an instance is.

    ``domain``: the NetBIOS name of the machine's; ``sa``: the built-in administrator as it is
    called here. ``utc_now``: ISO 8601; ``utc_offset_minutes``: how far local time is ahead of it.
    """

    server_name: str | None
    machine: str
    network_name: str
    version: str
    edition: str
    engine_edition: int
    collation: str
    domain: str | None
    sa: str
    is_sysadmin: int | None
    utc_now: str
    utc_offset_minutes: int


def instance() -> Sql:
    """One row ``InstanceRow``: who this instance is and what it may do (SERVERPROPERTY)."""
    return query("""
        SELECT @@SERVERNAME AS server_name,
               CONVERT(nvarchar(128), SERVERPROPERTY('MachineName')) AS machine,
               CONVERT(nvarchar(128), SERVERPROPERTY('ServerName')) AS network_name,
               CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS version,
               CONVERT(nvarchar(128), SERVERPROPERTY('Edition')) AS edition,
               CONVERT(int, SERVERPROPERTY('EngineEdition')) AS engine_edition,
               CONVERT(nvarchar(128), SERVERPROPERTY('Collation')) AS collation,
               DEFAULT_DOMAIN() AS domain,
               SUSER_SNAME(0x01) AS sa,
               IS_SRVROLEMEMBER('sysadmin') AS is_sysadmin,
               CONVERT(varchar(19), GETUTCDATE(), 126) + 'Z' AS utc_now,
               DATEDIFF(minute, GETUTCDATE(), GETDATE()) AS utc_offset_minutes
    """)


class ServiceRow(t.TypedDict):
    """A service of the instance. ``status`` 4: it runs. ``sid``: of its account, in hexadecimal
    digits.
    """

    name: str
    program: str
    account: str
    status: int
    sid: str | None
    domain_form: str | None


def services() -> Sql:
    """The engine's and the Agent's service (sys.dm_server_services): told apart by program, states
    by number, accounts by SID: names are translated. Rows ``ServiceRow``.

    ``domain_form``: what an account that is written as user@domain is as DOMAIN\\user, if there is
    such a one.
    """
    user = "LEFT(service_account, CHARINDEX(N'@', service_account) - 1)"
    return query(f"""
        SELECT servicename AS name,
               filename AS program,
               service_account AS account,
               status AS status,
               CONVERT(varchar(172), SUSER_SID(service_account), 1) AS sid,
               CASE WHEN service_account LIKE N'%@%'
                    THEN SUSER_SNAME(SUSER_SID(DEFAULT_DOMAIN() + N'\\' + {user}))
                    END AS domain_form
        FROM sys.dm_server_services
    """)


class LoginNameRow(t.TypedDict):
    """A login as it is written on this instance."""

    name: str


def login(name: str) -> Sql:
    """The login as it is written on this instance; '' stands for the built-in administrator, which
    may have been renamed. At most one row ``LoginNameRow``.
    """
    wanted = "sid = 0x01"
    if name:
        wanted = f"name = {literal(plain_name(name))}"
    return query(f"""
        SELECT name AS name
        FROM sys.server_principals
        WHERE type IN ('S', 'U', 'G')
        AND {wanted}
    """)


class LoginRow(t.TypedDict):
    """``sid``: in hexadecimal digits."""

    name: str
    sid: str


def logins() -> Sql:
    """Who may log on, by SID: rows ``LoginRow``."""
    return query("""
        SELECT name AS name,
               CONVERT(varchar(172), sid, 1) AS sid
        FROM sys.server_principals
        WHERE type IN ('S', 'U', 'G')
    """)


class DatabaseUserRow(t.TypedDict):
    """``type``: S, U or G (sys.database_principals). ``sid``: in hexadecimal digits."""

    name: str
    type: str
    sid: str


def database_users(database: str) -> Sql:
    """Users of a database that need a login, by SID, and dbo, whose SID is that of the owner where
    the database was made: rows ``DatabaseUserRow``.

    No rows from a copy that cannot be opened: it may be closed any moment, so that is no error.
    """
    inner = one_line(f"""
        SELECT name AS name,
               type AS type,
               CONVERT(varchar(172), sid, 1) AS sid
        FROM {identifier(database)}.sys.database_principals
        WHERE type IN ('S', 'U', 'G')
        AND (principal_id = 1 OR principal_id > 4)
        AND CONVERT(varchar(172), sid, 1) NOT LIKE '0x010500000000000903%'
    """)
    return query(f"""
        BEGIN TRY
            IF EXISTS (SELECT 1
                       FROM sys.databases
                       WHERE name = {literal(plain_name(database))}
                       AND state_desc = N'ONLINE')
            EXEC({literal(inner)})
        END TRY
        BEGIN CATCH
            SET NOCOUNT ON
        END CATCH
    """)


class EndpointRow(t.TypedDict):
    """The mirroring endpoint; words as the views have them: STARTED, PARTNER, AES."""

    name: str
    port: int
    state: str
    role: str
    is_encrypted: bool
    algorithm: str
    owner: str | None


def endpoint() -> Sql:
    """The mirroring endpoint, if there is one: at most one row ``EndpointRow``."""
    return query("""
        SELECT e.name AS name,
               t.port AS port,
               e.state_desc AS state,
               e.role_desc AS role,
               e.is_encryption_enabled AS is_encrypted,
               e.encryption_algorithm_desc AS algorithm,
               SUSER_NAME(e.principal_id) AS owner
        FROM sys.database_mirroring_endpoints e
        JOIN sys.tcp_endpoints t ON t.endpoint_id = e.endpoint_id
    """)


class EndpointGrantRow(t.TypedDict):
    """A login that may connect."""

    account: str


def endpoint_grants() -> Sql:
    """Accounts that hold CONNECT on the mirroring endpoint: rows ``EndpointGrantRow``."""
    return query("""
        SELECT l.name AS account
        FROM sys.server_permissions p
        JOIN sys.database_mirroring_endpoints e ON e.endpoint_id = p.major_id
        JOIN sys.server_principals l ON l.principal_id = p.grantee_principal_id
        WHERE p.class = 105
        AND p.type = 'CO'
        AND p.state IN ('G', 'W')
    """)


#: How many others use the database ``d``; sessions up to 50 are the server's own
#: (sys.sysprocesses).
OTHER_SESSIONS = one_line("""
    (SELECT COUNT(*)
     FROM sys.sysprocesses p
     WHERE p.dbid = d.database_id
     AND p.spid <> @@SPID
     AND p.spid > 50)
""")
#: Where a copy that waits for log stands, in a query with sys.databases d and
#: sys.database_recovery_status r.
REDO_LSN = one_line("""
    COALESCE((SELECT MAX(f.redo_start_lsn)
              FROM sys.master_files f
              WHERE f.database_id = d.database_id),
             CASE WHEN d.is_in_standby = 1 THEN r.last_log_backup_lsn END)
""")


class DatabaseRow(t.TypedDict):
    """A database; LSNs and GUIDs are texts.

    ``mirroring_...``: all None without a session; ``mirroring_timeout`` in seconds. ``redo_lsn``:
    where a copy stands that waits for log. ``first_recovery_fork``: the one that was left at
    ``fork_point_lsn``, both None where the log since the last backup of it is of one fork
    (sys.database_recovery_status). ``sessions``: of others in the database. ``owner`` None: its
    login is gone from this server.
    """

    name: str
    database_state: str | None
    recovery_model: str | None
    user_access: str | None
    is_read_only: bool | None
    is_auto_close_on: bool | None
    mirroring_guid: str | None
    mirroring_role: str | None
    mirroring_state: str | None
    mirroring_partner: str | None
    mirroring_safety: str | None
    mirroring_witness: str | None
    mirroring_witness_state: str | None
    mirroring_timeout: int | None
    mirroring_role_sequence: int | None
    redo_lsn: str | None
    recovery_fork: str | None
    fork_point_lsn: str | None
    first_recovery_fork: str | None
    family: str | None
    last_log_backup_lsn: str | None
    sessions: int | None
    owner: str | None
    owner_sid: str | None


def databases(names: list[str]) -> Sql:
    """State, recovery, mirroring and redo position of these databases: rows ``DatabaseRow``.

    A copy in STANDBY is ONLINE by its state and waits for more log all the same, so it is told as
    STANDBY. Whether redo_start_lsn is kept there is not documented; what the next log backup begins
    with (last_log_backup_lsn) stands in for it.
    """
    return query(f"""
        SELECT d.name AS name,
               CASE WHEN d.is_in_standby = 1 THEN N'STANDBY' ELSE d.state_desc END
                    AS database_state,
               d.recovery_model_desc AS recovery_model,
               d.user_access_desc AS user_access,
               d.is_read_only AS is_read_only,
               d.is_auto_close_on AS is_auto_close_on,
               CONVERT(varchar(36), m.mirroring_guid) AS mirroring_guid,
               m.mirroring_role_desc AS mirroring_role,
               m.mirroring_state_desc AS mirroring_state,
               m.mirroring_partner_name AS mirroring_partner,
               m.mirroring_safety_level_desc AS mirroring_safety,
               NULLIF(m.mirroring_witness_name, N'') AS mirroring_witness,
               m.mirroring_witness_state_desc AS mirroring_witness_state,
               m.mirroring_connection_timeout AS mirroring_timeout,
               m.mirroring_role_sequence AS mirroring_role_sequence,
               CONVERT(varchar(25), {REDO_LSN}) AS redo_lsn,
               CONVERT(varchar(36), r.recovery_fork_guid) AS recovery_fork,
               CONVERT(varchar(25), r.fork_point_lsn) AS fork_point_lsn,
               CONVERT(varchar(36), r.first_recovery_fork_guid) AS first_recovery_fork,
               CONVERT(varchar(36), r.family_guid) AS family,
               CONVERT(varchar(25), r.last_log_backup_lsn) AS last_log_backup_lsn,
               {OTHER_SESSIONS} AS sessions,
               SUSER_SNAME(d.owner_sid) AS owner,
               CONVERT(varchar(172), d.owner_sid, 1) AS owner_sid
        FROM sys.databases d
        LEFT JOIN sys.database_mirroring m ON m.database_id = d.database_id
        LEFT JOIN sys.database_recovery_status r ON r.database_id = d.database_id
        WHERE d.name IN ({literals(names)})
    """)


class FileRow(t.TypedDict):
    """A file of a database. ``name``: its logical one; ``type``: ROWS, LOG, ... (type_desc)."""

    database_name: str
    name: str
    type: str
    path: str


def files() -> Sql:
    """Every database's files, by logical name: rows ``FileRow``."""
    return query("""
        SELECT d.name AS database_name,
               f.name AS name,
               f.type_desc AS type,
               f.physical_name AS path
        FROM sys.master_files f
        JOIN sys.databases d ON d.database_id = f.database_id
        ORDER BY f.database_id, f.file_id
    """)


class DefaultFoldersRow(t.TypedDict):
    """``data``, ``log``: folders. ``master_data``, ``master_log``: files of master."""

    data: str | None
    log: str | None
    master_data: str
    master_log: str


def default_folders() -> Sql:
    """One row ``DefaultFoldersRow``: where new files go (NULL before SQL Server 2012), and where
    those of master are.
    """
    return query("""
        SELECT CONVERT(nvarchar(260), SERVERPROPERTY('InstanceDefaultDataPath')) AS data,
               CONVERT(nvarchar(260), SERVERPROPERTY('InstanceDefaultLogPath')) AS log,
               (SELECT physical_name
                FROM sys.master_files
                WHERE database_id = 1
                AND file_id = 1) AS master_data,
               (SELECT physical_name
                FROM sys.master_files
                WHERE database_id = 1
                AND file_id = 2) AS master_log
    """)


def data_folder_exists() -> Sql:
    """Flags of the folder for new data files: one row ``backup_files.FileFlagsRow``."""
    return _folder_exists(1, "InstanceDefaultDataPath")


def log_folder_exists() -> Sql:
    """The same of the folder for new log files."""
    return _folder_exists(2, "InstanceDefaultLogPath")


def _folder_exists(file: int, setting: str) -> Sql:
    beside_master = r"LEFT(@path, LEN(@path) - CHARINDEX(N'\', REVERSE(@path)))"
    return query(f"""
        DECLARE @path nvarchar(260);
        SELECT @path = physical_name
        FROM sys.master_files
        WHERE database_id = 1
        AND file_id = {file};
        SET @path = ISNULL(CONVERT(nvarchar(260), SERVERPROPERTY('{setting}')), {beside_master});
        EXEC master.dbo.xp_fileexist @path
    """)


class ListenerRow(t.TypedDict):
    """``state``: ONLINE or PENDING_RESTART."""

    port: int
    state: str


def listener() -> Sql:
    """Whether the mirroring port is really listened on (SQL Server 2012 and later): rows
    ``ListenerRow``.
    """
    return query("""
        SELECT port AS port,
               state_desc AS state
        FROM sys.dm_tcp_listener_states
        WHERE type_desc = N'DATABASE_MIRRORING'
    """)
