"""Brings a house's database to the present schema, as its owner. Views are made anew when their file has changed."""

import hashlib
from pathlib import Path

import asyncpg

from shared.eventstore.sql import STORE
from shared.eventstore.views import Room

SCHEMA = Path(__file__).with_name("schema.sql")
ADMIN = Path(__file__).with_name("migrate.sql").read_text(encoding="utf-8")


async def migrate(owner_dsn: str, server_role: str, room: Room) -> bool:
    """Returns whether the views were made anew (they then fill themselves from the feed). Safe to run again."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        async with connection.transaction():
            await connection.execute(ADMIN)
            if await connection.fetchval("TABLE schema_version") is None:
                schema = SCHEMA.read_text(encoding="utf-8").replace(":server", f'"{server_role}"')
                await connection.execute(schema)
                await connection.execute("INSERT INTO schema_version VALUES (1, '')")
            return await _views(connection, room)
    finally:
        await connection.close()


async def _views(connection: asyncpg.Connection, room: Room) -> bool:
    mark = hashlib.sha256(room.sql.tables.encode()).hexdigest()
    if await connection.fetchval("SELECT views FROM schema_version") == mark:
        return False
    for table in (table for view in room.views for table in view.tables):
        await connection.execute(f"DROP TABLE IF EXISTS views.{table} CASCADE")
    await make_tables(connection, room, "views")
    await connection.execute(STORE.forget_views)
    await connection.execute("UPDATE schema_version SET views = $1", mark)
    return True


async def make_tables(connection: asyncpg.Connection, room: Room, schema: str) -> None:
    """Makes the tables of a house's views in a schema: the serving one, or a shadow."""
    await connection.execute(f"SET LOCAL search_path = {schema}, public")
    await connection.execute(room.sql.tables)
    await connection.execute("SET LOCAL search_path = public")
