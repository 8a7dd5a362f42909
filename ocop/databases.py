"""Roles and databases of the houses: one database each, owned by a role that migrates, served by one that cannot."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import asyncpg

from ocop.postgres import Server
from shared.eventstore.migrate import version_of
from shared.eventstore.sql import Statements

SQL = Statements(Path(__file__).with_suffix(".sql"))


@dataclass(frozen=True, slots=True)
class HouseDatabase:
    """How a house reaches its database: as the owner to migrate, as the server to work."""

    name: str
    owner_dsn: str
    server_dsn: str
    server_role: str


async def prepare(
    server: Server, houses: Iterable[str], passwords: Mapping[str, str] = MappingProxyType({})
) -> dict[str, HouseDatabase]:
    """Makes what is missing of roles and databases, by house. Safe to run again, also by several programs at once.

    `passwords`: by house, of the role that serves, for houses that are told theirs by their operator.
    Raises asyncpg.PostgresError when the administrator may not create roles or databases.
    """
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        await connection.execute(SQL.one_at_a_time)
        return {
            house: await make(connection, server, house, f"ocop_{house}", password=passwords.get(house))
            for house in houses
        }
    finally:
        await connection.close()


async def make(
    connection: asyncpg.Connection, server: Server, house: str, database: str, template: str = "template0", *,
    password: str | None = None,
) -> HouseDatabase:  # fmt: skip
    """One database of a house, as a copy of another one on the same server if asked.

    `password`: of the role that serves; by default derived from the administrator's.
    """
    owner, serving = f"{house}_owner", f"{house}_server"
    for row in await connection.fetch(SQL.missing, database, owner, serving, template):
        await connection.execute(row["statement"])
    secrets = _passwords(server.admin_dsn, (owner, serving)) | ({serving: password} if password else {})
    for role, secret in secrets.items():
        await connection.execute(await connection.fetchval(SQL.set_password, role, secret))
    return HouseDatabase(
        database,
        _dsn(server.admin_dsn, owner, secrets.get(owner), database),
        _dsn(server.admin_dsn, serving, secrets.get(serving), database),
        serving,
    )


async def looked_into(database: HouseDatabase) -> tuple[int | None, bool]:
    """(version of its schema, None where it has none; whether the house is at work on it)."""
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        return await version_of(connection), await connection.fetchval(SQL.at_work, database.server_role)
    finally:
        await connection.close()


async def remove(connection: asyncpg.Connection, database: str) -> None:
    """Drops a database with the sessions on it."""
    await connection.execute(await connection.fetchval(SQL.remove, database))


def _passwords(admin_dsn: str, roles: Iterable[str]) -> dict[str, str]:
    """Derived from the administrator's password, so that programs sharing a server agree and none is kept in a file.

    Without one (the embedded server trusts whoever may enter its socket's folder) the roles have none either.
    """
    password = urlsplit(admin_dsn).password
    if password is None:
        return {}
    key = hashlib.scrypt(unquote(password).encode(), salt=b"ocop: roles of the houses", n=2**14, r=8, p=1)
    return {role: hmac.new(key, role.encode(), hashlib.sha256).hexdigest() for role in roles}


def _dsn(admin_dsn: str, role: str, password: str | None, database: str) -> str:
    parts = urlsplit(admin_dsn)
    _, _, place = parts.netloc.rpartition("@")
    who = quote(role) if password is None else f"{quote(role)}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{who}@{place}", path=f"/{quote(database)}"))
