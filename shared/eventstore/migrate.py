"""Brings a house's database to the present schema, as its owner. Views are made anew when their file has changed.

A new database is made of schema.sql; one of an earlier version goes through the migrations after it, `migrations/0002.sql`
and so on, to the same tables and rights. functions.sql is made anew each time. All of it is one transaction: it is done
whole, or not at all.
"""

import hashlib
from pathlib import Path

import asyncpg

from shared.eventstore.sql import STORE, Statements
from shared.eventstore.views import Room

SCHEMA = Path(__file__).with_name("schema.sql")
FUNCTIONS = Path(__file__).with_name("functions.sql")
MIGRATIONS = {int(file.stem): file for file in sorted(Path(__file__).with_name("migrations").glob("*.sql"))}
VERSION = max(MIGRATIONS)
SQL = Statements(Path(__file__).with_name("migrate.sql"))


class OfLaterVersion(RuntimeError):
    """The database was migrated by a later program; this one does not know its tables."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"cơ sở dữ liệu ở phiên bản {version}, chương trình này chỉ biết đến {VERSION} / "
            f"the database is of version {version}, this program knows {VERSION} at most"
        )


async def migrate(owner_dsn: str, server_role: str, room: Room) -> bool:
    """Returns whether the views were made anew (they then fill themselves from the feed). Safe to run again.

    Raises OfLaterVersion.
    """
    connection = await asyncpg.connect(owner_dsn)
    try:
        async with connection.transaction():
            await connection.execute(SQL.one_at_a_time)
            await connection.execute(SQL.version_table)
            await _schema(connection, server_role)
            await connection.execute(_text(FUNCTIONS, server_role))
            return await _views(connection, room)
    finally:
        await connection.close()


async def version_of(connection: asyncpg.Connection) -> int | None:
    """The version of a database's schema; None where it has none yet."""
    if not await connection.fetchval(SQL.has_version):
        return None
    return await connection.fetchval(SQL.version)


async def _schema(connection: asyncpg.Connection, server_role: str) -> None:
    version = await connection.fetchval(SQL.version)
    if version is None:
        await connection.execute(_text(SCHEMA, server_role))
        await connection.execute(SQL.first_version, VERSION)
        return
    if version > VERSION:
        raise OfLaterVersion(version)
    for number in range(version + 1, VERSION + 1):
        await connection.execute(_text(MIGRATIONS[number], server_role))
        await connection.execute(SQL.next_version, number)


def _text(file: Path, server_role: str) -> str:
    return file.read_text(encoding="utf-8").replace(":server", f'"{server_role}"')


async def _views(connection: asyncpg.Connection, room: Room) -> bool:
    mark = mark_of(room)
    if await connection.fetchval(SQL.views_made_of) == mark:
        return False
    for table in (table for view in room.views for table in view.tables):
        await connection.execute(SQL.drop_view_table.format(table=table))
    await make_tables(connection, room, "views")
    await connection.execute(STORE.forget_views)
    await connection.execute(SQL.views_are_made_of, mark)
    return True


def mark_of(room: Room) -> str:
    """Of the text that makes the tables of a house's views."""
    return hashlib.sha256(room.tables.encode()).hexdigest()


async def make_tables(connection: asyncpg.Connection, room: Room, schema: str) -> None:
    """Makes the tables of a house's views in a schema: the serving one, or a shadow."""
    await connection.execute(SQL.work_in.format(schema=schema))
    await connection.execute(room.tables)
    await connection.execute(SQL.work_in.format(schema="public"))
