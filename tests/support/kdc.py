"""A key distribution centre of one's own, on loopback: MIT Kerberos on an OpenLDAP directory.

The directory is what makes constrained delegation possible: only the LDAP database of MIT's centre
keeps which service may ask for tickets in a user's name (krbAllowedToDelegateTo; MIT documentation:
admin/conf_ldap). Resource-based delegation it does not know: that is Active Directory's.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import typing as t
from collections.abc import Iterator
from unittest import mock

#: Program -> Debian's package of it.
PROGRAMS = {
    "krb5kdc": "krb5-kdc",
    "kadmin.local": "krb5-admin-server",
    "kdb5_ldap_util": "krb5-kdc-ldap",
    "slapd": "slapd",
    "ldapmodify": "ldap-utils",
    "kinit": "krb5-user",
}
_SCHEMA = pathlib.Path("/usr/share/doc/krb5-kdc-ldap/kerberos.schema.gz")
_CORE = pathlib.Path("/etc/ldap/schema/core.schema")
_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
#: Seconds for a server to begin.
_START = 20.0
#: Of the directory, which only its user's socket leads to.
_SECRET = "directory"
_ROOT = "cn=root,dc=kdc"
_CONTAINER = "cn=krb,dc=kdc"

_SLAPD_CONF = """\
include {core}
include {core_folder}/cosine.schema
include {folder}/kerberos.schema
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "dc=kdc"
rootdn "{root}"
rootpw {secret}
directory {folder}/directory
maxsize 33554432
dbnosync
index objectClass eq
index krbPrincipalName eq
"""
_BASE = "dn: dc=kdc\nobjectClass: dcObject\nobjectClass: organization\no: kdc\ndc: kdc\n"
_KRB5_CONF = """\
[libdefaults]
 default_realm = {realm}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 default_rcache_name = file2:{folder}/replays
[realms]
 {realm} = {{
  kdc = 127.0.0.1:{port}
  database_module = directory
 }}
[domain_realm]
 .{suffix} = {realm}
[dbmodules]
 directory = {{
  db_library = kldap
  ldap_kerberos_container_dn = "{container}"
  ldap_kdc_dn = "{root}"
  ldap_kadmind_dn = "{root}"
  ldap_service_password_file = {folder}/directory.stash
  ldap_servers = {address}
 }}
[logging]
 kdc = FILE:{folder}/kdc.log
"""
_KDC_CONF = """\
[kdcdefaults]
 kdc_listen = 127.0.0.1:{port}
 kdc_tcp_listen = 127.0.0.1:{port}
[realms]
 {realm} = {{
  key_stash_file = {folder}/master.stash
  supported_enctypes = aes256-cts:normal
  max_life = 10h
 }}
"""


def missing() -> str:
    """What keeps a centre from being started, with what would mend it; empty when nothing does."""
    lacking = []
    for program, package in PROGRAMS.items():
        if shutil.which(program, path=_PATH) is None and package not in lacking:
            lacking.append(package)
    if not _SCHEMA.is_file() and "krb5-kdc-ldap" not in lacking:
        return f"{_SCHEMA} is not there: documentation was left out when krb5-kdc-ldap came"
    if not lacking:
        return ""
    packages = " ".join(lacking)
    return (
        "a key distribution centre needs Debian's packages:"
        f" apt-get install --no-install-recommends {packages}"
    )


@dataclasses.dataclass
class Centre:
    """A running centre. ``keytab`` has the keys of all services."""

    realm: str
    folder: pathlib.Path

    @property
    def keytab(self) -> pathlib.Path:
        return self.folder / "services.keytab"

    @property
    def tickets(self) -> pathlib.Path:
        """The cache of tickets of whoever runs playbooks."""
        return self.folder / "tickets"

    @property
    def environment(self) -> dict[str, str]:
        """For whoever has to do with this centre: the lab, playbooks, kinit."""
        return {
            "KRB5_CONFIG": str(self.folder / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(self.folder / "kdc.conf"),
            "KRB5CCNAME": f"FILE:{self.tickets}",
        }

    def administer(self, *requests: str) -> None:
        """Requests of kadmin.local, in turn. AssertionError with what it said when one failed."""
        said = self._run("kadmin.local", "-r", self.realm, given="\n".join((*requests, "")))
        refusals = [line for line in said.splitlines() if " while " in line]
        assert not refusals, refusals

    def add_users(self, passwords: t.Mapping[str, str]) -> None:
        """By name without realm."""
        self.administer(*(f'addprinc -pw "{word}" {name}' for name, word in passwords.items()))

    def add_services(self, names: t.Sequence[str]) -> None:
        """``SERVICE/host`` each; their keys go into the keytab."""
        self.administer(
            *(f"addprinc -randkey {name}" for name in names),
            *(f"ktadd -k {self.keytab} {name}" for name in names),
        )

    def let_delegate(self, service: str, targets: t.Sequence[str]) -> None:
        """Constrained delegation: ``service`` may ask for tickets to these in a user's name."""
        lines = [
            f"dn: krbPrincipalName={service}@{self.realm},cn={self.realm},{_CONTAINER}",
            "changetype: modify",
            "replace: krbAllowedToDelegateTo",
        ]
        for target in targets:
            lines.append(f"krbAllowedToDelegateTo: {target}@{self.realm}")
        bind = ("-x", "-D", _ROOT, "-w", _SECRET, "-H", _address(self.folder))
        self._run("ldapmodify", *bind, given="\n".join((*lines, "")))

    def kinit(self, user: str, password: str, *options: str) -> None:
        """A ticket for this user, in ``tickets``."""
        self._run("kinit", *options, f"{user}@{self.realm}", given=f"{password}\n")

    def kdestroy(self) -> None:
        """No ticket any more."""
        self.tickets.unlink(missing_ok=True)

    def _run(self, program: str, *arguments: str, given: str) -> str:
        return _run(program, *arguments, given=given, environment=self.environment)


