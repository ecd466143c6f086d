"""Mirroring endpoints and sessions. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.model import Sql
from . import quote
from .guard import changing, guarded, role_is, state_is, step


def create_endpoint(name: str, port: int, role: str, owner: str) -> Sql:
    return guarded(
        "NOT EXISTS (SELECT 1 FROM sys.database_mirroring_endpoints)",
        "a mirroring endpoint exists by now",
        f"CREATE ENDPOINT {quote.identifier(name)} AUTHORIZATION {quote.identifier(owner)} STATE ="
        f" STARTED AS TCP (LISTENER_PORT = {int(port)}, LISTENER_IP = ALL) FOR DATABASE_MIRRORING"
        " (AUTHENTICATION = WINDOWS NEGOTIATE, ENCRYPTION = REQUIRED ALGORITHM AES, ROLE ="
        f" {role.upper()});",
    )


def alter_endpoint(name: str, clause: str) -> Sql:
    """``clause``: STATE = STARTED, or FOR DATABASE_MIRRORING (...)."""
    return guarded(
        "EXISTS (SELECT 1 FROM sys.database_mirroring_endpoints WHERE name ="
        f" {quote.literal(name)})",
        "the endpoint is gone",
        f"ALTER ENDPOINT {quote.identifier(name)} {clause};",
    )


def drop_endpoint(name: str) -> Sql:
    return guarded(
        "EXISTS (SELECT 1 FROM sys.database_mirroring_endpoints WHERE name ="
        f" {quote.literal(name)}) AND NOT EXISTS (SELECT 1 FROM sys.database_mirroring WHERE"
        " mirroring_guid IS NOT NULL)",
        "the endpoint is gone, or a database is mirrored over it",
        f"DROP ENDPOINT {quote.identifier(name)};",
    )


def grant_connect(endpoint: str, account: str) -> Sql:
    who = quote.account(account)
    login = step(
        f"IF SUSER_ID({quote.literal(account)}) IS NULL CREATE LOGIN {who} FROM WINDOWS;",
        "CREATE LOGIN",
    )
    return changing(f"{login}GRANT CONNECT ON ENDPOINT::{quote.identifier(endpoint)} TO {who};")


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
    return _on(
        database, "PRINCIPAL", f"WITNESS = {quote.address(address)}" if address else "WITNESS OFF"
    )


def set_safety(database: str, level: str) -> Sql:
    return _on(database, "PRINCIPAL", f"PARTNER SAFETY {level.upper()}")


def set_timeout(database: str, seconds: int) -> Sql:
    return _on(database, "PRINCIPAL", f"PARTNER TIMEOUT {int(seconds)}")


def resume(database: str) -> Sql:
    return _on(database, "PRINCIPAL", "PARTNER RESUME")


def fail_over(database: str) -> Sql:
    return _on(database, "PRINCIPAL", "PARTNER FAILOVER")


def force_service(database: str) -> Sql:
    return _on(database, "MIRROR", "PARTNER FORCE_SERVICE_ALLOW_DATA_LOSS")


def remove_partner(database: str, role: str) -> Sql:
    return _on(database, role, "PARTNER OFF")
