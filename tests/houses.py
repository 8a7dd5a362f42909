"""One house at work on a database of its own, for tests that go through its doors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from ocop.databases import HouseDatabase
from shared.clock import Clock
from shared.eventstore.migrate import migrate
from shared.house import House, Rooms, running


@asynccontextmanager
async def at_work(
    rooms: Rooms, database: HouseDatabase, key: Any, *, clock: Clock | None = None, files: Any = None
) -> AsyncIterator[tuple[House, httpx.AsyncClient]]:
    """Migrated, its tasks running, and a client at its doors; all ended afterwards, also when the test fails."""
    await migrate(database.owner_dsn, database.server_role, rooms.room)
    house = House(rooms, database.server_dsn, clock or Clock(), key, files)
    await house.store.open()
    transport = httpx.ASGITransport(house.app())
    try:
        async with running(*house.tasks()), httpx.AsyncClient(transport=transport, base_url="http://house") as client:
            yield house, client
    finally:
        await house.store.close()
