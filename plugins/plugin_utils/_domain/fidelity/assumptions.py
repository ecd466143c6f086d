"""All assumptions of docs/fidelity.md by their ids, each with its check or with the reason why
there is none. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from .checks import endpoints, invoke_sqlcmd, lync, services, sql_server
from .verdicts import Assumption

_WRITES = "only a change could show it: {}"
_LAB = "nothing in the plugins depends on it: {}"

ASSUMPTIONS: tuple[Assumption, ...] = (
    # endpoints and commands
    Assumption(
        "structured-commands",
        "Endpoints run commands that are sent with parameters and without any script, whatever"
        " their language mode",
        endpoints.structured_commands,
    ),
    Assumption(
        "commands-exist",
        "Every cmdlet that the collection calls is there",
        endpoints.commands_exist,
    ),
    Assumption(
        "command-parameters",
        "Every parameter that the collection passes is there",
        endpoints.command_parameters,
    ),
    Assumption(
        "module-loads",
        "The modules of the cmdlets load by themselves in a remoting session, or the endpoint loads"
        " them",
        endpoints.module_loads,
    ),
    Assumption(
        "reconnect",
        "A runspace can be disconnected and taken up again",
        endpoints.reconnect,
        otherwise="runspaces were not kept in this run",
    ),
    Assumption(
        "statement-errors",
        "An error belongs to the call between the marks around it, also when that call stands"
        " first",
        endpoints.statement_errors,
    ),
    Assumption(
        "later-statements",
        "Statements behind a terminating error run on the host, those behind -ErrorAction Stop"
        " do not",
        endpoints.later_statements,
        otherwise="no session keeps variables",
    ),
    Assumption(
        "batch-end",
        "A batch that failed is known by the row of its end, or by the lack of it",
        invoke_sqlcmd.batch_end,
    ),
    Assumption(
        "script-errors",
        "Errors of all statements of a batch arrive (-IncludeSqlUserErrors, where the module"
        " has it)",
        invoke_sqlcmd.script_errors,
    ),
    Assumption(
        "single-run",
        "A batch that failed is not run once more by Invoke-Sqlcmd",
        invoke_sqlcmd.single_run,
        otherwise="no row of a failed batch arrived anywhere",
    ),
    Assumption(
        "sqlcmd-module",
        "Invoke-Sqlcmd comes from a module that can report the errors of a script",
        invoke_sqlcmd.sqlcmd_module,
        otherwise="no session tells what brings Invoke-Sqlcmd",
    ),
    Assumption(
        "certificate",
        "The certificate of the instance is no obstacle with the encryption that was chosen",
        invoke_sqlcmd.certificate,
    ),
    Assumption(
        "sqlps-location",
        "SQLPS moves the location to SQLSERVER:, where a UNC path needs its provider's name",
        why_not=(
            "paths are passed with it; Import-Module SQLPS; Test-Path '\\\\server\\share' shows the"
            " rest"
        ),
    ),
    Assumption(
        "guard-text",
        "The row of a guard that fires arrives, so that a moved world is told from a failed"
        " statement",
        invoke_sqlcmd.guard_text,
    ),
    Assumption(
        "message-prefix", "SQLPS prints messages without 'Msg n'", invoke_sqlcmd.message_prefix
    ),
    Assumption(
        "sqlcmd-values",
        "Invoke-Sqlcmd cuts no long text, replaces no $(x), and gives LSNs and NULL as they are",
        invoke_sqlcmd.sqlcmd_values,
    ),
    Assumption(
        "endpoint-modules",
        "A restricted endpoint imports what ModulesToImport names, passes over what is not there"
        " unless it stands last, and a plain name loads its module; proxies of functions do as"
        " those of cmdlets",
        why_not=_WRITES.format("register extensions/jea, then run this through it"),
    ),
    Assumption(
        "endpoint-parameters",
        "A proxy shows a parameter that is listed and that the cmdlet behind it lacks, and the"
        " cmdlet refuses it",
        why_not=(
            "nothing passes such a parameter unless pchat_sql_encryption asks for it; look at"
            " Get-Command -Name Invoke-Sqlcmd, Convert-UrnToPath there"
        ),
    ),
    # Lync and Skype for Business
    Assumption(
        "service-properties",
        "Get-CsService -PersistentChatServer has the properties that are read",
        lync.service_properties,
        otherwise="no Persistent Chat pool is published",
    ),
    Assumption(
        "store-format",
        "Stores print as Role:host, with \\instance behind it",
        lync.store_format,
        otherwise="no Persistent Chat pool is published",
    ),
    Assumption(
        "store-instance",
        "A named instance shows in the store",
        lync.store_instance,
        otherwise="the pool has no named instance",
    ),
    Assumption(
        "object-properties",
        "All other cmdlets return objects with the properties that are read",
        lync.object_properties,
    ),
    Assumption(
        "topology-document",
        "The published topology has the grammar by which it is compared",
        lync.topology_document,
        otherwise="no topology is published",
    ),
    Assumption(
        "test-topology",
        "Test-CsTopology fails while a topology is published and not enabled",
        why_not=_WRITES.format("publish without enabling on a test deployment"),
    ),
    Assumption(
        "test-database",
        "Test-CsDatabase reports the databases of an instance with SqlInstanceName",
        lync.database_rows,
        otherwise="no databases are installed",
    ),
    Assumption(
        "for-instance",
        "-ConfiguredDatabases with -ForInstance installs only that instance's databases",
        why_not=_WRITES.format("install on a server with named instances"),
    ),
    Assumption(
        "mirror-status-name",
        "The second status property is MirroringStatusOnMirror or MirroringStatusOnSecondary",
        lync.mirror_status_name,
        otherwise="no database is mirrored",
    ),
    Assumption(
        "mirror-state-failed-over",
        "What Get-CsDatabaseMirrorState reports while the pool is FailedOver",
        why_not=_LAB.format("look at it on a failed-over pool"),
    ),
    Assumption(
        "service-display-names",
        "The services of a chat server have Persistent Chat in their display names",
        services.service_display_names,
    ),
    Assumption(
        "service-names",
        "They are called RTCCHAT and RTCCOMP",
        services.service_names,
        otherwise="no chat service was seen",
    ),
    Assumption(
        "active-limits",
        "More than 4 active servers, and strangers in the list, are refused by the cmdlet",
        why_not=_WRITES.format("the plugins refuse first"),
    ),
    Assumption(
        "active-before-started",
        "The list of active servers is accepted before their services were ever started",
        why_not=_WRITES.format("a build of a new pool shows it"),
    ),
    # SQL Server
    Assumption(
        "view-columns",
        "Every view and table has the columns that are read",
        sql_server.view_columns,
    ),
    Assumption(
        "procedure-parameters",
        "Every procedure has the parameters that are passed",
        sql_server.procedure_parameters,
    ),
    Assumption(
        "procedure-defaults",
        "Every parameter that is not passed has a default",
        sql_server.procedure_defaults,
        otherwise="no instance shows the procedures' text",
    ),
    Assumption(
        "message-numbers",
        "Messages have the numbers by which they are known here",
        sql_server.message_numbers,
    ),
    Assumption(
        "sql-service-names",
        "sys.dm_server_services names the programs sqlservr.exe and SQLAGENT.EXE",
        sql_server.sql_service_names,
    ),
    Assumption(
        "upn-name",
        "A service account that is written as user@domain is DOMAIN\\user of the same domain, if"
        " SQL Server knows that name",
        why_not=(
            "Compare it with the login that arrives at a partner (the error log tells who was"
            " refused)."
        ),
    ),
    Assumption(
        "default-domain",
        "DEFAULT_DOMAIN() gives the NetBIOS domain",
        sql_server.default_domain,
        otherwise="no caller was a Windows login",
    ),
    Assumption(
        "simple-recovery",
        "Databases are installed in SIMPLE recovery",
        sql_server.simple_recovery,
        otherwise="every database has been backed up, restored or mirrored since it was installed",
    ),
    Assumption(
        "recovery-fork",
        "last_recovery_fork_guid of a backup equals recovery_fork_guid of the database until a"
        " recovery",
        sql_server.recovery_fork,
        otherwise="no online database was backed up on its instance",
    ),
    Assumption(
        "redo-lsn",
        "redo_start_lsn is filled while a copy is RESTORING",
        sql_server.redo_lsn,
        otherwise="there is no log shipping secondary yet",
    ),
    Assumption(
        "restoring-fork",
        "recovery_fork_guid is filled while a copy is RESTORING",
        sql_server.restoring_fork,
        otherwise="no copy waits for log",
    ),
    Assumption(
        "redo-fork",
        "redo_start_fork_guid of the first file names the fork of the log that a restoring copy"
        " takes next",
        why_not=_WRITES.format(
            "compare it on a secondary with FirstRecoveryForkID of the log that it takes next"
        ),
    ),
    Assumption(
        "next-hop",
        "Clients reach a chat pool through the Front End pool in its Registrar alone",
        why_not=_WRITES.format("stop the Front End service of a test deployment's next hop"),
    ),
    Assumption(
        "shipping-refuses-mirror",
        "sp_add_log_shipping_primary_database refuses a mirror copy (32007)",
        why_not=_WRITES.format("call it on a mirror of a test deployment"),
    ),
    Assumption(
        "partner-gap",
        "sys.database_mirroring shows nothing between the two SET PARTNER",
        why_not=_WRITES.format("look at the view in between on a test deployment"),
    ),
    Assumption(
        "partner-name",
        "Who connects to a principal gets its partner's name while the copies synchronize as well",
        why_not=_WRITES.format("connect, end the connection, and switch, on a test deployment"),
    ),
    Assumption(
        "read-only-in-log",
        "READ_ONLY comes with the log: a copy that log backups brought up to date is it as well",
        why_not=_WRITES.format("set a shipped database READ_ONLY, restore the next log backup"),
    ),
    Assumption(
        "fork-left",
        "sys.database_recovery_status tells the fork that was left, and where, until the first log"
        " backup after a recovery",
        why_not=_WRITES.format("restore a database from an older backup and look at the view"),
    ),
    Assumption(
        "replaced-principal",
        "A principal that is replaced behind a cut stays one until the two meet",
        why_not=_WRITES.format("force service behind a cut link on a test deployment"),
    ),
    Assumption(
        "dbo-of-a-copy",
        "A restored copy belongs to who restored it, its user dbo keeps the former owner's SID",
        why_not=_WRITES.format("restore a copy as another login on a test deployment"),
    ),
    Assumption(
        "switch-keeps-chain",
        "A synchronous role switch keeps the chain of log backups",
        why_not=_WRITES.format(
            "switch, back up the log on the new principal, restore it on the secondary"
        ),
    ),
    Assumption(
        "authorization-drops-grants",
        "ALTER AUTHORIZATION on an endpoint drops granted permissions",
        why_not=_WRITES.format("mirroring_endpoint grants again in any case"),
    ),
    Assumption(
        "tail-continues",
        "A copy that was stopped by a tail of its log goes on with the log of the copy that took it"
        " over",
        why_not=_WRITES.format(
            "run drill.yml on a test deployment and see that log shipping applies logs afterwards"
        ),
    ),
    Assumption(
        "old-list-of-servers",
        "Chat servers of a site that returns learn the new list and pool state before clients reach"
        " them",
        why_not=_WRITES.format(
            "start chat servers of a returned site last, and see their replication first"
        ),
    ),
    Assumption(
        "store-failover",
        "Invoke-CsManagementServerFailover with -BackupSqlServerFqdn and -Force moves a lost"
        " central management store",
        why_not=_WRITES.format("move the store once on a test deployment"),
    ),
    Assumption(
        "header-zone",
        "Backup headers hold the writer's local time, and all writers stand in the reader's time"
        " zone",
        why_not=(
            "Only backups that are not log shipping's are dated by it, and only for people; compare"
            " a header with the clock."
        ),
    ),
    Assumption(
        "silent-connect",
        "Test-NetConnection waits for more than twenty seconds where nobody answers, and, once it"
        " was used in a session, says yes within one where somebody does",
        why_not=(
            "It would wait as long. Measure it with a host that is switched off, and with one that"
            " is there."
        ),
    ),
    # of the lab alone
    Assumption(
        "delegation-to-sql",
        "A logon over WinRM by Kerberos goes on to SQL Server when the account that SQL Server"
        " runs as lets the computer delegate to it; the client forwards no ticket",
        why_not=_WRITES.format("delegation is set up in the directory"),
    ),
    Assumption(
        "topology-builder-words",
        "Dialogues of Topology Builder are called as the page for a first deployment says",
        why_not="only a person sees them",
    ),
    Assumption(
        "agent-rights",
        "The job of log shipping deletes old files, and the one that copies reads them, as SQL"
        " Server Agent's account; the backup itself is written by the engine",
        why_not=_WRITES.format("run the jobs with these rights only"),
    ),
    Assumption(
        "mirror-alerts",
        "The partner that is the mirror raises 14420, since its job only skips",
        why_not="it shows after the threshold in its error log",
    ),
    Assumption(
        "lab-firewall",
        "In the lab a machine's firewall closes the ports of mirroring endpoints only",
        why_not=_LAB.format("they open ports and compare nothing"),
    ),
    Assumption(
        "lab-services",
        "Service accounts of SQL Server, start modes and dependencies of the lab's Windows"
        " services",
        why_not=_LAB.format("they differ between installations"),
    ),
    Assumption(
        "lab-rights",
        "The lab has no NTFS rights: share rights alone decide",
        why_not=_LAB.format("a simplification of the lab"),
    ),
    Assumption(
        "lab-replication",
        "Replication of the central management store takes a few seconds",
        why_not=_LAB.format("the plugins wait"),
    ),
)
