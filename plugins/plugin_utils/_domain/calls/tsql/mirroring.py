"""Mirroring endpoints and sessions. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.model import Sql
from . import quote
from .guard import changing, guarded, role_is, state_is
from .logins import have_login
from .text import one_line


def create_endpoint(name: str, port: int, role: str, owner: str) -> Sql:
    """The instance's only mirroring endpoint, started. ``role``: ALL, PARTNER or WITNESS."""
    return guarded(
        "NOT EXISTS (SELECT 1 FROM sys.database_mirroring_endpoints)",
        "a mirroring endpoint exists by now",
        f"""
        CREATE ENDPOINT {quote.identifier(name)}
        AUTHORIZATION {quote.identifier(owner)}
        STATE = STARTED
        AS TCP (LISTENER_PORT = {int(port)}, LISTENER_IP = ALL)
        FOR DATABASE_MIRRORING (AUTHENTICATION = WINDOWS NEGOTIATE,
                                ENCRYPTION = REQUIRED ALGORITHM AES,
                                ROLE = {role.upper()});
        """,
    )


def alter_endpoint(name: str, clause: str) -> Sql:
    """``clause``: STATE = STARTED, or FOR DATABASE_MIRRORING (...)."""
    return guarded(
        _is_there(name),
        "the endpoint is gone",
        f"ALTER ENDPOINT {quote.identifier(name)} {clause};",
    )


def drop_endpoint(name: str) -> Sql:
    """Only while no database is mirrored over it."""
    unused = one_line("""
        NOT EXISTS (SELECT 1
                    FROM sys.database_mirroring
                    WHERE mirroring_guid IS NOT NULL)
    """)
    return guarded(
        f"{_is_there(name)} AND {unused}",
        "the endpoint is gone, or a database is mirrored over it",
        f"DROP ENDPOINT {quote.identifier(name)};",
    )


def _is_there(endpoint: str) -> str:
    return one_line(f"""
        EXISTS (SELECT 1
                FROM sys.database_mirroring_endpoints
                WHERE name = {quote.literal(endpoint)})
    """)


def grant_connect(endpoint: str, account: str) -> Sql:
    """A login for the account (DOMAIN\\name) if it has none, and CONNECT on the endpoint."""
    who = quote.account(account)
    return changing(f"""
        {have_login(account)}
        GRANT CONNECT ON ENDPOINT::{quote.identifier(endpoint)} TO {who};
    """)


def set_partner(database: str, address: str, state: str) -> Sql:
    """On the RESTORING copy first, then on the online one (``state``: what this copy is)."""
    return guarded(
        f"{state_is(database, state)} AND {role_is(database, None)}",
        f"{database} is not an unmirrored {state} copy any more",
        f"ALTER DATABASE {quote.identifier(database)} SET PARTNER = {quote.address(address)};",
    )


def _on(database: str, role: str, clause: str) -> Sql:
    return guarded(
        role_is(database, role),
        f"this copy of {database} is not the {role.lower()} any more",
        f"ALTER DATABASE {quote.identifier(database)} SET {clause};",
    )


def set_witness(database: str, address: str) -> Sql:
    """``address`` '': no witness."""
    clause = "WITNESS OFF"
    if address:
        clause = f"WITNESS = {quote.address(address)}"
    return _on(database, "PRINCIPAL", clause)


def set_safety(database: str, level: str) -> Sql:
    """``level``: full or off."""
    return _on(database, "PRINCIPAL", f"PARTNER SAFETY {level.upper()}")


def set_timeout(database: str, seconds: int) -> Sql:
    """How long a partner may be silent before it counts as lost."""
    return _on(database, "PRINCIPAL", f"PARTNER TIMEOUT {int(seconds)}")


def resume(database: str) -> Sql:
    """A session that is SUSPENDED goes on."""
    return _on(database, "PRINCIPAL", "PARTNER RESUME")


def fail_over(database: str) -> Sql:
    """The roles change without loss, asked of the principal."""
    return _on(database, "PRINCIPAL", "PARTNER FAILOVER")


def force_service(database: str) -> Sql:
    """One-way: the mirror becomes principal without what the lost one had not sent."""
    return _on(database, "MIRROR", "PARTNER FORCE_SERVICE_ALLOW_DATA_LOSS")


def remove_partner(database: str, role: str) -> Sql:
    """The session ends. ``role``: that of the copy where this is asked."""
    return _on(database, role, "PARTNER OFF")
