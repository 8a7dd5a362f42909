"""A store on a database of its own, for tests of whatever stands on one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from ocop.databases import HouseDatabase
from shared.eventstore.migrate import migrate
from shared.eventstore.store import EventStore
from shared.eventstore.views import Room


@asynccontextmanager
async def opened(database: HouseDatabase, room: Room) -> AsyncIterator[EventStore]:
    """The store of a database that has just got a room's tables."""
    await migrate(database.owner_dsn, database.server_role, room)
    async with store_on(room.house, database.server_dsn) as store:
        yield store


@asynccontextmanager
async def store_on(house: str, dsn: str) -> AsyncIterator[EventStore]:
    """A store on tables that are there, as each process has one; closed afterwards, also when the test fails."""
    store = EventStore(house, dsn)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def owned(database: HouseDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the role that may do everything in the database."""
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        yield connection
    finally:
        await connection.close()