@contextlib.contextmanager
def running(suffix: str) -> Iterator[Centre]:
    """A centre for the realm of a DNS suffix, with its folder; stopped whatever happens.

    KRB5_CONFIG and the like are set meanwhile, in this process and those that it starts.
    """
    with tempfile.TemporaryDirectory(prefix="kdc-") as name, contextlib.ExitStack() as stopped:
        folder = pathlib.Path(name)
        centre = Centre(suffix.upper(), folder)
        port = _free_port()
        _write_settings(centre, suffix, port)
        stopped.enter_context(mock.patch.dict(os.environ, centre.environment))
        (folder / "directory").mkdir()
        slapd = _copied_slapd(folder)
        settings = ("-f", f"{folder}/slapd.conf")
        _run(slapd, "-T", "add", "-q", *settings, given=_BASE)
        serve = (slapd, "-d", "0", *settings, "-h", _address(folder))
        stopped.enter_context(_server(folder / "directory.log", *serve))
        _wait_for(lambda: _answers(folder / "socket"), folder / "directory.log")
        _create_realm(centre)
        stopped.enter_context(_server(folder / "kdc.out", "krb5kdc", "-n"))
        _wait_for(lambda: _listens(port), folder / "kdc.out")
        yield centre


def _write_settings(centre: Centre, suffix: str, port: int) -> None:
    folder = centre.folder
    with gzip.open(_SCHEMA) as packed:
        (folder / "kerberos.schema").write_bytes(packed.read())
    values = {
        "folder": folder,
        "realm": centre.realm,
        "suffix": suffix,
        "port": port,
        "core": _CORE,
        "core_folder": _CORE.parent,
        "root": _ROOT,
        "secret": _SECRET,
        "container": _CONTAINER,
        "address": _address(folder),
    }
    for name, text in (
        ("slapd.conf", _SLAPD_CONF),
        ("krb5.conf", _KRB5_CONF),
        ("kdc.conf", _KDC_CONF),
    ):
        (folder / name).write_text(text.format(**values), encoding="utf-8")


def _create_realm(centre: Centre) -> None:
    folder = centre.folder
    bind = ("-D", _ROOT, "-w", _SECRET, "-H", _address(folder))
    stash = ("stashsrvpw", "-f", f"{folder}/directory.stash", _ROOT)
    _run("kdb5_ldap_util", *bind, *stash, given=f"{_SECRET}\n{_SECRET}\n")
    where = ("-subtrees", _CONTAINER, "-sscope", "SUB", "-r", centre.realm)
    _run("kdb5_ldap_util", *bind, "create", *where, "-s", "-P", "master", given="")


def _copied_slapd(folder: pathlib.Path) -> str:
    """Where AppArmor has a profile of slapd, the program that is installed reads /etc/ldap only."""
    copied = folder / "slapd"
    shutil.copy(str(shutil.which("slapd", path=_PATH)), copied)
    return str(copied)


def _address(folder: pathlib.Path) -> str:
    """The directory's socket, in a folder that only its user may enter."""
    return "ldapi://" + f"{folder}/socket".replace("/", "%2F")


def _run(
    program: str, *arguments: str, given: str, environment: dict[str, str] | None = None
) -> str:
    """A program to its end; what it printed. AssertionError with that when it fails."""
    done = subprocess.run(
        [str(shutil.which(program, path=_PATH)), *arguments],
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        env={**os.environ, **(environment or {})},
        check=False,
    )
    assert done.returncode == 0, f"{program}: {done.stdout}"
    return done.stdout


@contextlib.contextmanager
def _server(log: pathlib.Path, program: str, *arguments: str) -> Iterator[None]:
    """A server that stays in the foreground, ended with the block."""
    with log.open("wb") as written:
        process = subprocess.Popen(
            [str(shutil.which(program, path=_PATH)), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(there: t.Callable[[], bool], log: pathlib.Path) -> None:
    ends = time.monotonic() + _START
    while not there():
        said = log.read_text(encoding="utf-8", errors="replace")
        assert time.monotonic() < ends, f"it did not start: {said}"
        time.sleep(0.02)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(path: pathlib.Path) -> bool:
    """A socket's file is there before anybody listens."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
