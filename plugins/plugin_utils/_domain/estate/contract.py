"""What an inventory may say: every group, and every variable that no role documents.

``estate_info`` sorts hosts by these groups, ``inventory_check`` judges names and values by them,
and docs/inventory.md shows them. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t

FUNCTION = "function"
SQL = "sql"
PLACE = "place"


class Group(t.NamedTuple):
    """``kind``: FUNCTION, SQL (a function that one SQL Server has) or PLACE. ``slot``: of
    ``Declared['sql']``, or the site; '' for others. ``least``, ``most``: hosts of a pool, None
    for any number. ``without``: why a pool needs it, '' where it can do without.
    """

    name: str
    kind: str
    slot: str
    least: int
    most: int | None
    meaning: str
    without: str = ""


#: Documented limits of a Persistent Chat pool (Topologies for Persistent Chat Server; Capacity
#: planning).
MAX_SERVERS = 8
MAX_ACTIVE = 4

GROUPS = (
    Group(
        "pchat_management",
        FUNCTION,
        "",
        1,
        None,
        "Front End Servers with the Lync management tools. One of them is asked about the pool:"
        " name one of each data centre.",
        "one of these Front End Servers is asked about the pool",
    ),
    Group(
        "pchat_servers",
        FUNCTION,
        "",
        1,
        MAX_SERVERS,
        "The chat servers, those that stand by as well.",
        "these are the servers that people chat on",
    ),
    Group(
        "pchat_file_servers",
        FUNCTION,
        "",
        0,
        None,
        "File servers that hold the shares, when they can be asked for them.",
    ),
    Group(
        "pchat_sql_primary",
        SQL,
        "primary",
        1,
        1,
        "The SQL Server that the pool's databases were made on.",
        "the pool's databases live there",
    ),
    Group(
        "pchat_sql_mirror",
        SQL,
        "mirror",
        1,
        1,
        "Its partner in the same data centre.",
        "it holds the copy that survives the loss of one SQL Server",
    ),
    Group(
        "pchat_sql_witness",
        SQL,
        "witness",
        0,
        1,
        "The witness of that pair: with it SQL Server switches by itself.",
    ),
    Group(
        "pchat_sql_backup",
        SQL,
        "backup",
        1,
        1,
        "The SQL Server of the other data centre, which log shipping feeds.",
        "log shipping needs its secondary",
    ),
    Group(
        "pchat_sql_backup_mirror",
        SQL,
        "backup_mirror",
        0,
        1,
        "Its partner there, which mirrors it while the pool is failed over.",
    ),
    Group(
        "pchat_sql_backup_witness",
        SQL,
        "backup_witness",
        0,
        1,
        "The witness of the backup pair.",
    ),
    Group(
        "pchat_site_primary",
        PLACE,
        "primary",
        1,
        None,
        "Every host of the data centre that the pool runs in. A SQL Server may be left out: its"
        " function says where it stands.",
    ),
    Group(
        "pchat_site_backup",
        PLACE,
        "backup",
        1,
        None,
        "Every host of the other data centre.",
    ),
)

#: Function group -> slot of ``Declared['sql']``. Each holds at most one host of a pool.
SQL_GROUPS = {group.name: group.slot for group in GROUPS if group.kind == SQL}
PLACES = {group.name: group.slot for group in GROUPS if group.kind == PLACE}
OTHER_GROUPS = tuple(group.name for group in GROUPS if group.kind == FUNCTION)
#: Why a pool needs a function, by its group.
NEEDED = {group.name: group.without for group in GROUPS if group.without}

HOST = "host"
POOL = "pool"
RUN = "run"


class Variable(t.NamedTuple):
    """``whose``: HOST, what differs from host to host; POOL, the same for all hosts of a pool;
    RUN, how the controller works. ``default``: as it is shown, '' for none.
    """

    name: str
    type: str
    whose: str
    default: str
    meaning: str
    required: bool = False


VARIABLES = (
    Variable(
        "pchat_pool",
        "str",
        POOL,
        "",
        "Fully qualified domain name of the pool that the host belongs to. A host without it is"
        " not looked at.",
        required=True,
    ),
    Variable(
        "pchat_compliance",
        "bool",
        POOL,
        "false",
        "Whether the pool has compliance, so that there is a database mgccomp.",
    ),
    Variable(
        "pchat_fqdn",
        "str",
        HOST,
        "the host's name in the inventory",
        "Fully qualified domain name of the host, as the topology and SQL Server know it. Needed"
        " where the inventory calls it otherwise; where it is reached is ansible_host.",
    ),
    Variable(
        "pchat_sql_instance",
        "str",
        HOST,
        "the default instance",
        "Name of the SQL Server instance. It stands with the SQL Servers: instances may differ.",
    ),
    Variable(
        "pchat_sql_port",
        "int",
        HOST,
        "1433 for a default instance",
        "TCP port of the SQL Server instance. In an outage a chat server is asked whether it still"
        " reaches it there; of a named instance without it nobody can say.",
    ),
    Variable(
        "pchat_sql_module",
        "str",
        HOST,
        "what PowerShell finds first",
        "The module whose Invoke-Sqlcmd is taken, SqlServer or SQLPS.",
    ),
    Variable(
        "pchat_sql_encryption",
        "str",
        HOST,
        "default",
        "How Invoke-Sqlcmd connects: default, trust, optional, mandatory or strict.",
    ),
    Variable(
        "pchat_keep_sessions",
        "bool",
        RUN,
        "true",
        "Whether the session with a host is kept from task to task, which saves seconds each time.",
    ),
    Variable(
        "pchat_read_timeout",
        "int",
        RUN,
        "600",
        "Seconds that a call may take which only reads.",
    ),
    Variable(
        "pchat_call_timeout",
        "int",
        RUN,
        "21600",
        "Seconds that a call may take which changes something: seeding a mirror takes hours.",
    ),
    Variable(
        "pchat_plan_folder",
        "str",
        RUN,
        "none",
        "Folder on the controller to which a check run writes what it would do, for review.",
    ),
)

#: What the playbooks set themselves, whatever an inventory says.
SET_BY_PLAYBOOKS = frozenset(
    (
        "pchat_coordinator",
        "pchat_coordinators",
        "pchat_databases",
        "pchat_declared",
        "pchat_estate",
        "pchat_is_changed",
        "pchat_is_new",
        "pchat_moment",
        "pchat_parts",
        "pchat_prepares",
        "pchat_told",
    )
)
#: Groups that the playbooks make while they run.
MADE_BY_PLAYBOOKS = frozenset(
    (
        "pchat_coordinators",
        "pchat_members",
        "pchat_outage_coordinators",
        "pchat_standby_coordinators",
    )
)
