"""A simulated Windows machine."""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from .firewall import Rule
from .summer import is_summer

if t.TYPE_CHECKING:
    from ..sqlserver.server.instance import SqlInstance


@dataclasses.dataclass
class WindowsService:
    """``start_mode``: Auto, Manual or Disabled.

    ``started_at`` (lab time) is None unless Running. ``skew_at_start``: seconds by which the
    machine's clock was ahead then; a process keeps the time at which that one saw it begin.
    """

    name: str
    display_name: str
    status: str = "Stopped"  # Running | Stopped
    start_mode: str = "Auto"
    account: str = "LocalSystem"
    started_at: dt.datetime | None = None
    skew_at_start: float = 0.0
    depends_on: tuple[str, ...] = ()
    role: str = ""  # Lync role name, for Get-CsWindowsService
    starts: int = 0  # how often it was started: gives it another process each time
    fails_to_start: bool = False  # a fault: it stops again as soon as it was started
    description: str = ""


@dataclasses.dataclass
class File:
    """A file on a machine's disk.

    ``content`` is text, or a backup media object of the sqlserver package.
    """

    content: t.Any
    written_at: dt.datetime
    size: int = 0
    damaged: bool = False
    held_by: str = ""  # the program that has it open: others cannot delete or replace it (32)


@dataclasses.dataclass
class Share:
    """An SMB share: ``rights`` maps accounts or groups (``DOMAIN\\name``, ``Everyone``) to Read,
    Change or Full.
    """

    name: str
    path: str  # local folder, e.g. D:\\shares\\logs
    rights: dict[str, str] = dataclasses.field(default_factory=dict)
    description: str = ""


@dataclasses.dataclass
class Machine:
    """Names are FQDNs in lower case; paths in ``files`` and ``folders`` are lower-cased Windows
    paths.
    """

    fqdn: str
    site: str  # data centre
    kind: str  # front_end | chat_server | sql | file_server
    domain: str  # NetBIOS name
    address: str = "127.0.0.1"
    port: int = 5985
    tls: bool = False
    up: bool = True
    hangs: bool = False  # accepts connections and never answers
    deaf: bool = False  # its WinRM answers nobody; all else on it goes on
    unseen: bool = False  # the controller's packets are lost on the way; others reach it
    windows: str = "6.3.9600"  # 2012 R2
    powershell: str = "4.0"
    time_zone: str = "W. Europe Standard Time"
    utc_offset_minutes: int = 60  # in winter
    daylight_saving: str = (
        "none"  # none | eu | us: by which rule the clocks are an hour ahead in summer
    )
    language: str = "en"  # of Windows and SQL Server: en | de | fr | ru
    clock_skew_seconds: float = 0.0
    delegation: bool = (
        False  # logons on this machine may travel further (delegation is set up for it)
    )
    products: frozenset[str] = (
        frozenset()
    )  # modules a runspace here can load: Lync or SkypeForBusiness, those of Windows
    sql_tools: tuple[str, ...] = ()  # names in sql_tools.TOOLS, in the order of PSModulePath
    sql_quirks: frozenset[str] | None = None  # instead of those of the tools themselves
    more_quirks: set[str] = dataclasses.field(default_factory=set)  # from faults
    adds_snap_ins: bool = (
        False  # the startup script of its endpoint adds the snap-ins that there are
    )
    hides_forks: bool = False  # of copies that wait for log, in the catalog of its SQL Server
    sql_certificate: str = "self-signed"  # of its SQL Server; or trusted
    execution_policy: str = "RemoteSigned"
    firewall: bool = False  # closes the ports of mirroring endpoints, unless a rule opens them
    rules: dict[str, Rule] = dataclasses.field(default_factory=dict)  # by lower-case name
    session_bits: int = 64  # a 32-bit endpoint does not see what is installed for 64 bits
    services: dict[str, WindowsService] = dataclasses.field(
        default_factory=dict
    )  # by lower-case name
    shares: dict[str, Share] = dataclasses.field(default_factory=dict)  # by lower-case name
    folders: set[str] = dataclasses.field(default_factory=set)
    files: dict[str, File] = dataclasses.field(default_factory=dict)
    shown: dict[str, str] = dataclasses.field(
        default_factory=dict
    )  # lower-cased path -> as it was first written
    drives: tuple[str, ...] = ("c:", "d:", "e:")
    drive_gb: dict[str, int] = dataclasses.field(default_factory=dict)  # by drive; disks.USUAL_GB
    drive_taken: dict[str, int] = dataclasses.field(
        default_factory=dict
    )  # bytes by drive that are taken by what is no file here
    booted_at: dt.datetime | None = None  # lab time
    disk_full: set[str] = dataclasses.field(
        default_factory=set
    )  # folders (lower case) that take no more bytes
    share_faults: dict[str, str] = dataclasses.field(
        default_factory=dict
    )  # lower-case share name -> gone | denied | full
    instances: dict[str, SqlInstance] = dataclasses.field(
        default_factory=dict
    )  # by lower-case instance name, "" = default
    facts: dict[str, t.Any] = dataclasses.field(
        default_factory=dict
    )  # other packages keep theirs here by package name

    @property
    def name(self) -> str:
        """The NetBIOS computer name."""
        return self.fqdn.split(".")[0].upper()

    def offset_at(self, utc: dt.datetime) -> int:
        """Minutes by which local time is ahead of UTC at that moment (aware or naive, UTC)."""
        return self.utc_offset_minutes + (
            60 if is_summer(self.daylight_saving, utc, self.utc_offset_minutes) else 0
        )

    @property
    def ignores_controller(self) -> bool:
        """A connection of the controller to its WinRM is accepted, and never answered."""
        return self.hangs or self.deaf or self.unseen

    @property
    def machine_account(self) -> str:
        return f"{self.domain}\\{self.name}$"
