"""Brings a house's database to the present schema, as its owner. Views are made anew when their file has changed."""

import hashlib
from pathlib import Path

import asyncpg

from shared.eventstore.sql import STORE, Statements
from shared.eventstore.views import Room

SCHEMA = Path(__file__).with_name("schema.sql")
SQL = Statements(Path(__file__).with_name("migrate.sql"))


async def migrate(owner_dsn: str, server_role: str, room: Room) -> bool:
    """Returns whether the views were made anew (they then fill themselves from the feed). Safe to run again."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        async with connection.transaction():
            await connection.execute(SQL.version_table)
            if await connection.fetchval(SQL.version) is None:
                schema = SCHEMA.read_text(encoding="utf-8").replace(":server", f'"{server_role}"')
                await connection.execute(schema)
                await connection.execute(SQL.first_version)
            return await _views(connection, room)
    finally:
        await connection.close()


async def _views(connection: asyncpg.Connection, room: Room) -> bool:
    mark = hashlib.sha256(room.tables.encode()).hexdigest()
    if await connection.fetchval(SQL.views_made_of) == mark:
        return False
    for table in (table for view in room.views for table in view.tables):
        await connection.execute(SQL.drop_view_table.format(table=table))
    await make_tables(connection, room, "views")
    await connection.execute(STORE.forget_views)
    await connection.execute(SQL.views_are_made_of, mark)
    return True


async def make_tables(connection: asyncpg.Connection, room: Room, schema: str) -> None:
    """Makes the tables of a house's views in a schema: the serving one, or a shadow."""
    await connection.execute(SQL.work_in.format(schema=schema))
    await connection.execute(room.tables)
    await connection.execute(SQL.work_in.format(schema="public"))
